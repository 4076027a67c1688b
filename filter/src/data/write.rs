//! Writes a value as Go's encoding/json does for KrakenD: keys sorted, no white space, `<`, `>`, `&`, U+2028 and U+2029
//! escaped, invalid UTF-8 as `\ufffd`. A value that cannot be written gives an error that names the place.

use super::document::{Document, Entry, Node, Text};
use super::fields::Fields;
use super::list::{Items, List};
use super::number::Number;
use super::part::scalar;
use super::scan::next_special;
use super::table::Table;
use super::text::Str;
use super::value::{MAX_DEPTH, Value};
use super::write_error::{Cause, PathStep, WriteError, Written, fail};

/// The greatest depth. The formatter may put a table around the parsed data, and a script another one around that.
const DEEPEST: usize = MAX_DEPTH + 24;

/// The JSON of a value, at most `max_bytes` of it.
///
/// # Errors
/// [`WriteError`] for numbers that are not finite, for data without end, and for too much data: a few tables that contain each
/// other twice can stand for more text than fits into any memory.
pub fn write(value: &Value, max_bytes: usize) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(expected_size(value), max_bytes);
    writer.value(value, 0)?;
    writer.finish()
}

/// The JSON of a table; see [`write`].
///
/// # Errors
/// As [`write`].
pub fn write_table(table: &Table, max_bytes: usize) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(table.origin_size().max(SMALL), max_bytes);
    writer.table(table, 0)?;
    writer.finish()
}

/// The bytes that are reserved for data that was not parsed.
const SMALL: usize = 512;

/// The bytes to reserve: a document is usually written about as long as it was when it was read.
fn expected_size(value: &Value) -> usize {
    match value {
        Value::Table(table) => table.origin_size(),
        Value::List(list) => list.origin_size(),
        _ => 0,
    }
    .max(SMALL)
}

struct Writer {
    out: Vec<u8>,
    max_bytes: usize,
}

impl Writer {
    fn new(expected: usize, max_bytes: usize) -> Self {
        Self { out: Vec::with_capacity(expected.min(max_bytes)), max_bytes }
    }

    fn finish(self) -> Result<Vec<u8>, WriteError> {
        self.check_size().map_err(|error| *error)?;
        Ok(self.out)
    }

    fn value(&mut self, value: &Value, depth: usize) -> Written {
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Number(number) if !number.is_writable() => return fail(Cause::NotFinite),
            Value::Number(number) => self.number(number),
            Value::String(text) => {
                self.begin_text(text.len())?;
                self.string(text);
                return self.check_size();
            }
            Value::Table(table) => return self.table(table, depth),
            Value::List(list) => return self.list(list, depth),
        }
        Ok(())
    }

    // Not inlined into what is nested for each level of tables: the stack is small.
    #[inline(never)]
    fn number(&mut self, number: &Number) {
        number.write(&mut self.out);
    }

    /// Escapes make a text at most six times as long. A text that is too long without escapes is not even begun.
    fn begin_text(&self, len: usize) -> Written {
        if len > self.max_bytes { fail(Cause::TooLarge(self.max_bytes)) } else { Ok(()) }
    }

    fn list(&mut self, list: &List, depth: usize) -> Written {
        match list.seen().as_deref() {
            None => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Some(Items::Read(part)) => {
                let items = part.entries().get(..list.len()).unwrap_or_default();
                self.items(items, depth, |writer, item, depth| writer.node(&part.document, item.node, depth))
            }
            Some(Items::Made(items)) => self.items(items.get(..list.len()).unwrap_or_default(), depth, Self::value),
        }
    }

    fn items<T>(&mut self, items: &[T], depth: usize, write: impl Fn(&mut Self, &T, usize) -> Written) -> Written {
        self.open(b'[', depth)?;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self, item, depth.saturating_add(1)).map_err(|error| error.under(|| PathStep::Index(index)))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn table(&mut self, table: &Table, depth: usize) -> Written {
        match &*table.seen() {
            Fields::Nil => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Fields::Read(part) => self.object(&part.document, part.entries(), depth),
            Fields::Block(fields) => self.fields(fields.iter().map(|(key, value)| (key, value)), depth),
            Fields::Tree(fields) => self.fields(fields.iter(), depth),
        }
    }

    fn fields<'a>(&mut self, fields: impl Iterator<Item = (&'a Str, &'a Value)>, depth: usize) -> Written {
        self.open(b'{', depth)?;
        let mut separator: &[u8] = b"";
        for (key, value) in fields {
            self.out.extend_from_slice(separator);
            separator = b",";
            self.string(key);
            self.out.push(b':');
            self.value(value, depth.saturating_add(1))
                .map_err(|error| error.under(|| PathStep::Key(key.to_text().into_owned())))?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// An object of a document. Most fields lie in the document as they are written.
    #[inline(never)] // as `number`
    fn object(&mut self, document: &Document, fields: &[Entry], depth: usize) -> Written {
        self.open(b'{', depth)?;
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let written = match document.as_written(field) {
                Some(piece) if let Node::Number(_) = field.node => {
                    self.out.extend_from_slice(piece);
                    Ok(())
                }
                Some(piece) => self.begin_text(piece.len()).and_then(|()| {
                    self.out.extend_from_slice(piece);
                    self.check_size()
                }),
                None => {
                    self.text(document, field.key);
                    self.out.push(b':');
                    self.node(document, field.node, depth.saturating_add(1))
                }
            };
            written.map_err(|error| error.under(|| PathStep::Key(document.text(field.key).to_text().into_owned())))?;
        }
        self.out.push(b'}');
        Ok(())
    }

    #[inline(never)] // as `number`
    fn node(&mut self, document: &Document, node: Node, depth: usize) -> Written {
        match node {
            Node::Null => self.out.extend_from_slice(b"null"),
            Node::Bool(true) => self.out.extend_from_slice(b"true"),
            Node::Bool(false) => self.out.extend_from_slice(b"false"),
            Node::Number(text) => self.out.extend_from_slice(document.bytes().of(text)),
            Node::Int(_) | Node::Float(_) => return self.value(&scalar(document, node).unwrap_or_default(), depth),
            Node::String(text) => {
                self.begin_text(text.len())?;
                self.text(document, text);
                return self.check_size();
            }
            Node::Table(span) => return self.object(document, document.entries(span), depth),
            Node::List(span) => {
                return self.items(document.entries(span), depth, |writer, item, depth| {
                    writer.node(document, item.node, depth)
                });
            }
        }
        Ok(())
    }

    #[inline(never)] // as `number`
    fn text(&mut self, document: &Document, text: Text) {
        match document.quoted(text) {
            Some(quoted) => self.out.extend_from_slice(quoted),
            None => {
                self.out.push(b'"');
                self.escaped(document.bytes().of(text));
                self.out.push(b'"');
            }
        }
    }

    fn open(&mut self, bracket: u8, depth: usize) -> Written {
        if depth >= DEEPEST {
            return fail(Cause::TooDeep);
        }
        self.check_size()?;
        self.out.push(bracket);
        Ok(())
    }

    fn check_size(&self) -> Written {
        if self.out.len() > self.max_bytes {
            return fail(Cause::TooLarge(self.max_bytes));
        }
        Ok(())
    }

    #[inline(never)] // as `number`
    fn string(&mut self, text: &Str) {
        let bytes = text.as_bytes();
        self.out.reserve(bytes.len().saturating_add(2));
        self.out.push(b'"');
        if text.is_verbatim() {
            self.out.extend_from_slice(bytes);
        } else {
            self.escaped(bytes);
        }
        self.out.push(b'"');
    }

    fn escaped(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            let plain = next_special(rest, 0);
            let (before, special) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
            self.out.extend_from_slice(before);
            rest = match special {
                [] => return,
                [0x80..=0xff, ..] => self.other(special),
                [byte, behind @ ..] => {
                    self.escape(*byte);
                    behind
                }
            };
        }
    }

    fn escape(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let letter = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => {
                let digit = |four_bits: u8| HEX.get(usize::from(four_bits)).copied().unwrap_or(b'0');
                let code = [b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)];
                return self.out.extend_from_slice(&code);
            }
        };
        self.out.extend_from_slice(&[b'\\', letter]);
    }

    /// Writes a run of bytes outside ASCII; gives the bytes behind it.
    fn other<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(u8::is_ascii).unwrap_or(bytes.len());
        let (run, behind) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        for chunk in run.utf8_chunks() {
            let mut text = chunk.valid();
            while let Some((before, separator)) = split_at_separator(text) {
                self.out.extend_from_slice(before.as_bytes());
                self.out.extend_from_slice(if separator.starts_with('\u{2028}') { b"\\u2028" } else { b"\\u2029" });
                text = separator.get('\u{2028}'.len_utf8()..).unwrap_or_default();
            }
            self.out.extend_from_slice(text.as_bytes());
            for _ in chunk.invalid() {
                self.out.extend_from_slice(b"\\ufffd");
            }
        }
        behind
    }
}

fn split_at_separator(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(text.find(['\u{2028}', '\u{2029}'])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &Value) -> String {
        String::from_utf8(write(value, 1 << 20).unwrap()).unwrap()
    }

    #[test]
    fn strings_are_escaped_as_the_recorded_case_data_unicode_shows() {
        let rows: [(&[u8], &str); 8] = [
            ("ñ€😀".as_bytes(), r#""ñ€😀""#),
            (b"\xffx", r#""\ufffdx""#),
            (b"a\0b\nc\tq\"\\/", r#""a\u0000b\nc\tq\"\\/""#),
            (b"<a href=\"x\">&</a>", r#""\u003ca href=\"x\"\u003e\u0026\u003c/a\u003e""#),
            (b"x\xe2\x80\xa8y\xe2\x80\xa9", r#""x\u2028y\u2029""#),
            (b"\xe2\x80", r#""\ufffd\ufffd""#),
            (b"\x08\x0c\x1f\x7f", "\"\\b\\f\\u001f\x7f\""),
            ("\u{fffd}".as_bytes(), "\"\u{fffd}\""),
        ];
        for (text, written) in rows {
            assert_eq!(json(&Value::String(Str::from(text))), written);
        }
    }

    #[test]
    fn what_is_parsed_is_escaped_just_as_what_a_script_made() {
        let body = "{\"<k>\":\"\u{2028} & ñ\"}";
        assert_eq!(json(&super::super::parse(body).unwrap()), r#"{"\u003ck\u003e":"\u2028 \u0026 ñ"}"#);
    }

    #[test]
    fn numbers_that_are_not_finite_name_the_place() {
        let (root, inner) = (Table::new(), Table::new());
        inner.set("x".into(), Value::from(f64::NAN));
        root.set("items".into(), Value::List(List::from(vec![Value::Null, Value::Table(inner)])));
        let error = write_table(&root, 1000).unwrap_err();
        assert_eq!(error.to_string(), "NaN or Inf cannot be written as JSON, at items[1].x");
    }

    #[test]
    fn a_table_that_contains_itself_is_an_error_in_a_small_stack() {
        std::thread::Builder::new()
            .stack_size(if cfg!(debug_assertions) { 4 << 20 } else { 512 << 10 })
            .spawn(|| {
                let root = Table::new();
                root.set("me".into(), Value::Table(root.clone()));
                let error = write_table(&root, 1 << 20).unwrap_err().to_string();
                assert!(error.contains("contain itself") && error.contains(", at me.me.me"), "{error}");
                root.clear();
            })
            .unwrap()
            .join()
            .unwrap();
    }

    #[test]
    fn data_that_stands_for_too_much_text_is_refused() {
        let mut inner = Table::new();
        for _ in 0..60 {
            let outer = Table::new();
            outer.set("a".into(), Value::Table(inner.clone()));
            outer.set("b".into(), Value::Table(inner));
            inner = outer;
        }
        let error = write_table(&inner, 1 << 20).unwrap_err().to_string();
        assert!(error.starts_with("the data is larger than 1048576 bytes of JSON, at a.a"), "{error}");
    }
}
