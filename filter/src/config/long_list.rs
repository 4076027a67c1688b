//! The list of a document that may have thousands of items: each item is parsed when it is read, and dropped after. As one tree, the
//! items would take more memory than what is made of them, and a worker keeps the memory that it had once.
//!
//! Knows JSON, and nothing of the items.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::reader::{ConfigError, Result, parse};

/// The items of a list, in order.
pub(super) struct LongList<'a> {
    json: &'a [u8],
    items: Items<'a>,
}

enum Items<'a> {
    Texts(Vec<&'a RawValue>),
    // The document is no JSON text, but a protobuf message.
    Values(Vec<Value>),
}

impl<'a> LongList<'a> {
    /// Parses a document but for the items of one list, which is left empty in it. If there is no such list, nothing is left out.
    pub(super) fn apart(json: &'a [u8], key: &str) -> Result<(Value, Self)> {
        if let Some((document, texts)) = texts(json, key) {
            return Ok((document, Self { json, items: Items::Texts(texts) }));
        }
        // Either it is no JSON, and the error says so, or it is a protobuf message.
        let mut document = parse(json)?;
        let values = match document.get_mut(key) {
            Some(Value::Array(items)) => std::mem::take(items),
            _ => Vec::new(),
        };
        Ok((document, Self { json, items: Items::Values(values) }))
    }

    /// The number of items.
    pub(super) fn len(&self) -> usize {
        match &self.items {
            Items::Texts(texts) => texts.len(),
            Items::Values(values) => values.len(),
        }
    }

    /// Each item in turn.
    ///
    /// # Errors
    /// An item is no JSON: then the document is none.
    pub(super) fn values(&self) -> impl Iterator<Item = Result<Cow<'_, Value>>> {
        let (texts, values) = match &self.items {
            Items::Texts(texts) => (texts.as_slice(), [].as_slice()),
            Items::Values(values) => ([].as_slice(), values.as_slice()),
        };
        let parsed =
            |text: &&RawValue| serde_json::from_slice(text.get().as_bytes()).map(Cow::Owned).map_err(|_| self.fault());
        texts.iter().map(parsed).chain(values.iter().map(|value| Ok(Cow::Borrowed(value))))
    }

    // The document's error, with the line and the column in the whole text.
    fn fault(&self) -> ConfigError {
        let unread = || ConfigError { at: "$".to_owned(), what: "the document cannot be read".to_owned() };
        parse(self.json).err().unwrap_or_else(unread)
    }
}

// The document without the items of the list, and their texts. `None` if something in it is no JSON.
fn texts<'a>(json: &'a [u8], key: &str) -> Option<(Value, Vec<&'a RawValue>)> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(json).ok()?;
    let (mut document, mut texts) = (Map::new(), Vec::new());
    for (name, text) in members {
        let value = if name == key
            && let Ok(items) = serde_json::from_slice(text.get().as_bytes())
        {
            texts = items;
            Value::Array(Vec::new())
        } else {
            serde_json::from_slice(text.get().as_bytes()).ok()?
        };
        document.insert(name, value);
    }
    Some((Value::Object(document), texts))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<(Value, Vec<Value>)> {
        let (document, list) = LongList::apart(text.as_bytes(), "list")?;
        let values = list.values().map(|value| value.map(Cow::into_owned)).collect::<Result<Vec<_>>>()?;
        assert_eq!(values.len(), list.len());
        Ok((document, values))
    }

    #[test]
    fn the_items_are_those_of_the_document() {
        let table = [
            (
                r#"{"a": 1, "list": [{"b": "\u00e9"}, null, [2]]}"#,
                json!({"a": 1, "list": []}),
                vec![json!({"b": "é"}), Value::Null, json!([2])],
            ),
            (r#"{"list": {"b": 1}}"#, json!({"list": {"b": 1}}), vec![]),
            (r#"{"list": [1], "list": [2]}"#, json!({"list": []}), vec![json!(2)]),
            (r#"{"list": [1], "li\u0073t": 3}"#, json!({"list": 3}), vec![]),
            ("[1]", json!([1]), vec![]),
            (" {} ", json!({}), vec![]),
        ];
        for (text, document, items) in table {
            assert_eq!(read(text).unwrap(), (document, items), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_has_its_place_in_the_whole_text() {
        let deep = format!("{{\"list\": [{}]}}", "[".repeat(200) + &"]".repeat(200));
        for text in ["{\"list\": [1,\n {\"a\": }]}", "{\"list\": [\"\\ud800\"]}", "{\"list\": [1]} x", "", "{", &deep] {
            assert_eq!(read(text).unwrap_err(), parse(text.as_bytes()).unwrap_err(), "{text}");
        }
    }
}
