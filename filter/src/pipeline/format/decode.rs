//! Backend encodings: the body of a backend's response becomes the table that all later steps work on. Knows nothing of status
//! codes, compression or headers.

use super::decode_error::DecodeError;
#[cfg(feature = "rss")]
use super::feed;
#[cfg(feature = "xml")]
use super::xml;
#[cfg(feature = "yaml")]
use super::yaml;
use crate::config::Encoding;
use crate::data::{List, Str, Table, Value, parse};

/// Reads a body. The body `null` becomes a nil table: it is empty, and `null` again if nothing is set in it. A short text that
/// stands for much data, as YAML's aliases can, may stand for `max_bytes` at most.
///
/// # Errors
/// [`DecodeError`] if the body does not have the form that the encoding needs.
#[inline(never)] // V8 takes much memory to compile a large function.
pub(crate) fn decode_within(
    max_bytes: u64,
    encoding: Encoding,
    is_collection: bool,
    body: impl Into<Vec<u8>>,
) -> Result<Table, DecodeError> {
    let body = body.into();
    let (value, notation) = match encoding {
        Encoding::NoOp => return Ok(Table::new()),
        Encoding::String => return Ok(under("content", Value::String(Str::from(body)))),
        Encoding::Json | Encoding::SafeJson => (parse(body).map_err(DecodeError::NotJson)?, "JSON"),
        #[cfg(feature = "xml")]
        Encoding::Xml => {
            let document = xml::read(&body).map_err(DecodeError::other)?;
            return Ok(if is_collection { under("collection", Value::Table(document)) } else { document });
        }
        #[cfg(feature = "rss")]
        Encoding::Rss => return feed::read(body).map_err(DecodeError::other),
        #[cfg(feature = "yaml")]
        Encoding::Yaml => match yaml::read(&body, max_bytes) {
            Ok(value) => (value, "YAML"),
            Err(yaml::YamlError::TooLarge) => return Err(DecodeError::TooLarge { limit: max_bytes }),
            Err(error) => return Err(DecodeError::other(error)),
        },
        #[cfg(not(all(feature = "xml", feature = "rss", feature = "yaml")))]
        _ => return Err(DecodeError::Other(format!("this build does not read {encoding:?} within {max_bytes} bytes"))),
    };
    match (encoding, is_collection, value) {
        (Encoding::SafeJson, _, Value::Table(table)) | (_, false, Value::Table(table)) => Ok(table),
        (Encoding::SafeJson, _, list @ Value::List(_)) | (_, true, list @ Value::List(_)) => {
            Ok(under("collection", list))
        }
        (Encoding::SafeJson, _, other) => Ok(under("content", other)),
        (_, false, Value::Null) => Ok(Table::nil()),
        (_, true, Value::Null) => Ok(under("collection", Value::List(List::nil()))),
        (_, true, other) => Err(wrong_kind(notation, "array", &other)),
        (_, false, other) => Err(wrong_kind(notation, "object", &other)),
    }
}

/// The same without a limit, for JSON and text, which cannot stand for more data than they have bytes.
///
/// # Errors
/// As [`decode_within`].
#[cfg(test)]
pub(crate) fn decode(encoding: Encoding, is_collection: bool, body: impl Into<Vec<u8>>) -> Result<Table, DecodeError> {
    decode_within(u64::MAX, encoding, is_collection, body)
}

fn under(key: &str, value: Value) -> Table {
    let table = Table::new();
    table.set(Str::from(key), value);
    table
}

fn wrong_kind(notation: &'static str, wanted: &'static str, found: &Value) -> DecodeError {
    DecodeError::WrongKind { notation, wanted, found: found.kind() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::write_table;

    fn named(encoding: &str) -> Encoding {
        match encoding {
            "safejson" => Encoding::SafeJson,
            "string" => Encoding::String,
            "no-op" => Encoding::NoOp,
            "xml" => Encoding::Xml,
            "rss" => Encoding::Rss,
            "yaml" => Encoding::Yaml,
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
            ("xml", false, "<r><a>1</a></r>", r#"{"r":{"a":"1"}}"#),
            ("xml", true, "<r><a>1</a></r>", r#"{"collection":{"r":{"a":"1"}}}"#),
            ("yaml", false, "a: 1", r#"{"a":1}"#),
            ("yaml", true, "- a", r#"{"collection":["a"]}"#),
            ("yaml", false, "", "null"),
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
        assert!(decoded("yaml", false, "- a").starts_with("the body is a YAML array, not an object (is_collection"));
    }

    #[test]
    fn broken_bodies_are_errors() {
        assert_eq!(decoded("json", false, ""), "the body is empty, not JSON");
        assert_eq!(decoded("json", false, r#"{"a":1"#), "the JSON ends too early, after 6 bytes");
        assert!(decoded("safejson", false, "<html>").starts_with("the body is not JSON: '<'"));
    }
}
