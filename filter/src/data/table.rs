//! Tables: JSON objects with the reference semantics of a Go map. Fields are kept sorted by key, so that they are written in
//! the order in which they lie: in one block, or in a tree if there are many and a few are added or removed. No method runs
//! foreign code while it borrows the fields.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::{Rc, Weak};

use super::list::List;
use super::release::release;
use super::sorted::{position, sort};
use super::text::Str;
use super::value::Value;

/// A JSON object. A clone is the same object.
#[derive(Clone)]
pub struct Table(Rc<Held>);

/// The data that all clones of a table share.
pub(super) struct Held(RefCell<Fields>);

/// If a field is added to more fields than this, they go into a tree: moving them within one block would cost more.
const FEW: usize = 64;

/// The same limit where a field is removed.
const MOST_MOVED: usize = 1_024;

/// Among up to this many fields a key is found by looking at each one; among more, by halving.
const VERY_FEW: usize = 8;

pub(super) enum Fields {
    /// Go's nil map: empty, and written as `null`.
    Nil,
    /// Sorted by key: few fields, or as many as the table was made with.
    Block(Vec<(Str, Value)>),
    Tree(BTreeMap<Str, Value>),
}

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

    /// Whether this is a nil map.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(*self.fields(), Fields::Nil)
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
        self.fields().find(key).cloned()
    }

    /// Whether the key exists, whatever its value.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.fields().find(key).is_some()
    }

    /// Adds or replaces a field.
    pub fn set(&self, key: Str, value: Value) {
        // The old value is dropped after the borrow has ended: it may hold anything.
        let _old = self.0.0.borrow_mut().put(key, value);
    }

    /// Removes a field and gives its value.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.0.0.borrow_mut().take(key)
    }

    /// Number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        match &*self.fields() {
            Fields::Nil => 0,
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
        let mut fields = self.0.0.replace(Fields::Nil);
        match &mut fields {
            Fields::Nil => {}
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
        self.fields().iter().next().map_or(0, |(key, _)| key.origin_size())
    }

    pub(super) fn fields(&self) -> std::cell::Ref<'_, Fields> {
        self.0.0.borrow()
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

impl Fields {
    fn find(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Nil => None,
            Self::Block(fields) if fields.len() > VERY_FEW => {
                fields.get(position(fields, key).ok()?).map(|(_, value)| value)
            }
            Self::Block(fields) => fields
                .iter()
                .find(|(name, _)| name.len() == key.len() && name.as_bytes() == key)
                .map(|(_, value)| value),
            Self::Tree(fields) => fields.get(key),
        }
    }

    fn put(&mut self, key: Str, value: Value) -> Option<Value> {
        match self {
            Self::Nil => {
                *self = Self::Block(vec![(key, value)]);
                None
            }
            Self::Block(fields) => match position(fields, key.as_bytes()) {
                Ok(at) => fields.get_mut(at).map(|field| std::mem::replace(&mut field.1, value)),
                Err(at) => {
                    fields.insert(at, (key, value));
                    if fields.len() > FEW {
                        *self = Self::Tree(std::mem::take(fields).into_iter().collect());
                    }
                    None
                }
            },
            Self::Tree(fields) => fields.insert(key, value),
        }
    }

    fn take(&mut self, key: &[u8]) -> Option<Value> {
        if let Self::Block(fields) = self
            && fields.len() > MOST_MOVED
        {
            *self = Self::Tree(std::mem::take(fields).into_iter().collect());
        }
        match self {
            Self::Nil => None,
            Self::Block(fields) => {
                let at = position(fields, key).ok()?;
                Some(fields.remove(at).1)
            }
            Self::Tree(fields) => fields.remove(key),
        }
    }

    fn iter(&self) -> Walk<'_> {
        match self {
            Self::Nil => Walk::Block([].iter()),
            Self::Block(fields) => Walk::Block(fields.iter()),
            Self::Tree(fields) => Walk::Tree(fields.iter()),
        }
    }
}

enum Walk<'a> {
    Block(std::slice::Iter<'a, (Str, Value)>),
    Tree(std::collections::btree_map::Iter<'a, Str, Value>),
}

impl<'a> Iterator for Walk<'a> {
    type Item = (&'a Str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Walk::Block(fields) => fields.next().map(|(key, value)| (key, value)),
            Walk::Tree(fields) => fields.next(),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        release(std::mem::replace(self.0.get_mut(), Fields::Nil));
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
