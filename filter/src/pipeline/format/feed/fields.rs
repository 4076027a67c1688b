//! A table under way, from which empty texts are left out, as Go's `omitempty` leaves them out. Knows no feeds.

use crate::data::{Str, Table, Value};

/// Keys and values so far.
#[derive(Default)]
pub(super) struct Fields(Vec<(Str, Value)>);

impl Fields {
    /// A field, whatever its value.
    pub(super) fn always(&mut self, key: &str, value: Value) {
        self.0.push((Str::from(key), value));
    }

    /// A text, unless it is empty.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.always(key, Value::from(text));
        }
    }

    /// A list, unless it is empty.
    pub(super) fn list(&mut self, key: &str, items: Vec<Value>) {
        if !items.is_empty() {
            self.always(key, Value::List(items.into()));
        }
    }

    /// A value that may be missing.
    pub(super) fn maybe(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.always(key, value);
        }
    }

    /// A date as it is written, and as it is meant where it can be read.
    pub(super) fn date(&mut self, key: &str, written: &str, meant: Option<String>) {
        self.text(key, written);
        self.maybe(&format!("{key}Parsed"), meant.map(|date| Value::String(date.into())));
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_table(self) -> Table {
        self.0.into_iter().collect()
    }

    pub(super) fn into_value(self) -> Value {
        Value::Table(self.into_table())
    }
}
