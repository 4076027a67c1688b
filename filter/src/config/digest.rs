//! The digest of a piece of a document: the one way in which `bundle` and the module tell whether a block is still the same.
//! Knows JSON, and nothing of its meaning.

use std::fmt::Write;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of a JSON value in 64 hexadecimal digits. The order of the keys and the spelling of numbers do not matter (Envoy
/// gives a configuration's numbers as floats).
#[must_use]
pub fn digest(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    let mut digits = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(digits, "{byte:02x}"); // writing to a String cannot fail, here and below
    }
    digits
}

// Recursion is safe here: it goes as deep as serde_json reads.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(number) => drop(write!(out, "{number:?}")),
            None => drop(write!(out, "{number}")),
        },
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (key, item) in entries {
                let _ = write!(out, "{key:?}:");
                write(item, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::String(text) => drop(write!(out, "{text:?}")),
        other => drop(write!(out, "{other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_digest_tells_what_differs_and_not_how_it_is_spelled() {
        let parsed = |text: &str| digest(&serde_json::from_str(text).unwrap());
        assert_eq!(parsed(r#"{"b": 1, "a": [1.5, null]}"#), parsed(r#"{"a": [15e-1, null], "b": 1.0}"#));
        let all =
            [json!({}), json!([]), json!(null), json!("1"), json!(1), json!("null"), json!({"a": 1}), json!(["a", 1])];
        for (number, one) in all.iter().enumerate() {
            assert!(all.iter().skip(number + 1).all(|other| digest(one) != digest(other)), "{one}");
        }
        assert_ne!(digest(&json!({"a": "b"})), digest(&json!({"a": "b", "c": null})));
        assert_eq!(digest(&json!({})).len(), 64);
    }
}
