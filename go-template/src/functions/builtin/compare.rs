//! `eq`, `ne`, `lt`, `le`, `gt`, `ge` and `not`, with Go's rules for types: a float in the settings is no integer. Source: Go's
//! text/template/funcs.go.

use std::cmp::Ordering;

use super::{Row, Type};
use crate::functions::Host;
use crate::functions::arguments::kind;
use crate::slot::Slot;
use crate::text::{print, printf};
use crate::value::Value;

const TWO: &[Type] = &[Type::Reflect, Type::Reflect];

pub(super) const ROWS: &[Row] = &[
    Row::on_slots("eq", &[Type::Reflect], Some(Type::Reflect), |host, arguments| truth(eq(host, arguments)?)),
    Row::on_slots("ne", TWO, None, |host, arguments| truth(!eq(host, arguments)?)),
    Row::on_slots("lt", TWO, None, |_, arguments| truth(order(arguments)?.is_some_and(Ordering::is_lt))),
    Row::on_slots("le", TWO, None, |_, arguments| truth(order(arguments)?.is_some_and(Ordering::is_le))),
    // Go computes "not less or equal", and "not less": for NaN both are true.
    Row::on_slots("gt", TWO, None, |_, arguments| truth(order(arguments)?.is_none_or(Ordering::is_gt))),
    Row::on_slots("ge", TWO, None, |_, arguments| truth(order(arguments)?.is_none_or(Ordering::is_ge))),
    Row::on_slots("not", &[Type::Reflect], None, |_, arguments| {
        truth(!arguments.first().is_some_and(|slot| slot.value().truth()))
    }),
];

fn truth(truth: bool) -> Result<Slot, String> {
    Ok(Slot::Concrete(Value::Bool(truth)))
}

/// A value in the form in which it can be compared with other values of its family.
#[derive(PartialEq)]
enum Basic<'v> {
    Bool(bool),
    Complex(f64, f64),
    /// Signed and unsigned integers are compared by their numbers; Go keeps them apart when it compares them with other values.
    Signed(i128),
    Unsigned(i128),
    Float(f64),
    Text(&'v str),
}

fn basic(value: &Value) -> Option<Basic<'_>> {
    Some(match value {
        Value::Bool(truth) => Basic::Bool(*truth),
        Value::Int(number) | Value::Int64(number) => Basic::Signed((*number).into()),
        Value::Uint8(number) => Basic::Unsigned((*number).into()),
        Value::Uint64(number) => Basic::Unsigned((*number).into()),
        Value::Float(number) => Basic::Float(*number),
        Value::Complex(real, imaginary) => Basic::Complex(*real, *imaginary),
        Value::String(text) => Basic::Text(text),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => return None,
    })
}

fn incompatible(first: &Value, other: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", first.type_name(), other.type_name())
}

fn eq(host: &Host<'_>, arguments: &[Slot]) -> Result<bool, String> {
    let mut values = arguments.iter().map(Slot::value);
    let first = values.next().unwrap_or(&Value::Nil);
    if arguments.len() < 2 {
        return Err("missing argument for comparison".to_owned());
    }
    for other in values {
        if equal(host, first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(host: &Host<'_>, first: &Value, other: &Value) -> Result<bool, String> {
    let equal = match (basic(first), basic(other)) {
        (Some(Basic::Signed(one) | Basic::Unsigned(one)), Some(Basic::Signed(two) | Basic::Unsigned(two))) => {
            one == two
        }
        (Some(one), Some(two)) if std::mem::discriminant(&one) == std::mem::discriminant(&two) => one == two,
        (None, None) => return equal_in_kind(host, first, other),
        _ if matches!(first, Value::Nil) || matches!(other, Value::Nil) => false,
        _ => return Err(incompatible(first, other)),
    };
    Ok(equal)
}

/// Equality of lists, maps, objects and nil: each can be compared with nil, and an object with an object.
fn equal_in_kind(host: &Host<'_>, first: &Value, other: &Value) -> Result<bool, String> {
    let show = |value: &Value| printf("%s", std::slice::from_ref(value), host.budget);
    let is_nil = |value: &Value| match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        _ => false,
    };
    if kind(first) != kind(other) && !matches!(first, Value::Nil) && !matches!(other, Value::Nil) {
        let (one, two) = (show(first)?, print(other, host.budget)?);
        return Err(format!("non-comparable types {one}: {}, {}: {}", first.type_name(), other.type_name(), two));
    }
    if is_nil(first) || is_nil(other) {
        return Ok(is_nil(first) == is_nil(other));
    }
    match (first, other) {
        (Value::Object(one), Value::Object(two)) => Ok(one == two),
        _ => Err(format!("non-comparable type {}: {}", show(other)?, other.type_name())),
    }
}

/// The order of two values; `None` if one of them is no number.
fn order(arguments: &[Slot]) -> Result<Option<Ordering>, String> {
    let (Some(first), Some(other)) = (arguments.first(), arguments.get(1)) else {
        return Err("missing argument for comparison".to_owned());
    };
    let (first, other) = (first.value(), other.value());
    let invalid = || "invalid type for comparison".to_owned();
    let (one, two) = (basic(first).ok_or_else(invalid)?, basic(other).ok_or_else(invalid)?);
    match (one, two) {
        (Basic::Signed(one) | Basic::Unsigned(one), Basic::Signed(two) | Basic::Unsigned(two)) => {
            Ok(Some(one.cmp(&two)))
        }
        (Basic::Float(one), Basic::Float(two)) => Ok(one.partial_cmp(&two)),
        (Basic::Text(one), Basic::Text(two)) => Ok(Some(one.cmp(two))),
        (one, two) if std::mem::discriminant(&one) == std::mem::discriminant(&two) => Err(invalid()),
        _ => Err(incompatible(first, other)),
    }
}
