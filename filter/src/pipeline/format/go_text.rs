//! Texts in Go's format, because scripts, clients and backends see them in KrakenD: values of data as parameters of a URL, also
//! `7.7E+01`, and the words of a failed request.

use std::fmt::{Display, Write as _};

use crate::data::{Number, Value};

/// Levels below this depth are not written: data may contain itself.
const DEEPEST: usize = 100;

/// The error of Go's HTTP client for a request that failed: `Get "http://host/b": connection refused`.
pub(crate) fn request_error(method: &str, url: &impl Display, why: &str) -> String {
    let mut letters = method.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let verb: String = first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect();
    format!("{verb} \"{url}\": {why}")
}

/// A value of a backend's data as a parameter: floats in Go's format `E`, lists joined by commas, everything else as `%v`. Soon
/// after `most` bytes the text breaks off.
pub(crate) fn parameter(value: &Value, most: usize) -> String {
    let mut out = String::new();
    match value {
        Value::Number(Number::Float(number)) => float32(*number, &mut out),
        Value::List(list) => {
            for (index, item) in list.items().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                plain(item, 0, most, &mut out);
            }
        }
        other => plain(other, 0, most, &mut out),
    }
    out
}

/// A value of JSON as Go's `%v` prints it.
pub(crate) fn printed(value: &Value) -> String {
    let mut out = String::new();
    plain(value, 0, usize::MAX, &mut out);
    out
}

/// Go's `%v`.
pub(super) fn plain(value: &Value, depth: usize, most: usize, out: &mut String) {
    if out.len() > most {
        return;
    }
    if depth > DEEPEST {
        return out.push('…');
    }
    let deeper = depth.saturating_add(1);
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::String(text) => out.push_str(&text.to_text()),
        Value::Number(Number::Text(text)) => out.push_str(&text.to_text()),
        // Writing to a String cannot fail, here and below.
        Value::Number(Number::Int(number)) => drop(write!(out, "{number}")),
        Value::Number(Number::Float(number)) => float64(*number, out),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items().iter().enumerate() {
                out.push_str(if index > 0 { " " } else { "" });
                plain(item, deeper, most, out);
            }
            out.push(']');
        }
        Value::Table(table) => {
            out.push_str("map[");
            for (index, (key, item)) in table.entries().iter().enumerate() {
                out.push_str(if index > 0 { " " } else { "" });
                out.push_str(&key.to_text());
                out.push(':');
                plain(item, deeper, most, out);
            }
            out.push(']');
        }
    }
}

/// A float64 at the top level: Go's format `E`, with the shortest digits of a float32.
fn float32(number: f64, out: &mut String) {
    #[allow(clippy::cast_possible_truncation)] // as KrakenD does
    let short = number as f32;
    if short.is_finite() {
        scientific(&format!("{short:E}"), 'E', out);
    } else {
        out.push_str(not_finite(f64::from(short)));
    }
}

/// Go's `%v` of a float64: with an exponent below 1e-4, and from 1e6 on.
fn float64(number: f64, out: &mut String) {
    let size = number.abs();
    if !number.is_finite() {
        out.push_str(not_finite(number));
    } else if size != 0.0 && !(1e-4..1e6).contains(&size) {
        scientific(&format!("{number:e}"), 'e', out);
    } else {
        let _ = write!(out, "{number}");
    }
}

fn not_finite(number: f64) -> &'static str {
    match number {
        f64::INFINITY => "+Inf",
        f64::NEG_INFINITY => "-Inf",
        _ => "NaN",
    }
}

/// Go writes a sign and at least two digits: `7.7E1` becomes `7.7E+01`.
fn scientific(text: &str, letter: char, out: &mut String) {
    let Some((digits, exponent)) = text.split_once(letter) else {
        return out.push_str(text);
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    let _ = write!(out, "{digits}{letter}{sign}{exponent:0>2}");
}
