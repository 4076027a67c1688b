//! A table that is being built. Empty texts are left out, as with Go's `omitempty`. Knows no feeds.

use crate::data::{Str, Table, Value};

/// The keys and values so far.
#[derive(Default)]
pub(super) struct Fields(Vec<(Str, Value)>);

impl Fields {
    /// Adds a field, even if it is empty.
    pub(super) fn always(&mut self, key: &str, value: Value) {
        self.0.push((Str::from(key), value));
    }

    /// Adds a text, unless it is empty.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.always(key, Value::from(text));
        }
    }

    /// Adds a list, unless it is empty.
    pub(super) fn list(&mut self, key: &str, items: Vec<Value>) {
        if !items.is_empty() {
            self.always(key, Value::List(items.into()));
        }
    }

    /// Adds a value that may be missing.
    pub(super) fn maybe(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.always(key, value);
        }
    }

    /// Adds a date as it is written, and, if it can be read, in UTC.
    pub(super) fn date(&mut self, key: &str, written: &str, meant: Option<String>) {
        self.text(key, written);
        self.maybe(&format!("{key}Parsed"), meant.map(|date| Value::String(date.into())));
    }

    /// Are there no fields?
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
