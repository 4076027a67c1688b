//! A value during evaluation, with the facts that Go's reflection knows of it. Source: reflect.Value, as text/template uses it.

use super::value::Value;

/// A value in an evaluation. A missing entry and nil print the same, but functions and fields distinguish them.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// No value: a missing key, an empty pipeline.
    Invalid,
    /// A value of its own type, never nil.
    Concrete(Value),
    /// A value in an interface: an entry of a map or list of any values. It may be nil.
    Boxed(Value),
}

impl Slot {
    /// The slot of a function's result.
    pub(crate) fn of(value: Value) -> Self {
        match value {
            Value::Nil => Self::Boxed(Value::Nil),
            value => Self::Concrete(value),
        }
    }

    /// The slot of a collection's entry.
    pub(crate) fn entry(value: Value, boxed: bool) -> Self {
        if boxed { Self::Boxed(value) } else { Self::Concrete(value) }
    }

    /// The value without its interface; nil then is no value.
    pub(crate) fn unboxed(self) -> Self {
        match self {
            Self::Boxed(Value::Nil) => Self::Invalid,
            Self::Boxed(value) => Self::Concrete(value),
            slot => slot,
        }
    }

    /// The value; nil if there is none.
    pub(crate) fn value(&self) -> &Value {
        match self {
            Self::Invalid => &Value::Nil,
            Self::Concrete(value) | Self::Boxed(value) => value,
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Invalid => Value::Nil,
            Self::Concrete(value) | Self::Boxed(value) => value,
        }
    }

    /// The name of the type that Go sees: an interface and the value in it have different types.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Concrete(value) => value.type_name(),
            Self::Invalid | Self::Boxed(_) => "interface {}",
        }
    }
}
