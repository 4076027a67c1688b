//! Output encodings: the endpoint's data becomes the body that the client gets, and its content type. `no-op` bodies never were
//! data and do not come here.

use super::write_error::EncodeError;
#[cfg(feature = "xml")]
use super::xml;
#[cfg(feature = "yaml")]
use super::yaml;
use crate::config::OutputEncoding;
use crate::data::{Table, Value, write, write_table};

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
#[cfg(feature = "xml")]
const XML: &str = "application/xml";
#[cfg(feature = "yaml")]
const YAML: &str = "application/yaml; charset=utf-8";

/// The body of an answer with this data, at most `max_bytes` long, and its content type. `output` is already chosen if the
/// client may choose.
///
/// # Errors
/// [`EncodeError`] if the data has no text in this encoding.
pub(crate) fn encode(
    output: OutputEncoding,
    data: &Table,
    max_bytes: usize,
) -> Result<(Vec<u8>, &'static str), EncodeError> {
    let body = match output {
        #[cfg(feature = "xml")]
        OutputEncoding::Xml => return Ok((xml::write(data, max_bytes)?, XML)),
        #[cfg(feature = "yaml")]
        OutputEncoding::Yaml => return Ok((yaml::write(data, max_bytes)?, YAML)),
        OutputEncoding::JsonCollection => match data.get(b"collection") {
            Some(collection) => write(&collection, max_bytes)?,
            None => b"[]".to_vec(),
        },
        OutputEncoding::String => {
            let text = match data.get(b"content") {
                Some(Value::String(text)) => text.as_bytes().to_vec(),
                _ => Vec::new(),
            };
            return Ok((text, TEXT));
        }
        OutputEncoding::NoOp => return Ok((Vec::new(), TEXT)),
        _ => write_table(data, max_bytes)?,
    };
    Ok((body, JSON))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::pipeline::format::decode;

    fn encoded(output: &str, encoding: &str, is_collection: bool, body: &str) -> (String, &'static str) {
        let read = if encoding == "string" { Encoding::String } else { Encoding::Json };
        let written = match output {
            "json-collection" => OutputEncoding::JsonCollection,
            "negotiate" => OutputEncoding::Negotiate,
            "string" => OutputEncoding::String,
            "xml" => OutputEncoding::Xml,
            "yaml" => OutputEncoding::Yaml,
            _ => OutputEncoding::Json,
        };
        let data = decode(read, is_collection, body).unwrap();
        let (body, content_type) = encode(written, &data, 1000).unwrap();
        (String::from_utf8(body).unwrap(), content_type)
    }

    #[test]
    fn every_output_encoding_answers_as_the_recorded_cases_show() {
        let rows = [
            ("json", "json", false, r#"{"z":1,"a":2}"#, r#"{"a":2,"z":1}"#, JSON),
            ("negotiate", "json", false, r#"{"a": 1}"#, r#"{"a":1}"#, JSON),
            ("json-collection", "json", true, "[1, {\"b\": 1.0}]", r#"[1,{"b":1.0}]"#, JSON),
            ("json-collection", "json", false, r#"{"a":1}"#, "[]", JSON),
            ("json-collection", "json", false, r#"{"collection":{"1":"a"}}"#, r#"{"1":"a"}"#, JSON),
            ("string", "string", false, "plain <text>", "plain <text>", TEXT),
            ("string", "json", false, r#"{"content":5}"#, "", TEXT),
            ("string", "json", false, "{}", "", TEXT),
            ("json", "string", false, "{}", r#"{"content":"{}"}"#, JSON),
            ("json", "json", false, "null", "null", JSON),
            ("xml", "json", false, "null", "<doc/>", XML),
            ("xml", "json", false, r#"{"a":1}"#, "<a>1</a>", XML),
            ("yaml", "json", false, r#"{"a":"b"}"#, "a: b\n", YAML),
        ];
        for (output, encoding, is_collection, body, answer, content_type) in rows {
            assert_eq!(
                encoded(output, encoding, is_collection, body),
                (answer.to_owned(), content_type),
                "{output} of {encoding} {body}"
            );
        }
    }
}
