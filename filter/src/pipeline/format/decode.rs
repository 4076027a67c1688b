//! Backend encodings: the body of a backend's response becomes the table that everything after works on.
//! Knows nothing of status codes, compression or headers.

use std::fmt;

use crate::config::Encoding;
use crate::data::{List, ParseError, Str, Table, Value, parse};

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// It is not JSON.
    NotJson(ParseError),
    /// It is another kind of JSON than the backend's settings say.
    WrongKind {
        /// What the settings say.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
}

/// Reads a body. Of a body that is `null` a nil table comes: empty, and `null` again if nothing is set in it.
///
/// # Errors
/// [`DecodeError`] if it is not what the encoding calls for.
pub(crate) fn decode(encoding: Encoding, is_collection: bool, body: impl Into<Vec<u8>>) -> Result<Table, DecodeError> {
    let value = match encoding {
        Encoding::NoOp => return Ok(Table::new()),
        Encoding::String => return Ok(under("content", Value::String(Str::from(body.into())))),
        Encoding::Json | Encoding::SafeJson => parse(body).map_err(DecodeError::NotJson)?,
    };
    match (encoding, is_collection, value) {
        (Encoding::SafeJson, _, Value::Table(table)) | (_, false, Value::Table(table)) => Ok(table),
        (Encoding::SafeJson, _, list @ Value::List(_)) | (_, true, list @ Value::List(_)) => {
            Ok(under("collection", list))
        }
        (Encoding::SafeJson, _, other) => Ok(under("content", other)),
        (_, false, Value::Null) => Ok(Table::nil()),
        (_, true, Value::Null) => Ok(under("collection", Value::List(List::nil()))),
        (_, true, other) => Err(wrong_kind("array", &other)),
        (_, false, other) => Err(wrong_kind("object", &other)),
    }
}

fn under(key: &str, value: Value) -> Table {
    let table = Table::new();
    table.set(Str::from(key), value);
    table
}

fn wrong_kind(wanted: &'static str, found: &Value) -> DecodeError {
    DecodeError::WrongKind { wanted, found: found.kind() }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => error.fmt(f),
            Self::WrongKind { wanted: "array", found } => {
                write!(f, "the body is a JSON {found}, and is_collection calls for an array")
            }
            Self::WrongKind { wanted, found } => write!(
                f,
                "the body is a JSON {found}, not an {wanted} (is_collection and encoding: safejson read others)"
            ),
        }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::write_table;

    fn named(encoding: &str) -> Encoding {
        match encoding {
            "safejson" => Encoding::SafeJson,
            "string" => Encoding::String,
            "no-op" => Encoding::NoOp,
            _ => Encoding::Json,
        }
    }

    fn decoded(encoding: &str, is_collection: bool, body: &str) -> String {
        match decode(named(encoding), is_collection, body) {
            Ok(table) => String::from_utf8(write_table(&table, 1000).unwrap()).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_encoding_reads_what_the_recorded_cases_show() {
        let rows = [
            ("json", false, r#"{"a":1} trailing"#, r#"{"a":1}"#),
            ("", false, r#"{"a":1.0}"#, r#"{"a":1.0}"#),
            ("json", true, "[1, 2]", r#"{"collection":[1,2]}"#),
            ("json", false, "null", "null"),
            ("json", true, "null", r#"{"collection":null}"#),
            ("safejson", false, "[1, 2]", r#"{"collection":[1,2]}"#),
            ("safejson", true, r#"{"a":1}"#, r#"{"a":1}"#),
            ("safejson", false, "5", r#"{"content":5}"#),
            ("safejson", false, "null", r#"{"content":null}"#),
            ("string", false, r#"{"raw":1}"#, r#"{"content":"{\"raw\":1}"}"#),
            ("string", false, "", r#"{"content":""}"#),
            ("no-op", false, "anything", "{}"),
        ];
        for (encoding, is_collection, body, data) in rows {
            assert_eq!(decoded(encoding, is_collection, body), data, "{encoding} {body}");
        }
    }

    #[test]
    fn the_wrong_kind_of_json_is_an_error_that_says_how_to_mend_it() {
        assert_eq!(
            decoded("json", true, r#"{"a": 1}"#),
            "the body is a JSON object, and is_collection calls for an array"
        );
        assert!(decoded("json", false, "[1, 2]").starts_with("the body is a JSON array, not an object (is_collection"));
        assert!(decoded("json", false, r#""str""#).starts_with("the body is a JSON string"));
    }

    #[test]
    fn broken_bodies_are_errors() {
        assert_eq!(decoded("json", false, ""), "the body is empty, not JSON");
        assert_eq!(decoded("json", false, r#"{"a":1"#), "the JSON ends too early, after 6 bytes");
        assert!(decoded("safejson", false, "<html>").starts_with("the body is not JSON: '<'"));
    }
}
