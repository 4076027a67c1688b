//! Numbers made from any value; a value that is no number gives zero. Source: spf13/cast 1.5.

use crate::text::{parse_float, parse_integer};
use crate::value::Value;

/// An integer, as sprig's `int` and `int64` make it.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Uint8(number) => (*number).into(),
        Value::Uint64(number) => number.cast_signed(),
        Value::Float(number) => truncate(*number),
        Value::Bool(truth) => (*truth).into(),
        Value::String(text) => parse_integer(without_zero_decimals(text)).unwrap_or_default(),
        _ => 0,
    }
}

/// A float, as sprig's `float64` makes it.
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Float(number) => *number,
        Value::String(text) => text_to_float(text).unwrap_or_default(),
        Value::Uint64(number) => *number as f64,
        other => to_int(other) as f64,
    }
}

/// Two to the power of 63.
const MOST: f64 = 9_223_372_036_854_775_808.0;

/// A float as the processor converts it: if no integer can hold it, the result is the least integer.
fn truncate(number: f64) -> i64 {
    if (-MOST..MOST).contains(&number) { number as i64 } else { i64::MIN }
}

fn text_to_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    match lower.trim_start_matches(['+', '-']) {
        "inf" | "infinity" | "nan" => lower.parse().ok(),
        _ => parse_float(text),
    }
}

/// Removes decimals that are all zero: `1.00` is an integer, `1.50` is not.
fn without_zero_decimals(text: &str) -> &str {
    let whole = text.trim_end_matches('0');
    match whole.strip_suffix('.') {
        Some(integer) if whole.len() < text.len() => integer,
        _ => text,
    }
}
