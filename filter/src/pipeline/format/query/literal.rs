//! Literals of an expression as data. Knows no evaluation.

use jmespath::Variable;

use crate::data::{Number, Str, Value};

/// The key under which serde_json passes a number on if it keeps all digits (another crate may have turned that on).
const NUMBER: &str = "$serde_json::private::Number";

/// A literal's value.
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

/// The number of values that a literal is made of.
pub(super) fn size(literal: &Variable) -> usize {
    match literal {
        Variable::Array(items) => items.iter().map(|item| size(item)).sum::<usize>().saturating_add(1),
        Variable::Object(fields) => fields.values().map(|item| size(item)).sum::<usize>().saturating_add(1),
        Variable::String(text) => (text.len() >> 5).saturating_add(1),
        _ => 1,
    }
}

// Go's library uses float64 for all numbers.
fn read(digits: &str) -> Number {
    digits.parse().map_or_else(|_| Number::Text(Str::from(digits)), Number::Float)
}
