//! One node of the tree: a scalar, or a table or list that other nodes may hold, too. Knows no JSON text.

use super::list::List;
use super::number::Number;
use super::table::Table;
use super::text::Str;

/// The greatest depth of nested data, both when it is read and when it is written.
///
/// KrakenD reads 10,000 levels and writes any number; a Wasm module has a stack of 1 MiB.
pub const MAX_DEPTH: usize = 1_000;

/// One node of the tree. Cloning is cheap: a cloned table or list is the same table or list.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// JSON null.
    #[default]
    Null,
    /// JSON true or false.
    Bool(bool),
    /// A number, as the document spelled it or as a script computed it.
    Number(Number),
    /// A string of bytes, because scripts may make texts that are not UTF-8.
    String(Str),
    /// A JSON array.
    List(List),
    /// A JSON object.
    Table(Table),
}

impl Value {
    /// Whether the value can hold other values, and so become part of a cycle.
    #[must_use]
    pub fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Table(_))
    }

    /// JSON's word for this kind of value, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::List(_) => "array",
            Self::Table(_) => "object",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Str::from(text))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(Number::Float(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_no_larger_than_three_words() {
        assert!(size_of::<Value>() <= 24, "{}", size_of::<Value>());
    }
}
