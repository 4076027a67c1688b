//! Parameters that one backend takes from the data of an earlier one: `resp0_user.id` in a `url_pattern`.
//! What stands in the data becomes text as KrakenD makes it, which is Go's formatting, `7.7E+01` included.

use std::fmt::Write as _;

use crate::data::{Number, Table, Value};

/// More levels than this are not spelled out: data may contain itself.
const DEEPEST: usize = 100;

/// The value that a path of keys leads to in a backend's data, as text; none if it is not there, and then the parameter stays
/// as it was.
pub(super) fn value(data: &Table, path: &[String]) -> Option<String> {
    let (last, way) = path.split_last()?;
    let mut data = data.clone();
    for part in way {
        // KrakenD: where the way ends early, the last part is looked up in what was reached.
        let Some(Value::Table(inner)) = data.get(part.as_bytes()) else { break };
        data = inner;
    }
    data.get(last.as_bytes()).map(|value| param(&value))
}

fn param(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Number(Number::Float(number)) => float32(*number, &mut out),
        Value::List(list) => {
            for (index, item) in list.items().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                plain(item, 0, &mut out);
            }
        }
        other => plain(other, 0, &mut out),
    }
    out
}

/// Go's `%v`.
fn plain(value: &Value, depth: usize, out: &mut String) {
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
                plain(item, deeper, out);
            }
            out.push(']');
        }
        Value::Table(table) => {
            out.push_str("map[");
            for (index, (key, item)) in table.entries().iter().enumerate() {
                out.push_str(if index > 0 { " " } else { "" });
                out.push_str(&key.to_text());
                out.push(':');
                plain(item, deeper, out);
            }
            out.push(']');
        }
    }
}

/// A float64 at the top level: Go's format `E`, in the shortest digits of a float32.
fn float32(number: f64, out: &mut String) {
    #[allow(clippy::cast_possible_truncation)] // as KrakenD does
    let short = number as f32;
    if short.is_finite() {
        scientific(&format!("{short:E}"), 'E', out);
    } else {
        out.push_str(not_finite(f64::from(short)));
    }
}

/// Go's `%v` of a float64: an exponent below 1e-4 and from 1e6 on.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::data::{List, Str};
    use crate::pipeline::decode::decode;

    fn value(name: &str, data: &Table) -> Option<String> {
        let path: Vec<String> = name.split_once('_')?.1.split('.').map(str::to_owned).collect();
        super::value(data, &path)
    }

    #[test]
    fn what_came_as_json_keeps_its_text() {
        let body = r#"{"id":77,"f":1.50,"big":12345678901234567890,"s":"abc","t":true,"n":null,
            "l":[1,"x",null,[2.0,3],{"k":"v"}],"e":[],"m":{"b":[1],"a":"x"},"user":{"id":"u7"}}"#;
        let data = decode(Encoding::Json, false, body).unwrap();
        let rows = [
            ("resp0_id", "77"),
            ("resp0_f", "1.50"),
            ("resp0_big", "12345678901234567890"),
            ("resp0_s", "abc"),
            ("resp0_t", "true"),
            ("resp0_n", "<nil>"),
            ("resp0_l", "1,x,<nil>,[2.0 3],map[k:v]"),
            ("resp0_e", ""),
            ("resp0_m", "map[a:x b:[1]]"),
            ("resp0_user.id", "u7"),
            ("resp0_none.id", "77"),
            ("resp0_id.s", "abc"),
        ];
        for (name, text) in rows {
            assert_eq!(value(name, &data).as_deref(), Some(text), "{name}");
        }
        assert_eq!(value("resp0_user.none", &data), None);
    }

    #[test]
    fn numbers_that_a_script_set_get_an_exponent_as_the_recorded_case_shows() {
        let data = Table::new();
        let set = |key: &str, number| data.set(Str::from(key), Value::Number(number));
        set("id", Number::Float(77.0));
        set("small", Number::Float(0.001));
        set("nan", Number::Float(f64::NAN));
        set("nested", Number::Int(77));
        let list = vec![Value::from(77.0), Value::from(1e6), Value::from(1e21), Value::from(1e-5)];
        data.set("list".into(), Value::List(List::from(list)));
        assert_eq!(value("resp0_id", &data).unwrap(), "7.7E+01");
        assert_eq!(value("resp0_small", &data).unwrap(), "1E-03");
        assert_eq!(value("resp0_nan", &data).unwrap(), "NaN");
        assert_eq!(value("resp0_nested", &data).unwrap(), "77");
        assert_eq!(value("resp0_list", &data).unwrap(), "77,1e+06,1e+21,1e-05");
    }

    #[test]
    fn data_that_contains_itself_ends() {
        let data = Table::new();
        data.set("me".into(), Value::Table(data.clone()));
        assert!(value("resp0_me", &data).unwrap().contains('…'));
        data.clear();
    }
}
