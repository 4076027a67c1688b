//! JSON that may stand in YAML unchanged: every character is one that YAML can print, so that no parser reads a letter of JSON
//! as a line end or a mark, or drops it.

use std::fmt::Write;

use serde_json::Value;

/// A document, written on many lines.
pub(super) fn pretty(json: &Value) -> String {
    printable(&format!("{json:#}"))
}

/// A text in quotes: a scalar in JSON and in YAML.
pub(super) fn quoted(text: &str) -> String {
    printable(&Value::from(text).to_string())
}

// The characters that JSON leaves unescaped and YAML cannot print stand only inside strings, where they can be escaped.
fn printable(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c)); // writing to a String cannot fail
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_does_not_print_is_escaped() {
        assert_eq!(
            quoted("a\u{85}b\u{2028}c\u{feff}\u{7f}\0\r\n\t\"\\é😀"),
            r#""a\u0085b\u2028c\ufeff\u007f\u0000\r\n\t\"\\é😀""#
        );
    }

    #[test]
    fn a_document_keeps_its_numbers() {
        let json: Value = serde_json::from_str(r#"{"n": 12345678901234567890.10}"#).unwrap_or_default();
        assert_eq!(pretty(&json), "{\n  \"n\": 12345678901234567890.10\n}");
    }
}
