//! Literals of an expression as data. Knows no evaluation.

use jmespath::Variable;

use crate::data::{Number, Str, Value};

/// The name under which serde_json hands a number on where it keeps all digits, which another crate may have asked it to.
const NUMBER: &str = "$serde_json::private::Number";

/// A literal's value, and how many values it is of.
pub(super) fn value(literal: &Variable) -> Value {
    match literal {
        Variable::Null | Variable::Expref(_) => Value::Null,
        Variable::Bool(flag) => Value::Bool(*flag),
        Variable::String(text) => Value::from(text.as_str()),
        Variable::Number(number) => Value::Number(read(&number.to_string())),
        Variable::Array(items) => Value::List(items.iter().map(|item| value(item)).collect::<Vec<_>>().into()),
        Variable::Object(fields) => match fields.get(NUMBER).map(|digits| &**digits) {
            Some(Variable::String(digits)) if fields.len() == 1 => Value::Number(read(digits)),
            _ => Value::Table(fields.iter().map(|(key, item)| (Str::from(key.as_str()), value(item))).collect()),
        },
    }
}

/// So many values are made of a literal.
pub(super) fn size(literal: &Variable) -> usize {
    match literal {
        Variable::Array(items) => items.iter().map(|item| size(item)).sum::<usize>().saturating_add(1),
        Variable::Object(fields) => fields.values().map(|item| size(item)).sum::<usize>().saturating_add(1),
        Variable::String(text) => (text.len() >> 5).saturating_add(1),
        _ => 1,
    }
}

// Go's library has float64 for all of them.
fn read(digits: &str) -> Number {
    digits.parse().map_or_else(|_| Number::Text(Str::from(digits)), Number::Float)
}
