//! Values as JSON, as Go writes it. Source: encoding/json/encode.go and indent.go.

use super::float::format_float;
use crate::limits::Budget;
use crate::value::Value;

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `<`, `>` and `&` are escaped.
    Plain,
    /// `<`, `>` and `&` are not escaped.
    Raw,
    /// Each entry on a line of its own, with two spaces for each level; escaped as in `Plain`.
    Pretty,
}

/// A value as JSON. If JSON cannot express it, the error is Go's.
pub(crate) fn to_json(value: &Value, style: Style, budget: &Budget) -> Result<String, String> {
    let mut writer = Writer { out: String::new(), style, budget };
    writer.value(value, 0)?;
    budget.spend_text(writer.out.len())?;
    Ok(writer.out)
}

struct Writer<'b> {
    out: String,
    style: Style,
    budget: &'b Budget,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        Budget::depth_of_values(depth)?;
        self.budget.spend(1)?;
        self.budget.length(self.out.len())?;
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) | Value::Int64(number) => self.out.push_str(&number.to_string()),
            Value::Uint8(number) => self.out.push_str(&number.to_string()),
            Value::Uint64(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) if !number.is_finite() => {
                return Err(format!("json: unsupported value: {}", format_float(*number, 'g', None)));
            }
            Value::Float(number) => self.out.push_str(&float(*number)),
            Value::Complex(..) => return Err("json: unsupported type: complex128".to_owned()),
            Value::String(text) => self.string(text),
            Value::Object(object) => self.string(&object.json()),
            Value::List(list) if list.is_nil() => self.out.push_str("null"),
            Value::List(list) => {
                self.out.push('[');
                for (index, item) in list.items().iter().enumerate() {
                    self.separate(index, depth + 1);
                    self.value(item, depth + 1)?;
                }
                self.end(list.is_empty(), depth, ']');
            }
            Value::Map(map) => {
                self.out.push('{');
                let entries = map.entries();
                for (index, (key, item)) in entries.iter().enumerate() {
                    self.separate(index, depth + 1);
                    self.string(key);
                    self.out.push_str(if self.style == Style::Pretty { ": " } else { ":" });
                    self.value(item, depth + 1)?;
                }
                self.end(entries.is_empty(), depth, '}');
            }
        }
        Ok(())
    }

    fn separate(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line(depth);
    }

    fn end(&mut self, is_empty: bool, depth: usize, bracket: char) {
        if !is_empty {
            self.line(depth);
        }
        self.out.push(bracket);
    }

    fn line(&mut self, depth: usize) {
        if self.style == Style::Pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", depth));
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            let simple = match character {
                '"' | '\\' => character,
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\x08' => 'b',
                '\x0c' => 'f',
                '<' | '>' | '&' if self.style != Style::Raw => {
                    self.out.push_str(&format!("\\u{:04x}", u32::from(character)));
                    continue;
                }
                '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                    self.out.push_str(&format!("\\u{:04x}", u32::from(character)));
                    continue;
                }
                _ => {
                    self.out.push(character);
                    continue;
                }
            };
            self.out.push('\\');
            self.out.push(simple);
        }
        self.out.push('"');
    }
}

/// A number as ES6 writes it, except for the two digits of an exponent.
fn float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format_float(number, 'e', None);
        // "e-09" becomes "e-9".
        return match text.split_once("e-0") {
            Some((mantissa, digit)) => format!("{mantissa}e-{digit}"),
            None => text,
        };
    }
    format_float(number, 'f', None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits::Limits;

    fn text(value: &Value, style: Style) -> Result<String, String> {
        to_json(value, style, &Budget::new(Limits::default()))
    }

    #[test]
    fn numbers_and_texts_are_those_of_go() {
        let value = Value::from(json!([1_000_000, 1e21, 1e-7, 0.5, -0.0, "<a&b>\u{2028}\n\u{1}\u{7f}"]));
        let wanted = r#"[1000000,1e+21,1e-7,0.5,-0,"\u003ca\u0026b\u003e\u2028\n\u0001"#;
        assert_eq!(text(&value, Style::Plain), Ok(format!("{wanted}\u{7f}\"]")));
        assert_eq!(text(&Value::from("<>"), Style::Raw).as_deref(), Ok("\"<>\""));
        assert_eq!(text(&Value::Float(f64::NAN), Style::Raw), Err("json: unsupported value: NaN".to_owned()));
    }

    #[test]
    fn pretty_has_a_line_for_each_entry() {
        let value = Value::from(json!({"b": [1, {}], "a": []}));
        assert_eq!(text(&value, Style::Pretty).as_deref(), Ok("{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}"));
    }
}
