//! From data to XML, as mxj writes a map (marshalMapToXmlIndent): keys are sorted, `-key` is an attribute, `#text` is the text,
//! and a list becomes elements of one name. Names are written as they are.

use crate::data::{Number, Table, Value};
use crate::pipeline::format::go_text::plain;
use crate::pipeline::format::output::Output;
use crate::pipeline::format::write_error::EncodeError;

/// The root's name if the data has not exactly one key, or if that key's list cannot be a root.
const ROOT: &str = "doc";
const TEXT: &[u8] = b"#text";

/// The document, at most `max_bytes` long. As in KrakenD, it is empty if a key `-…` holds a table, a list or null.
///
/// # Errors
/// The data is too large or too deep.
pub(crate) fn write(data: &Table, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer { out: Output::new("XML", max_bytes), holds_no_attribute: false };
    let entries = data.entries();
    match entries.as_slice() {
        [(key, value)] if !is_mixed_list(value) => writer.element(key.as_bytes(), value, 0)?,
        _ => writer.element(ROOT.as_bytes(), &Value::Table(data.clone()), 0)?,
    }
    if writer.holds_no_attribute {
        return Ok(Vec::new());
    }
    writer.out.finish()
}

fn is_mixed_list(value: &Value) -> bool {
    match value {
        Value::List(list) => list.items().iter().any(|item| !matches!(item, Value::Table(_))),
        _ => false,
    }
}

struct Writer {
    out: Output,
    // mxj stops at such an attribute, and krakend-xml ignores its error.
    holds_no_attribute: bool,
}

impl Writer {
    fn element(&mut self, name: &[u8], value: &Value, depth: usize) -> Result<(), EncodeError> {
        self.out.check(depth)?;
        let deeper = depth.saturating_add(1);
        if let Value::List(list) = value
            && !list.is_empty()
        {
            return list.items().iter().try_for_each(|item| self.element(name, item, deeper));
        }
        self.out.push(b"<");
        self.out.push(name);
        match value {
            Value::Table(table) => return self.table(name, table, deeper),
            Value::Null | Value::List(_) => self.out.push(b"/>"),
            Value::String(text) if text.is_empty() => self.out.push(b"/>"),
            value => {
                self.out.push(b">");
                self.text(value);
                self.close(name);
            }
        }
        Ok(())
    }

    fn table(&mut self, name: &[u8], table: &Table, depth: usize) -> Result<(), EncodeError> {
        let entries = table.entries();
        let is_attribute = |key: &[u8]| key.len() > 1 && key.starts_with(b"-");
        for (key, value) in entries.iter().filter(|(key, _)| is_attribute(key.as_bytes())) {
            if matches!(value, Value::Table(_) | Value::List(_) | Value::Null) {
                self.holds_no_attribute = true;
                return Ok(());
            }
            self.out.push(b" ");
            self.out.push(key.as_bytes().get(1..).unwrap_or_default());
            self.out.push(b"=\"");
            self.text(value);
            self.out.push(b"\"");
        }
        if entries.iter().all(|(key, _)| is_attribute(key.as_bytes())) {
            self.out.push(b"/>");
            return Ok(());
        }
        self.out.push(b">");
        if let Some(text) = table.get(TEXT) {
            self.text(&text);
        }
        for (key, value) in &entries {
            if !is_attribute(key.as_bytes()) && key.as_bytes() != TEXT {
                self.element(key.as_bytes(), value, depth)?;
                if self.holds_no_attribute {
                    return Ok(());
                }
            }
        }
        self.close(name);
        Ok(())
    }

    fn close(&mut self, name: &[u8]) {
        self.out.push(b"</");
        self.out.push(name);
        self.out.push(b">");
    }

    fn text(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.escaped(text.as_bytes()),
            Value::Number(Number::Text(text)) => self.out.push(text.as_bytes()),
            other => {
                let mut text = String::new();
                plain(other, 0, usize::MAX, &mut text);
                self.out.push(text.as_bytes());
            }
        }
    }

    fn escaped(&mut self, text: &[u8]) {
        for piece in text.split_inclusive(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
            let (last, before) = piece.split_last().unwrap_or((&b' ', &[]));
            let escape: &[u8] = match last {
                b'&' => b"&amp;",
                b'<' => b"&lt;",
                b'>' => b"&gt;",
                b'"' => b"&quot;",
                b'\'' => b"&apos;",
                _ => {
                    self.out.push(piece);
                    continue;
                }
            };
            self.out.push(before);
            self.out.push(escape);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{List, Str, parse};

    fn written(json: &str) -> String {
        let Ok(Value::Table(table)) = parse(json) else { panic!("{json}") };
        String::from_utf8(write(&table, 10_000).unwrap()).unwrap()
    }

    #[test]
    fn data_becomes_what_mxj_writes() {
        let rows = [
            ("{}", "<doc/>"),
            (r#"{"a":1,"b":[]}"#, "<doc><a>1</a><b/></doc>"),
            (r#"{"a":[{"b":1},{"b":2}]}"#, "<a><b>1</b></a><a><b>2</b></a>"),
            (r#"{"a":[1,[2,3]]}"#, "<doc><a>1</a><a>2</a><a>3</a></doc>"),
            (r#"{"a":{"-x":"\"'","b":""}}"#, "<a x=\"&quot;&apos;\"><b/></a>"),
            (r#"{"a":{"-x":1}}"#, "<a x=\"1\"/>"),
            (r##"{"a":{"-x":true,"#text":"t"}}"##, "<a x=\"true\">t</a>"),
            (r#"{"a":{"-x":{}}}"#, ""),
            (r#"{"a":null}"#, "<a/>"),
            (r#"{"a":1.50}"#, "<a>1.50</a>"),
        ];
        for (json, xml) in rows {
            assert_eq!(written(json), xml, "{json}");
        }
    }

    #[test]
    fn data_without_end_is_refused() {
        let root = Table::new();
        root.set(Str::from("me"), Value::Table(root.clone()));
        assert!(write(&root, 1 << 20).unwrap_err().to_string().contains("contain itself"));
        root.clear();
        let mut inner = Value::from("x");
        for _ in 0..40 {
            inner = Value::List(List::from(vec![inner.clone(), inner]));
        }
        let root: Table = [(Str::from("a"), inner)].into_iter().collect();
        assert_eq!(write(&root, 1_000).unwrap_err().to_string(), "the data is larger than 1000 bytes of XML");
    }
}
