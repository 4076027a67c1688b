//! Tables: JSON objects with the reference semantics of a Go map. `fields` says how their fields lie. No method runs foreign code
//! while it borrows the fields.

use std::cell::{Ref, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use super::fields::Fields;
use super::list::List;
use super::part::Part;
use super::release::release;
use super::sorted::sort;
use super::text::Str;
use super::value::Value;

/// A JSON object. A clone is the same object.
#[derive(Clone)]
pub struct Table(Rc<Held>);

/// The data that all clones of a table share.
pub(super) struct Held(RefCell<Fields>);

impl Table {
    /// A table without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Fields::Block(Vec::new()))
    }

    /// Go's nil map, which a body of `null` decodes to: it reads as empty, and is written as `null` until a field is set.
    #[must_use]
    pub fn nil() -> Self {
        Self::of(Fields::Nil)
    }

    fn of(fields: Fields) -> Self {
        Self(Rc::new(Held(RefCell::new(fields))))
    }

    /// Makes a table from fields in any order; the last of several equal keys wins.
    pub(super) fn from_fields(mut fields: Vec<(Str, Value)>) -> Self {
        sort(&mut fields);
        Self::of(Fields::Block(fields))
    }

    /// An object of a document.
    pub(super) fn of_part(part: Part) -> Self {
        Self::of(Fields::Read(part))
    }

    /// Whether this is a nil map.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(*self.seen(), Fields::Nil)
    }

    /// Turns a nil map into an empty table, as KrakenD does before a script sees it.
    pub fn make_real(&self) {
        if self.is_nil() {
            self.0.0.replace(Fields::Block(Vec::new()));
        }
    }

    /// The value of a key. A table or list in it is the same one, not a copy.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        if let Fields::Read(part) = &*self.seen() {
            let node = part.find(key)?;
            if let Some(scalar) = part.scalar(node) {
                return Some(scalar);
            }
        }
        self.fields().find(key).cloned()
    }

    /// Whether the key exists, whatever its value.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        match &*self.seen() {
            Fields::Read(part) => part.find(key).is_some(),
            fields => fields.find(key).is_some(),
        }
    }

    /// Adds or replaces a field.
    pub fn set(&self, key: Str, value: Value) {
        // The old value is dropped after the borrow has ended: it may hold anything.
        let _old = self.made().borrow_mut().put(key, value);
    }

    /// Removes a field and gives its value.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.made().borrow_mut().take(key)
    }

    /// Number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        match &*self.seen() {
            Fields::Nil => 0,
            Fields::Read(part) => part.len(),
            Fields::Block(fields) => fields.len(),
            Fields::Tree(fields) => fields.len(),
        }
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys, sorted by bytes.
    #[must_use]
    pub fn keys(&self) -> Vec<Str> {
        self.fields().iter().map(|(key, _)| key.clone()).collect()
    }

    /// The keys as the list that a script gets.
    #[must_use]
    pub fn key_list(&self) -> List {
        let keys: Vec<Value> = self.fields().iter().map(|(key, _)| Value::String(key.clone())).collect();
        List::from(keys)
    }

    /// A copy of the current fields, sorted by key: the table may change while the caller walks over them.
    #[must_use]
    pub fn entries(&self) -> Vec<(Str, Value)> {
        self.fields().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Keeps the fields for which `keep` gives `true`.
    pub fn retain(&self, mut keep: impl FnMut(&Str, &Value) -> bool) {
        // The fields are out of the table during the calls, so that `keep` may do what it likes with the table.
        let mut fields = self.made().replace(Fields::Nil);
        match &mut fields {
            Fields::Nil | Fields::Read(_) => {}
            Fields::Block(fields) => fields.retain(|(key, value)| keep(key, value)),
            Fields::Tree(fields) => fields.retain(|key, value| keep(key, value)),
        }
        let _replaced = self.0.0.replace(fields);
    }

    /// Removes all fields. This also cuts a cycle.
    pub fn clear(&self) {
        let _old = self.0.0.replace(Fields::Block(Vec::new()));
    }

    /// Whether both are one and the same table.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The size of the document from which the table was read; zero if it was not read from one.
    pub(super) fn origin_size(&self) -> usize {
        match &*self.seen() {
            Fields::Read(part) => part.document.len(),
            fields => fields.iter().next().map_or(0, |(key, _)| key.origin_size()),
        }
    }

    /// The fields as they are at the moment.
    pub(super) fn seen(&self) -> Ref<'_, Fields> {
        self.0.0.borrow()
    }

    fn fields(&self) -> Ref<'_, Fields> {
        self.made().borrow()
    }

    /// The fields, no longer as a part of a document.
    fn made(&self) -> &RefCell<Fields> {
        let made = match &*self.seen() {
            Fields::Read(part) => Some(part.fields()),
            _ => None,
        };
        if let Some(fields) = made {
            self.0.0.replace(Fields::Block(fields));
        }
        &self.0.0
    }

    pub(super) fn downgrade(&self) -> Weak<Held> {
        Rc::downgrade(&self.0)
    }
}

impl Held {
    /// Removes all fields, with a limited depth of the stack.
    pub(super) fn empty(&self) {
        let _old = self.0.replace(Fields::Nil);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // A part of a document holds no container.
        if !matches!(self.0.get_mut(), Fields::Nil | Fields::Read(_)) {
            release(std::mem::replace(self.0.get_mut(), Fields::Nil));
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl FromIterator<(Str, Value)> for Table {
    fn from_iter<I: IntoIterator<Item = (Str, Value)>>(fields: I) -> Self {
        Self::from_fields(fields.into_iter().collect())
    }
}

impl<'a> FromIterator<(&'a str, &'a [u8])> for Table {
    /// Makes a table of texts.
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a [u8])>>(fields: I) -> Self {
        fields.into_iter().map(|(name, text)| (Str::from(name), Value::String(Str::from(text)))).collect()
    }
}

impl fmt::Debug for Table {
    /// Shows only the size: a table may contain itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} fields)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::{FEW, MOST_MOVED};
    use super::*;

    #[test]
    fn a_clone_is_the_same_table() {
        let outer = Table::new();
        let inner = Table::new();
        outer.set("t".into(), Value::Table(inner.clone()));
        inner.set("later".into(), Value::Bool(true));
        let Some(Value::Table(seen)) = outer.get(b"t") else { panic!("no table") };
        assert!(seen.contains(b"later") && seen.is_same(&inner));
    }

    #[test]
    fn keys_come_sorted_by_bytes() {
        let table: Table =
            ["b", "B", "a", "é", "10", "9", "_"].into_iter().map(|key| (Str::from(key), Value::Null)).collect();
        let keys: Vec<String> = table.keys().iter().map(|key| key.to_text().into_owned()).collect();
        assert_eq!(keys, ["10", "9", "B", "_", "a", "b", "é"]);
    }

    #[test]
    fn of_equal_keys_the_last_wins_in_small_and_large_tables() {
        for extra in [0, 100] {
            let mut fields = vec![
                (Str::from("k"), Value::from("one")),
                (Str::from("a"), Value::Null),
                (Str::from("k"), Value::from("two")),
                (Str::from("k"), Value::from("three")),
            ];
            fields.extend((0..extra).map(|n| (Str::from(n.to_string()), Value::Null)));
            let table = Table::from_fields(fields);
            assert_eq!(table.len(), 2 + extra);
            assert!(matches!(table.get(b"k"), Some(Value::String(text)) if text.as_bytes() == b"three"));
        }
    }

    #[test]
    fn many_fields_that_came_at_once_change_like_few() {
        for count in [1, 8, 9, FEW, FEW + 1, MOST_MOVED, MOST_MOVED + 1] {
            let key = |n: usize| Str::from((n * 7 % count).to_string());
            let numbered = || (0..count).map(|n| (key(n), Value::Null)).collect::<Table>();
            let (added, removed) = (numbered(), numbered());
            added.set("0".into(), Value::Bool(true));
            added.set("x".into(), Value::Bool(true));
            assert_eq!(added.len(), count + 1, "{count}");
            assert!(matches!((added.get(b"0"), added.get(b"x")), (Some(Value::Bool(true)), Some(Value::Bool(true)))));
            assert!(removed.remove(b"x").is_none() && removed.remove(b"0").is_some());
            assert_eq!(removed.len(), count - 1, "{count}");
            let keys = removed.keys();
            assert!(keys.is_sorted() && keys.iter().all(|key| removed.contains(key.as_bytes())));
        }
    }

    #[test]
    fn ten_thousand_keys_can_be_set_found_and_removed() {
        let table = Table::new();
        for n in 0..10_000u32 {
            table.set(n.to_string().into(), Value::from(f64::from(n)));
        }
        assert_eq!(table.len(), 10_000);
        assert!(table.contains(b"9999") && !table.contains(b"10000"));
        for n in 0..10_000u32 {
            assert!(table.remove(n.to_string().as_bytes()).is_some());
        }
        assert!(table.is_empty());
    }

    #[test]
    fn a_nil_table_is_empty_until_something_is_set() {
        let table = Table::nil();
        assert!(table.is_nil() && table.is_empty() && table.get(b"x").is_none());
        table.set("x".into(), Value::Null);
        assert!(!table.is_nil() && table.len() == 1);
    }
}
