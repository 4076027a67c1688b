//! The parameters of functions: Go checks the types of arguments before it calls, and its errors name them.

use std::rc::Rc;

use super::host::Host;
use crate::slot::Slot;
use crate::value::{MapOf, Object, Value};

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Any,
    /// Go's `reflect.Value`: the function can distinguish a missing value from nil.
    Reflect,
    String,
    Int,
    Float,
    Bool,
    /// `map[string]interface {}`; nil is passed on.
    Map,
    Time,
}

impl Type {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::String => "string",
            Self::Int => "int",
            Self::Float => "float64",
            Self::Bool => "bool",
            Self::Map => "map[string]interface {}",
            Self::Time => "time.Time",
        }
    }

    /// Does Go accept nil for this type?
    pub(crate) fn can_be_nil(self) -> bool {
        matches!(self, Self::Any | Self::Reflect | Self::Map)
    }

    /// Is the value of this type?
    pub(crate) fn holds(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any | Self::Reflect, _)
            | (Self::String, Value::String(_))
            | (Self::Int, Value::Int(_))
            | (Self::Float, Value::Float(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Time, Value::Object(Object::Time(_))) => true,
            (Self::Map, Value::Map(map)) => map.of() == MapOf::Any,
            _ => false,
        }
    }
}

type OnValues = fn(&Host<'_>, &[Value]) -> Result<Value, String>;
type OnSlots = fn(&Host<'_>, &[Slot]) -> Result<Slot, String>;
/// A function of the caller.
pub(crate) type OfCaller = Rc<dyn Fn(&[Value]) -> Result<Value, String>>;

/// The code of a function.
#[derive(Clone)]
pub(crate) enum Body {
    Values(OnValues),
    Slots(OnSlots),
    Caller(OfCaller),
    /// `and`, or `or` if true: arguments after the deciding one are not evaluated.
    Either(bool),
    /// `call`: no value of a template is a function, so it always fails.
    Call,
}

/// A function.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) parameters: Parameters,
    pub(crate) body: Body,
}

/// The parameters of a function.
#[derive(Clone)]
pub(crate) struct Parameters {
    pub(crate) fixed: Rc<[Type]>,
    /// The type of any number of further arguments.
    pub(crate) rest: Option<Type>,
}

impl Parameters {
    /// The type of an argument.
    pub(crate) fn of(&self, index: usize) -> Type {
        self.fixed.get(index).copied().or(self.rest).unwrap_or(Type::Any)
    }
}

/// A row of a table of functions.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) fixed: &'static [Type],
    pub(super) rest: Option<Type>,
    pub(super) body: Body,
}

impl Row {
    /// A function of these parameters.
    pub(super) const fn fixed(name: &'static str, fixed: &'static [Type], body: OnValues) -> Self {
        Self { name, fixed, rest: None, body: Body::Values(body) }
    }

    /// A function of these parameters, and any number of further arguments of type `rest`.
    pub(super) const fn variadic(name: &'static str, fixed: &'static [Type], rest: Type, body: OnValues) -> Self {
        Self { name, fixed, rest: Some(rest), body: Body::Values(body) }
    }

    pub(super) const fn on_slots(
        name: &'static str,
        fixed: &'static [Type],
        rest: Option<Type>,
        body: OnSlots,
    ) -> Self {
        Self { name, fixed, rest, body: Body::Slots(body) }
    }
}

impl From<&Row> for Function {
    fn from(row: &Row) -> Self {
        let parameters = Parameters { fixed: row.fixed.into(), rest: row.rest };
        Self { parameters, body: row.body.clone() }
    }
}
