//! Reading arguments. Their types were checked before the call: an argument that is read as another type gives that type's
//! zero.

use crate::value::{Map, Value};

/// The arguments of a call.
pub(super) trait Arguments {
    /// An argument; nil if it is not there.
    fn any(&self, index: usize) -> &Value;
    /// The arguments from this index on.
    fn from(&self, index: usize) -> &[Value];

    /// An argument that is a text.
    fn text(&self, index: usize) -> &str {
        self.any(index).as_str().unwrap_or_default()
    }

    /// An argument that is an `int`.
    fn int(&self, index: usize) -> i64 {
        match self.any(index) {
            Value::Int(number) => *number,
            _ => 0,
        }
    }

    /// An argument that is a map; `None` for Go's nil map, which is empty, and must not be written to.
    fn map(&self, index: usize) -> Option<&Map> {
        match self.any(index) {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items of a list; for other values Go's error that says what function (`what`) is impossible.
    fn items(&self, index: usize, what: &str) -> Result<&[Value], String> {
        match self.any(index) {
            Value::List(list) => Ok(list.items()),
            Value::Nil => Err(NIL.to_owned()),
            other => Err(format!("Cannot {what} type {}", kind(other))),
        }
    }
}

impl Arguments for [Value] {
    fn any(&self, index: usize) -> &Value {
        self.get(index).unwrap_or(&Value::Nil)
    }

    fn from(&self, index: usize) -> &[Value] {
        self.get(index..).unwrap_or_default()
    }
}

/// Go's error when a function looks into nil.
pub(super) const NIL: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The `reflect.Kind` of a value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "invalid",
        Value::List(_) => "slice",
        Value::Map(_) => "map",
        Value::Object(object) => object.kind(),
        other => other.type_name(),
    }
}
