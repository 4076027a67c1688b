//! From data to YAML, as gin writes a map with goccy/go-yaml: keys are sorted, each level has two spaces, lists are indented
//! like their key, and texts have no quotes if they cannot be taken for another type. A number that came with a backend's JSON
//! is text to that library, and gets quotes, as in KrakenD.

use crate::data::{Number, Table, Value};
use crate::pipeline::format::go_text::plain;
use crate::pipeline::format::output::Output;
use crate::pipeline::format::write_error::EncodeError;

/// Words that a reader of YAML 1.1 or 1.2 does not take for text.
const WORDS: [&str; 26] = [
    "null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "yes", "Yes", "YES", "n",
    "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
];

/// The document, at most `max_bytes` long.
///
/// # Errors
/// The data is too large or too deep.
pub(crate) fn write(data: &Table, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer { out: Output::new("YAML", max_bytes) };
    if data.is_empty() {
        writer.out.push(b"{}\n");
    } else {
        writer.map(data, 0, false, 0)?;
    }
    writer.out.finish()
}

struct Writer {
    out: Output,
}

impl Writer {
    /// Writes the fields of a map, one in each line. `goes_on`: the first one continues the current line.
    fn map(&mut self, table: &Table, indent: usize, mut goes_on: bool, depth: usize) -> Result<(), EncodeError> {
        let deeper = depth.saturating_add(1);
        for (key, value) in table.entries() {
            self.out.check(depth)?;
            if !std::mem::take(&mut goes_on) {
                self.indent(indent);
            }
            self.out.push(quoted(&key.to_text()).as_bytes());
            self.out.push(b":");
            match &value {
                Value::Table(inner) if !inner.is_empty() => {
                    self.out.push(b"\n");
                    self.map(inner, indent.saturating_add(2), false, deeper)?;
                }
                Value::List(list) if !list.is_empty() => {
                    self.out.push(b"\n");
                    self.list(&list.items(), indent, false, deeper)?;
                }
                value => {
                    self.out.push(b" ");
                    self.scalar(value, indent.saturating_add(2));
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value], indent: usize, mut goes_on: bool, depth: usize) -> Result<(), EncodeError> {
        let (within, deeper) = (indent.saturating_add(2), depth.saturating_add(1));
        for item in items {
            self.out.check(depth)?;
            if !std::mem::take(&mut goes_on) {
                self.indent(indent);
            }
            self.out.push(b"- ");
            match item {
                Value::Table(inner) if !inner.is_empty() => self.map(inner, within, true, deeper)?,
                Value::List(list) if !list.is_empty() => self.list(&list.items(), within, true, deeper)?,
                value => self.scalar(value, within),
            }
        }
        Ok(())
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        let mut text = String::new();
        match value {
            Value::Null => text.push_str("null"),
            Value::Table(_) => text.push_str("{}"),
            Value::List(_) => text.push_str("[]"),
            Value::String(letters) => match std::str::from_utf8(letters.as_bytes()) {
                Ok(letters) if is_block(letters) => return self.block(letters, indent),
                Ok(letters) => text = quoted(letters),
                Err(_) => text = quoted(&letters.to_text()),
            },
            Value::Number(Number::Text(digits)) => text = quoted(&digits.to_text()),
            Value::Number(Number::Float(number)) if !number.is_finite() => text.push_str(match *number {
                f64::INFINITY => ".inf",
                f64::NEG_INFINITY => "-.inf",
                _ => ".nan",
            }),
            Value::Number(Number::Float(_)) => {
                plain(value, 0, usize::MAX, &mut text);
                if !text.contains(['.', 'e']) {
                    text.push_str(".0");
                }
            }
            other => plain(other, 0, usize::MAX, &mut text),
        }
        self.out.push(text.as_bytes());
        self.out.push(b"\n");
    }

    // Writes `|-` and the lines of a text; `|` if the text ends with one line end, and `|+` if it ends with several.
    fn block(&mut self, text: &str, indent: usize) {
        let lines = text.strip_suffix('\n');
        let (header, lines) = match lines {
            None => ("|-\n", text),
            Some(lines) if lines.ends_with('\n') => ("|+\n", lines),
            Some(lines) => ("|\n", lines),
        };
        self.out.push(header.as_bytes());
        for line in lines.split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.out.push(line.as_bytes());
            }
            self.out.push(b"\n");
        }
    }

    fn indent(&mut self, by: usize) {
        const SPACES: [u8; 64] = [b' '; 64];
        let mut left = by;
        while left > 0 {
            let part = SPACES.get(..left.min(SPACES.len())).unwrap_or_default();
            self.out.push(part);
            left = left.saturating_sub(part.len());
        }
    }
}

/// Can the text be written as a block of several lines?
fn is_block(text: &str) -> bool {
    let is_bare = |letter: char| letter == '\n' || letter == '\t' || !letter.is_control() && letter != '\u{feff}';
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text.chars().all(is_bare)
        && !text.contains(['\u{2028}', '\u{2029}'])
}

/// A text on one line, in quotes if it needs them.
fn quoted(text: &str) -> String {
    if !needs_quotes(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter if letter.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn needs_quotes(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    WORDS.contains(&text)
        || matches!(text, "-" | "<<")
        || text == "?"
        || matches!(
            first,
            '*' | '&' | '[' | '{' | '}' | ']' | ',' | '!' | '|' | '>' | '%' | '\'' | '"' | '@' | ' ' | '`'
        )
        || text.starts_with("? ")
        || text.starts_with("---")
        || text.ends_with([':', ' '])
        || text.contains(['#', '\\'])
        || text.contains(": ")
        || text.contains("- ")
        || text.chars().any(|letter| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}'))
        || is_number(text)
        || is_time(text)
}

fn is_number(text: &str) -> bool {
    if !matches!(super::scalar::plain(text), Value::String(_)) {
        return true;
    }
    let digits = text.trim_start_matches(['+', '-']);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'x' | b'o' | b'.'))
        && digits.bytes().any(|byte| matches!(byte, b'_' | b'x' | b'o'))
        || digits.strip_prefix("0b").is_some_and(|bits| bits.bytes().all(|bit| matches!(bit, b'0' | b'1')))
}

/// Is the text a date, a time of the day, or both?
fn is_time(text: &str) -> bool {
    let shape: String =
        text.chars().take(20).map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape == "0000-00-00"
        || ["0000-00-00T00:00:00", "0000-00-00t00:00:00", "0000-00-00 00:00:00"]
            .iter()
            .any(|time| shape.starts_with(time))
        || matches!(shape.as_str(), "0:0" | "0:00" | "00:0" | "00:00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Str, parse};
    use crate::pipeline::format::yaml::read;

    fn table(json: &str) -> Table {
        let Ok(Value::Table(table)) = parse(json) else { panic!("{json}") };
        table
    }

    fn written(json: &str) -> String {
        String::from_utf8(write(&table(json), 10_000).unwrap()).unwrap()
    }

    #[test]
    fn data_becomes_blocks() {
        let rows = [
            ("{}", "{}\n"),
            (r#"{"b":true,"a":"x","n":null}"#, "a: x\nb: true\n\"n\": null\n"),
            (r#"{"a":1,"f":1.5}"#, "a: \"1\"\nf: \"1.5\"\n"),
            (r#"{"o":{"p":{"q":"r"}},"e":{},"l":[]}"#, "e: {}\nl: []\no:\n  p:\n    q: r\n"),
            (r#"{"l":["a",{"b":"c","d":["e"]},["f","g"],[]]}"#, "l:\n- a\n- b: c\n  d:\n  - e\n- - f\n  - g\n- []\n"),
            (
                r#"{"s":"a: b","t":"yes","u":"","v":"x\ny\n","w":"2024-05-01"}"#,
                "s: \"a: b\"\nt: \"yes\"\nu: \"\"\nv: |\n  x\n  y\nw: \"2024-05-01\"\n",
            ),
        ];
        for (json, yaml) in rows {
            assert_eq!(written(json), yaml, "{json}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let texts = [
            "",
            " ",
            "a",
            "null",
            "~",
            "1",
            "-1.5e3",
            "0x1f",
            "1_000",
            "yes",
            "- a",
            "-",
            "? x",
            "a: b",
            "a:",
            "#c",
            "a #b",
            "[x",
            "{x",
            "*x",
            "&x",
            "!x",
            "|",
            ">",
            "%x",
            "@x",
            "`x",
            "'x",
            "\"x",
            "x\\y",
            "a\nb",
            "a\n",
            "a\n\n",
            "\na",
            " a\nb",
            "a\r\nb",
            "\u{7}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}x",
            "é€😀",
            "---",
            "--- x",
            "...",
            "12:30",
            "=",
            "<<",
            "a\n b\n",
            "\t",
            "a\tb",
            "a: \n",
            "x\n#y\n",
        ];
        for text in texts {
            let data: Table = [(Str::from(text), Value::from(text))].into_iter().collect();
            let list = Value::List(vec![Value::from(text), Value::Table(data.clone())].into());
            let data: Table = [(Str::from("a"), Value::Table(data)), (Str::from("l"), list)].into_iter().collect();
            let yaml = write(&data, 10_000).unwrap();
            let back = read(&yaml, 10_000)
                .unwrap_or_else(|error| panic!("{text:?}: {error}\n{}", String::from_utf8_lossy(&yaml)));
            let json = |value: &Value| String::from_utf8(crate::data::write(value, 10_000).unwrap()).unwrap();
            assert_eq!(json(&back), json(&Value::Table(data)), "{text:?}:\n{}", String::from_utf8_lossy(&yaml));
        }
    }

    #[test]
    fn data_without_end_is_refused() {
        let root = Table::new();
        root.set(Str::from("me"), Value::Table(root.clone()));
        assert!(write(&root, 10 << 20).unwrap_err().to_string().contains("contain itself"));
        assert_eq!(write(&root, 1_000).unwrap_err().to_string(), "the data is larger than 1000 bytes of YAML");
        root.clear();
    }
}
