//! Output encodings: the endpoint's data becomes the body that the client gets, and its content type.
//! `no-op` bodies never were data and do not pass here.

use crate::data::{Table, Value, WriteError, write, write_table};

/// How an endpoint answers (`output_encoding`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Output {
    /// All data, as a JSON object.
    #[default]
    Json,
    /// What stands under `collection`, as JSON.
    JsonCollection,
    /// The text under `content`.
    Text,
    /// The backend's own body and headers.
    NoOp,
}

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

impl Output {
    /// By its name in the configuration. An unknown name falls back to the encoding of the only backend, then to JSON;
    /// so does KrakenD.
    #[must_use]
    pub fn named(name: &str, only_backend: Option<&str>) -> Self {
        let known = |name: &str| match name {
            // KrakenD negotiates YAML and XML too; JSON is what it answers to all other wishes.
            "json" | "negotiate" | "" => Some(Output::Json),
            "json-collection" => Some(Output::JsonCollection),
            "string" => Some(Output::Text),
            "no-op" => Some(Output::NoOp),
            _ => None,
        };
        known(name)
            .or_else(|| only_backend.and_then(known))
            .unwrap_or_default()
    }

    /// The body of an answer with this data, at most `max_bytes` of it, and its content type.
    ///
    /// # Errors
    /// [`WriteError`] if the data has no JSON.
    pub fn encode(
        self,
        data: &Table,
        max_bytes: usize,
    ) -> Result<(Vec<u8>, &'static str), WriteError> {
        let body = match self {
            Output::Json => write_table(data, max_bytes)?,
            Output::JsonCollection => match data.get(b"collection") {
                Some(collection) => write(&collection, max_bytes)?,
                None => b"[]".to_vec(),
            },
            Output::Text => {
                let text = match data.get(b"content") {
                    Some(Value::String(text)) => text.as_bytes().to_vec(),
                    _ => Vec::new(),
                };
                return Ok((text, TEXT));
            }
            Output::NoOp => return Ok((Vec::new(), TEXT)),
        };
        Ok((body, JSON))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::decode::{Encoding, decode};

    fn encoded(
        output: &str,
        encoding: &str,
        is_collection: bool,
        body: &str,
    ) -> (String, &'static str) {
        let data = decode(Encoding::named(encoding), is_collection, body).unwrap();
        let (body, content_type) = Output::named(output, Some(encoding))
            .encode(&data, 1000)
            .unwrap();
        (String::from_utf8(body).unwrap(), content_type)
    }

    #[test]
    fn every_output_encoding_answers_as_the_recorded_cases_show() {
        let rows = [
            (
                "json",
                "json",
                false,
                r#"{"z":1,"a":2}"#,
                r#"{"a":2,"z":1}"#,
                JSON,
            ),
            (
                "negotiate",
                "json",
                false,
                r#"{"a": 1}"#,
                r#"{"a":1}"#,
                JSON,
            ),
            (
                "json-collection",
                "json",
                true,
                "[1, {\"b\": 1.0}]",
                r#"[1,{"b":1.0}]"#,
                JSON,
            ),
            ("json-collection", "json", false, r#"{"a":1}"#, "[]", JSON),
            (
                "json-collection",
                "json",
                false,
                r#"{"collection":{"1":"a"}}"#,
                r#"{"1":"a"}"#,
                JSON,
            ),
            (
                "string",
                "string",
                false,
                "plain <text>",
                "plain <text>",
                TEXT,
            ),
            ("string", "json", false, r#"{"content":5}"#, "", TEXT),
            ("string", "json", false, "{}", "", TEXT),
            ("json", "string", false, "{}", r#"{"content":"{}"}"#, JSON),
            ("", "no-op", false, "x", "{}", JSON),
            ("yml", "string", false, "x", "x", TEXT),
            ("json", "json", false, "null", "null", JSON),
        ];
        for (output, encoding, is_collection, body, answer, content_type) in rows {
            assert_eq!(
                encoded(output, encoding, is_collection, body),
                (answer.to_owned(), content_type),
                "{output} of {encoding} {body}"
            );
        }
    }

    #[test]
    fn an_unknown_output_of_several_backends_is_json() {
        assert_eq!(Output::named("yml", None), Output::Json);
        assert_eq!(Output::named("yml", Some("safejson")), Output::Json);
        assert_eq!(Output::named("yml", Some("no-op")), Output::NoOp);
    }
}
