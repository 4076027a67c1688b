//! The values that templates work on: Go's, as far as a template can meet them. Each knows its Go type, because Go's rules
//! and error texts depend on it. Knows nothing of templates.

mod collection;
mod object;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::limits::{Budget, Limits};
use crate::text::{Style, to_json};

pub use collection::{List, Map};
pub(crate) use collection::{ListOf, MapOf};
pub(crate) use object::{Layout, duration_text, parse_duration};
pub use object::{Object, Time, Version};

/// A value of a template. Numbers of a JSON document are [`Value::Float`], as in Go.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Value {
    /// `nil`, JSON's `null`.
    Nil,
    /// A truth value.
    Bool(bool),
    /// Go's `int`: constants, lengths, indexes.
    Int(i64),
    /// Go's `int64`: the results of sprig's arithmetic. Go does not accept it if a function asks for an `int`.
    Int64(i64),
    /// Go's `uint8`: a byte of a string.
    Uint8(u8),
    /// Go's `uint64`: the parts of a version.
    Uint64(u64),
    /// Go's `float64`: every number of a JSON document.
    Float(f64),
    /// Go's `complex128`, real and imaginary part: constants like `2i`.
    Complex(f64, f64),
    /// Text. Go's strings may hold any bytes; a byte that is not UTF-8 is U+FFFD here.
    String(Rc<str>),
    /// A list; copies share it.
    List(List),
    /// A map with its keys in order; copies share it, and sprig's `set` changes it for all of them.
    Map(Map),
    /// A value with methods: a time, a version.
    Object(Object),
}

impl Value {
    /// A list of any values.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(List::new(items.into_iter().collect()))
    }

    /// A map of these entries.
    pub fn map<K: Into<Rc<str>>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        let entries: BTreeMap<Rc<str>, Self> = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self::Map(Map::new(entries))
    }

    /// The text, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The name of the value's type, as Go writes it: `map[string]interface {}`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "interface {}",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Uint8(_) => "uint8",
            Self::Uint64(_) => "uint64",
            Self::Float(_) => "float64",
            Self::Complex(..) => "complex128",
            Self::String(_) => "string",
            Self::List(list) => list.of().type_name(),
            Self::Map(map) => map.of().type_name(),
            Self::Object(object) => object.type_name(),
        }
    }

    /// The value as JSON, as Go's `json.Marshal` writes it: keys in order, `<`, `>` and `&` escaped.
    ///
    /// # Errors
    /// JSON cannot express it: a float that is no number, or a complex number; or it is too long, or too deeply nested.
    pub fn to_json(&self) -> Result<String, String> {
        to_json(self, Style::Plain, &Budget::new(Limits::default()))
    }

    /// Go's truth: not nil, zero or empty.
    pub fn truth(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) | Self::Int64(number) => *number != 0,
            Self::Uint8(number) => *number != 0,
            Self::Uint64(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(_) => true,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Nil,
            serde_json::Value::Bool(truth) => Self::Bool(truth),
            serde_json::Value::Number(number) => Self::Float(float(&number)),
            serde_json::Value::String(text) => text.into(),
            serde_json::Value::Array(items) => Self::list(items.into_iter().map(Self::from)),
            serde_json::Value::Object(entries) => {
                Self::map(entries.into_iter().map(|(key, value)| (key, Self::from(value))))
            }
        }
    }
}

/// A number of a document; if no float can hold it, it is infinite.
fn float(number: &serde_json::Number) -> f64 {
    number.as_f64().or_else(|| number.to_string().parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_of_a_document_is_a_float() {
        let Value::Map(map) = Value::from(json!({"n": 1_000_000, "big": 12_345_678_901_234_567_890_u64})) else {
            panic!("no map")
        };
        assert!(matches!(map.get("n"), Some(Value::Float(number)) if number == 1e6));
        assert!(matches!(map.get("big"), Some(Value::Float(number)) if number == 12_345_678_901_234_567_890.0));
    }

    #[test]
    fn types_have_the_names_of_go() {
        let value = Value::from(json!({"list": [1]}));
        assert_eq!(value.type_name(), "map[string]interface {}");
        let Value::Map(map) = value else { panic!("no map") };
        assert_eq!(map.get("list").map(|list| list.type_name()), Some("[]interface {}"));
    }
}
