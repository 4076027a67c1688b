//! Truth, equality and order of values in JMESPath. Knows no expression.

use std::cmp::Ordering;

use super::charge::{Charge, QueryError};
use crate::data::{MAX_DEPTH, Value};

/// Scripts may have put a table into itself.
const DEEPEST: usize = MAX_DEPTH + 24;

/// Null, false and empty values are false.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Table(table) => !table.is_empty(),
    }
}

/// Are two values the same, at every depth?
pub(super) fn equal(one: &Value, other: &Value, charge: &mut Charge) -> Result<bool, QueryError> {
    equal_at(one, other, charge, 0)
}

fn equal_at(one: &Value, other: &Value, charge: &mut Charge, depth: usize) -> Result<bool, QueryError> {
    charge.steps(1)?;
    if depth > DEEPEST {
        let words = format!("the data is nested deeper than {MAX_DEPTH} levels (does a table contain itself?)");
        return Err(QueryError::Wrong(words));
    }
    let deeper = depth.saturating_add(1);
    match (one, other) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Bool(one), Value::Bool(other)) => Ok(one == other),
        (Value::Number(one), Value::Number(other)) => Ok(one.as_f64().total_cmp(&other.as_f64()) == Ordering::Equal),
        (Value::String(one), Value::String(other)) => {
            charge.text(one.len().min(other.len()))?;
            Ok(one == other)
        }
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            charge.steps(one.len())?;
            for (one, other) in one.items().iter().zip(&other.items()) {
                if !equal_at(one, other, charge, deeper)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Table(one), Value::Table(other)) if one.len() == other.len() => {
            charge.steps(one.len())?;
            for ((key, one), (name, other)) in one.entries().iter().zip(&other.entries()) {
                charge.text(key.len())?;
                if key != name || !equal_at(one, other, charge, deeper)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The order of two numbers or two texts; `None` for any other pair.
pub(super) fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => Some(one.as_f64().total_cmp(&other.as_f64())),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        _ => None,
    }
}
