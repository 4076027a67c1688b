//! Makes a table of fields that hold no containers, one field after another. Its fields lie in a document, as if the table had been
//! read: a hundred texts are two allocations, and are written at once. Knows nothing of the values of Lua.

use std::iter::successors;

use super::document::{Bytes, Document, Entry, Node, Span, Text};
use super::number::Number;
use super::part::Part;
use super::scan::next_special;
use super::shape::{Open, Shape};
use super::table::Table;

/// A table that grows field by field.
pub struct FlatTable {
    /// The fields as JSON, except that texts are not escaped: so the writer finds most fields as it would write them.
    bytes: Vec<u8>,
    fields: Vec<Entry>,
    /// Whether the keys are the numbers from 1 on.
    is_list: bool,
}

/// The key of a field.
pub enum Key<'a> {
    /// A text.
    Text(&'a [u8]),
    /// A number, which becomes a text.
    Number(i64),
}

/// The value of a field.
pub enum Leaf<'a> {
    /// A string.
    Text(&'a [u8]),
    /// A boolean.
    Bool(bool),
    /// An integer that keeps its digits.
    Int(i64),
    /// A number.
    Float(f64),
}

/// The bytes that a field takes besides its texts: quotes, colon, and the digits of a number.
const BESIDES: usize = 8;

impl FlatTable {
    /// A table with room for this many fields, and this many bytes of texts.
    #[must_use]
    pub fn with_capacity(fields: usize, texts: usize) -> Self {
        let bytes = texts.saturating_add(fields.saturating_mul(BESIDES));
        Self { bytes: Vec::with_capacity(bytes), fields: Vec::with_capacity(fields), is_list: true }
    }

    /// Adds a field; the last of several equal keys wins. All texts together are shorter than 1 GiB.
    pub fn push(&mut self, key: Key<'_>, value: Leaf<'_>) {
        self.is_list &=
            matches!(key, Key::Number(number) if usize::try_from(number) == Ok(self.fields.len().wrapping_add(1)));
        self.bytes.push(b'"');
        let start = self.bytes.len();
        let verbatim = match key {
            Key::Text(text) => self.text(text),
            Key::Number(number) => {
                Number::Int(number).write(&mut self.bytes);
                true
            }
        };
        let key = Text::in_source(start, self.bytes.len(), verbatim);
        let node = match value {
            Leaf::Text(text) => {
                self.bytes.extend_from_slice(b"\":\"");
                let start = self.bytes.len();
                let verbatim = self.text(text);
                Node::String(Text::in_source(start, self.bytes.len(), verbatim))
            }
            Leaf::Bool(value) => Node::Bool(value),
            Leaf::Int(value) => Node::Int(value.to_ne_bytes()),
            Leaf::Float(value) => Node::Float(value.to_ne_bytes()),
        };
        self.bytes.push(b'"');
        self.fields.push(Entry { key, node });
    }

    // Says whether JSON writes the text as it is.
    fn text(&mut self, text: &[u8]) -> bool {
        self.bytes.extend_from_slice(text);
        next_special(text, 0) == text.len()
    }

    /// The fields in the order of their keys.
    fn arranged(&self) -> Vec<Entry> {
        let bytes = Bytes { source: &self.bytes, mended: &[] };
        let open = |entry: &Entry| Open { word: bytes.first_word(entry.key), entry: *entry };
        let mut entries = Vec::with_capacity(self.fields.len());
        Shape::default().arrange(&self.fields.iter().map(open).collect::<Vec<_>>(), bytes, &mut entries);
        entries
    }

    /// The same where the keys are the numbers from 1 on: the order of their texts is known (1, 10, 11, 2 …), and sorting a
    /// hundred takes 14,000 instructions.
    fn listed(&self) -> Vec<Entry> {
        let count = self.fields.len();
        let behind = |number: &usize| match number.saturating_mul(10) {
            longer if longer <= count => Some(longer),
            _ => {
                let mut next = if *number < count { *number } else { number / 10 }.wrapping_add(1);
                while next % 10 == 0 {
                    next /= 10;
                }
                Some(next)
            }
        };
        let order = successors(Some(1_usize), behind).take(count);
        let mut entries = Vec::with_capacity(count);
        entries.extend(order.filter_map(|number| self.fields.get(number.wrapping_sub(1)).copied()));
        entries
    }

    /// The table.
    #[must_use]
    pub fn table(self) -> Table {
        let entries = if self.is_list { self.listed() } else { self.arranged() };
        let span = Span::new(0, entries.len());
        Table::of_part(Part::new(&Document::new(self.bytes, Vec::new(), entries), span))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Str, Value, write_table};
    use super::*;

    fn table(fields: &[(&str, Leaf<'_>)]) -> Table {
        let mut flat = FlatTable::with_capacity(0, 0);
        for (key, value) in fields {
            let value = match value {
                Leaf::Text(text) => Leaf::Text(text),
                Leaf::Bool(value) => Leaf::Bool(*value),
                Leaf::Int(value) => Leaf::Int(*value),
                Leaf::Float(value) => Leaf::Float(*value),
            };
            flat.push(Key::Text(key.as_bytes()), value);
        }
        flat.table()
    }

    fn json(table: &Table) -> String {
        String::from_utf8(write_table(table, 1 << 20).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_of_value_is_written_as_a_block_of_fields_is() {
        let fields = [
            ("z", Leaf::Text(b"plain")),
            ("a\"", Leaf::Text(b"<quoted> \"text\"")),
            ("a", Leaf::Text(b"\xff\n")),
            ("int", Leaf::Int(i64::MAX)),
            ("float", Leaf::Float(0.5)),
            ("yes", Leaf::Bool(true)),
            ("", Leaf::Text(b"")),
        ];
        let read = table(&fields);
        let written = json(&read);
        assert_eq!(
            written,
            r#"{"":"","a":"\ufffd\n","a\"":"\u003cquoted\u003e \"text\"","float":0.5,"int":9223372036854775807,"yes":true,"z":"plain"}"#
        );
        read.set("z".into(), Value::from("plain"));
        assert_eq!(json(&read), written, "the same fields in a block");
    }

    #[test]
    fn numbers_as_keys_meet_the_same_texts_and_the_last_wins() {
        for count in [3, 100] {
            let mut flat = FlatTable::with_capacity(count, 0);
            for number in 1..=count {
                flat.push(Key::Number(i64::try_from(number).unwrap()), Leaf::Bool(true));
            }
            flat.push(Key::Text(b"2"), Leaf::Text(b"two"));
            let table = flat.table();
            assert_eq!(table.len(), count);
            assert!(matches!(table.get(b"2"), Some(Value::String(text)) if text.as_bytes() == b"two"));
            assert!(table.keys().is_sorted());
        }
    }

    #[test]
    fn lists_of_any_length_are_in_the_order_of_their_texts() {
        for count in (0..120).chain([999, 1_000, 1_001, 1_010, 12_345]) {
            let mut flat = FlatTable::with_capacity(0, 0);
            (1..=count).for_each(|number| flat.push(Key::Number(number), Leaf::Int(number)));
            assert!(flat.is_list);
            let table = flat.table();
            let keys = table.keys();
            assert_eq!(keys.len(), usize::try_from(count).unwrap());
            assert!(keys.is_sorted_by(|a, b| a < b), "{count}");
            let same = |(key, value): &(Str, Value)| matches!(value, Value::Number(n) if Str::from(n.as_f64().to_string()) == *key);
            assert!(table.entries().iter().all(same));
        }
    }

    #[test]
    fn a_number_that_is_not_finite_cannot_be_written() {
        let error = write_table(&table(&[("x", Leaf::Float(f64::NAN))]), 1_000).unwrap_err();
        assert_eq!(error.to_string(), "NaN or Inf cannot be written as JSON, at x");
    }
}
