//! The value of a plain scalar in YAML 1.2's core schema: null, true or false, a number, or a text. Knows no document.

use crate::data::{Number, Str, Value};

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::from(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::from(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Value::from(f64::NAN),
        _ => number(text).map_or_else(|| Value::from(text), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if is_json_number(text) {
        return Some(Number::Text(Str::from(text)));
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_number = !digits.starts_with(['+', '-']);
            return is_number.then(|| i64::from_str_radix(digits, radix).ok()).flatten().map(Number::Int);
        }
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number with leading zeros or a plus.
        let whole = text.parse::<i64>().ok().map(Number::Int);
        return whole.or_else(|| text.parse().ok().map(Number::Float));
    }
    let is_float = unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    is_float.then(|| text.parse().ok()).flatten().map(Number::Float)
}

fn is_json_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let end = |text: &str| text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at_checked(end(text)).unwrap_or(("", ""));
    if whole.is_empty() || whole.len() > 1 && whole.starts_with('0') {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        Some(digits) if end(digits) > 0 => digits.get(end(digits)..).unwrap_or_default(),
        Some(_) => return false,
        None => rest,
    };
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !digits.is_empty() && end(digits) == digits.len()
        }
        None => rest.is_empty(),
    }
}
