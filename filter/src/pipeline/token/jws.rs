//! A token in its compact form, taken apart: header and payload as JSON. Knows no signature, and not what the claims mean.

use super::base64url::{decode, is_of_a_token};
use crate::data::{Table, Value, parse};

/// A token that has not been verified yet.
#[derive(Clone, Debug)]
pub(super) struct Jws {
    /// The token's header.
    pub(super) header: Table,
    /// The token's claims.
    pub(super) claims: Table,
    /// The text that the claims were read from.
    pub(super) payload: Vec<u8>,
}

impl Jws {
    /// Reads a token from a text; `None` if KrakenD would not read it, either.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        if !text.iter().copied().all(is_of_a_token) {
            return None;
        }
        let parts: Vec<&[u8]> = text.split(|byte| *byte == b'.').collect();
        let [header, payload, signature] = <[&[u8]; 3]>::try_from(parts).ok()?;
        decode(signature)?;
        let (header, payload) = (decode(header)?, decode(payload)?);
        Some(Self { header: object(&header)?, claims: object(&payload)?, payload })
    }
}

/// Reads a text that must be one JSON object and nothing else. As in go-jose, no object in it may have the same key twice.
fn object(text: &[u8]) -> Option<Table> {
    let Value::Table(table) = parse(text).ok()? else { return None };
    (Outline::of(text)? == Outline { keys: keys_in_table(&table), ends: true }).then_some(table)
}

/// The outline of a JSON text, found without looking at its values.
#[derive(PartialEq, Eq)]
struct Outline {
    /// The number of keys that are written.
    keys: usize,
    /// Nothing follows the value.
    ends: bool,
}

impl Outline {
    fn of(text: &[u8]) -> Option<Self> {
        let (mut depth, mut keys) = (0_usize, 0_usize);
        let mut bytes = text.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => skip_string(&mut bytes)?,
                b'{' | b'[' => depth = depth.checked_add(1)?,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                b':' => keys = keys.checked_add(1)?,
                _ => {}
            }
            if depth == 0 && matches!(byte, b'}' | b']') {
                return Some(Self { keys, ends: bytes.all(u8::is_ascii_whitespace) });
            }
        }
        None
    }
}

// Skips to the end of a string, after the closing quote.
fn skip_string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Option<()> {
    loop {
        match bytes.next()? {
            b'"' => return Some(()),
            b'\\' => drop(bytes.next()?),
            _ => {}
        }
    }
}

fn keys_in_table(table: &Table) -> usize {
    table.entries().iter().fold(table.len(), |sum, (_, value)| sum.saturating_add(keys_in(value)))
}

fn keys_in(value: &Value) -> usize {
    match value {
        Value::Table(table) => keys_in_table(table),
        Value::List(list) => list.items().iter().fold(0, |sum, item| sum.saturating_add(keys_in(item))),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_each_key_once_and_nothing_behind_it() {
        let fine = [r#"{}"#, r#" {"a": {"a": [{"b:": "\"{:"}, {"b:": 1}]}} "#, r#"{"a": "\\"}"#];
        for text in fine {
            assert!(object(text.as_bytes()).is_some(), "{text}");
        }
        let broken = [
            "",
            "[]",
            "1",
            "null",
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": [{"b": 1, "\u0062": 2}]}"#,
            r#"{"a": 1} x"#,
            "{}{}",
            r#"{"a": 1"#,
            r#"{"a": "b}"#,
        ];
        for text in broken {
            assert!(object(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_has_three_parts_of_its_own_letters() {
        assert!(Jws::read(b"e30.e30.").is_some());
        for text in [
            "",
            "e30",
            "e30.e30",
            "e30.e30.e30.",
            "e30.e30.a",
            "e30.e30.=",
            " e30.e30.",
            "e30.e30.,e30.e30.",
            "..",
            "W10.e30.",
        ] {
            assert!(Jws::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
