//! Arithmetic: of `int64`, which overflows silently, and of decimal floats. Source: sprig's numeric.go and functions.go.

use super::cast::{to_float, to_int};
use super::decimal::{Decimal, Operation};
use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::print;
use crate::value::Value;

const ANY: &[Type] = &[Type::Any];
const TWO: &[Type] = &[Type::Any, Type::Any];

pub(super) const ROWS: &[Row] = &[
    Row::variadic("add", &[], Type::Any, |_, arguments| Ok(fold(Value::Int(0), arguments, i64::wrapping_add))),
    Row::fixed("add1", ANY, |_, arguments| Ok(Value::Int64(to_int(arguments.any(0)).wrapping_add(1)))),
    Row::fixed("add1f", ANY, |_, arguments| decimals(arguments.any(0), &[Value::Int(1)], Operation::Add)),
    Row::variadic("addf", &[], Type::Any, |_, arguments| decimals(&Value::Int(0), arguments, Operation::Add)),
    Row::fixed("atoi", &[Type::String], |_, arguments| Ok(Value::Int(atoi(arguments.text(0))))),
    Row::variadic("biggest", ANY, Type::Any, |_, arguments| Ok(fold_first(arguments, i64::max))),
    Row::fixed("ceil", ANY, |_, arguments| Ok(Value::Float(to_float(arguments.any(0)).ceil()))),
    Row::fixed("div", TWO, |_, arguments| divide(arguments, i64::wrapping_div)),
    Row::variadic("divf", ANY, Type::Any, |_, arguments| decimals_first(arguments, Operation::Divide)),
    Row::fixed("float64", ANY, |_, arguments| Ok(Value::Float(to_float(arguments.any(0))))),
    Row::fixed("floor", ANY, |_, arguments| Ok(Value::Float(to_float(arguments.any(0)).floor()))),
    Row::fixed("int", ANY, |_, arguments| Ok(Value::Int(to_int(arguments.any(0))))),
    Row::fixed("int64", ANY, |_, arguments| Ok(Value::Int64(to_int(arguments.any(0))))),
    Row::variadic("max", ANY, Type::Any, |_, arguments| Ok(fold_first(arguments, i64::max))),
    Row::variadic("maxf", ANY, Type::Any, |_, arguments| Ok(extreme(arguments, f64::max))),
    Row::variadic("min", ANY, Type::Any, |_, arguments| Ok(fold_first(arguments, i64::min))),
    Row::variadic("minf", ANY, Type::Any, |_, arguments| Ok(extreme(arguments, f64::min))),
    Row::fixed("mod", TWO, |_, arguments| divide(arguments, i64::wrapping_rem)),
    Row::variadic("mul", ANY, Type::Any, |_, arguments| Ok(fold_first(arguments, i64::wrapping_mul))),
    Row::variadic("mulf", ANY, Type::Any, |_, arguments| decimals_first(arguments, Operation::Multiply)),
    Row::variadic("round", &[Type::Any, Type::Int], Type::Float, |_, arguments| Ok(Value::Float(round(arguments)))),
    Row::fixed("sub", TWO, |_, arguments| Ok(fold_first(arguments, i64::wrapping_sub))),
    Row::variadic("subf", ANY, Type::Any, |_, arguments| decimals_first(arguments, Operation::Subtract)),
    Row::fixed("toDecimal", ANY, octal),
];

fn fold(first: Value, others: &[Value], operation: fn(i64, i64) -> i64) -> Value {
    Value::Int64(others.iter().map(to_int).fold(to_int(&first), operation))
}

fn fold_first(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Value {
    fold(arguments.any(0).clone(), arguments.from(1), operation)
}

fn divide(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Result<Value, String> {
    match to_int(arguments.any(1)) {
        0 => Err("runtime error: integer divide by zero".to_owned()),
        divisor => Ok(Value::Int64(operation(to_int(arguments.any(0)), divisor))),
    }
}

/// The larger or smaller of two floats; NaN wins, as in Go.
fn extreme(arguments: &[Value], choose: fn(f64, f64) -> f64) -> Value {
    let choose = |one: f64, two: f64| if one.is_nan() || two.is_nan() { f64::NAN } else { choose(one, two) };
    Value::Float(arguments.from(1).iter().map(to_float).fold(to_float(arguments.any(0)), choose))
}

fn decimals_first(arguments: &[Value], operation: Operation) -> Result<Value, String> {
    decimals(arguments.any(0), arguments.from(1), operation)
}

fn decimals(first: &Value, others: &[Value], operation: Operation) -> Result<Value, String> {
    let mut result = Decimal::new(to_float(first))?;
    for other in others {
        result = result.with(Decimal::new(to_float(other))?, operation)?;
    }
    Ok(Value::Float(result.float()))
}

/// Rounds to a number of decimals: up if the rest is `on` of the last decimal or more, else down.
fn round(arguments: &[Value]) -> f64 {
    let on = match arguments.any(2) {
        Value::Float(on) => *on,
        _ => 0.5,
    };
    let power = 10f64.powf(to_float(arguments.any(1)));
    let digit = power * to_float(arguments.any(0));
    let rounded = if digit.fract() >= on { digit.ceil() } else { digit.floor() };
    rounded / power
}

/// A decimal integer; a number that is too large gives the largest integer.
fn atoi(text: &str) -> i64 {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

/// Reads octal digits, although its name says decimal.
fn octal(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let text = print(arguments.any(0), host.budget)?;
    Ok(Value::Int64(i64::from_str_radix(&text, 8).unwrap_or_default()))
}
