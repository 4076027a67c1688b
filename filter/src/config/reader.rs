//! Typed access to a JSON document. Each value remembers its place, so that every error names it.
//!
//! Knows JSON and nothing of KrakenD. Like KrakenD, it reads `null` as absent, and keys that begin with `@` or `$` as comments.

use std::fmt;

use serde_json::Value;

use super::protobuf;
use crate::http::one_line;

/// Why a configuration is refused. Printed as one line: the place, what is wrong, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The place: a JSON path (`$.endpoints[0].timeout`), or line and column if the text is no JSON.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&format!("configuration: {}: {}", self.at, self.what)))
    }
}

impl std::error::Error for ConfigError {}

pub(super) type Result<T> = std::result::Result<T, ConfigError>;

/// A place in the document. Its path is written out only for an error.
#[derive(Clone, Copy)]
enum JsonPath<'a> {
    Root,
    Key(&'a Self, &'a str),
    Index(&'a Self, usize),
}

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonPath::Root => f.write_str("$"),
            JsonPath::Index(parent, index) => write!(f, "{parent}[{index}]"),
            JsonPath::Key(parent, key) if is_plain(key) => write!(f, "{parent}.{key}"),
            JsonPath::Key(parent, key) => write!(f, "{parent}[{}]", quoted(key)),
        }
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A user's text in quotes, on one line, and not too long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("\"{}...\"", start.escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}

/// Names as a list in a sentence.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// One value of the document.
pub(super) struct Node<'a> {
    value: &'a Value,
    place: JsonPath<'a>,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Node { value, place: JsonPath::Root }
    }

    /// An error about this value.
    pub(super) fn error(&self, what: impl Into<String>) -> ConfigError {
        ConfigError { at: self.at(), what: what.into() }
    }

    /// An error about a key that is absent.
    pub(super) fn error_at(&self, key: &str, what: impl Into<String>) -> ConfigError {
        ConfigError { at: JsonPath::Key(&self.place, key).to_string(), what: what.into() }
    }

    pub(super) fn at(&self) -> String {
        self.place.to_string()
    }

    pub(super) fn value(&self) -> &Value {
        self.value
    }

    /// The value behind a key.
    pub(super) fn get<'b>(&'b self, key: &'b str) -> Option<Node<'b>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, place: JsonPath::Key(&self.place, key) })
    }

    /// All keys of an object with their values, without comments and nulls.
    pub(super) fn entries(&self) -> Result<impl Iterator<Item = (&str, Node<'_>)>> {
        Ok(self.data_entries()?.filter(|(key, _)| !key.starts_with(['@', '$'])))
    }

    /// The same for objects whose keys are data: there, `@` and `$` do not mark comments.
    pub(super) fn data_entries(&self) -> Result<impl Iterator<Item = (&str, Node<'_>)>> {
        let object = self.value.as_object().ok_or_else(|| self.wrong_type("an object"))?;
        let entries = object.iter().filter(|(_, value)| !value.is_null());
        Ok(entries.map(|(key, value)| (key.as_str(), Node { value, place: JsonPath::Key(&self.place, key) })))
    }

    pub(super) fn items(&self) -> Result<impl Iterator<Item = Node<'_>>> {
        let list = self.value.as_array().ok_or_else(|| self.wrong_type("a list"))?;
        Ok(list.iter().enumerate().map(|(index, value)| Node { value, place: JsonPath::Index(&self.place, index) }))
    }

    /// An item of this list that was read apart from it.
    pub(super) fn item<'b>(&'b self, index: usize, value: &'b Value) -> Node<'b> {
        Node { value, place: JsonPath::Index(&self.place, index) }
    }

    pub(super) fn text(&self) -> Result<&str> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    pub(super) fn flag(&self) -> Result<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    pub(super) fn count(&self) -> Result<u64> {
        self.value.as_u64().ok_or_else(|| self.wrong_type("a whole number, 0 or more"))
    }

    pub(super) fn number(&self) -> Result<f64> {
        self.value.as_f64().ok_or_else(|| self.wrong_type("a number"))
    }

    pub(super) fn whole(&self) -> Result<i64> {
        self.value.as_i64().ok_or_else(|| self.wrong_type("a whole number"))
    }

    pub(super) fn texts(&self) -> Result<Vec<String>> {
        self.items()?.map(|item| item.text().map(str::to_owned)).collect()
    }

    pub(super) fn text_at(&self, key: &str) -> Result<Option<String>> {
        self.get(key).map(|node| node.text().map(str::to_owned)).transpose()
    }

    pub(super) fn flag_at(&self, key: &str) -> Result<bool> {
        self.get(key).map_or(Ok(false), |node| node.flag())
    }

    pub(super) fn texts_at(&self, key: &str) -> Result<Vec<String>> {
        self.get(key).map_or(Ok(Vec::new()), |node| node.texts())
    }

    /// Whether the value asks for nothing: `false`, `0`, `""`, `[]`, `{}`.
    pub(super) fn is_idle(&self) -> bool {
        match self.value {
            Value::Null => true,
            Value::Bool(flag) => !flag,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(object) => object.is_empty(),
        }
    }

    fn wrong_type(&self, wanted: &str) -> ConfigError {
        let found = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => format!("the number {number}"),
            Value::String(text) => format!("the string {}", quoted(text)),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.error(format!("must be {wanted}, not {found}"))
    }
}

/// Parses the text. If it is no JSON, the error has line, column, and the text there.
pub(super) fn parse(json: &[u8]) -> Result<Value> {
    if json.iter().all(u8::is_ascii_whitespace) {
        return Err(ConfigError { at: "$".to_owned(), what: "the document is empty".to_owned() });
    }
    serde_json::from_slice(json).or_else(|error| protobuf::document(json).ok_or_else(|| not_json(json, &error)))
}

fn not_json(json: &[u8], error: &serde_json::Error) -> ConfigError {
    let (line, column) = (error.line(), error.column());
    let place = format!(" at line {line} column {column}");
    let reason = error.to_string();
    let reason = reason.strip_suffix(&place).unwrap_or(&reason);
    ConfigError {
        at: format!("line {line}, column {column}"),
        what: format!("{reason}{}", standing_at(json, line, column)),
    }
}

fn standing_at(json: &[u8], line: usize, column: usize) -> String {
    const SHOWN: usize = 40;
    let text = json.split(|byte| *byte == b'\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let there = text.get(column.saturating_sub(1)..).unwrap_or_default();
    let there = String::from_utf8_lossy(there);
    let there: String = there.trim().chars().take(SHOWN).collect();
    if there.is_empty() { String::new() } else { format!(", before or at {}", quoted(&there)) }
}
