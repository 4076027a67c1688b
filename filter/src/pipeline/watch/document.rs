//! The small JSON documents that an observer gets, and the parts that they are made of.

use crate::data::{List, Number, Str, Table, Value};

/// An object of these fields.
pub(crate) fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Table {
    fields.into_iter().map(|(key, value)| (Str::from(key), value)).collect()
}

/// An array of these items.
pub(crate) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(List::from(items.into_iter().collect::<Vec<_>>()))
}

/// A string.
pub(crate) fn text(text: &str) -> Value {
    Value::from(text)
}

/// A number.
pub(crate) fn number(number: i64) -> Value {
    Value::Number(Number::Int(number))
}

/// A number that counts something.
pub(crate) fn count(count: usize) -> Value {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}
