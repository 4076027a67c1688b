//! Lists and maps: handles on shared contents. A map can be changed through any handle, as in Go; a list never changes.
//! Dropping values takes no stack, however deeply they are nested.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Value;

/// The type of a list's items in Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListOf {
    Any,
    Strings,
    Ints,
    Lists,
}

impl ListOf {
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Any => "[]interface {}",
            Self::Strings => "[]string",
            Self::Ints => "[]int",
            Self::Lists => "[][]interface {}",
        }
    }

    /// Can an item be of several types, so that Go holds it as an interface?
    pub(crate) fn holds_interfaces(self) -> bool {
        self == Self::Any
    }
}

/// The type of a map's values in Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapOf {
    Any,
    Strings,
}

impl MapOf {
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Any => "map[string]interface {}",
            Self::Strings => "map[string]string",
        }
    }

    pub(crate) fn holds_interfaces(self) -> bool {
        self == Self::Any
    }
}

/// A list of values.
#[derive(Clone, Debug)]
pub struct List {
    items: Rc<Items>,
    of: ListOf,
    is_nil: bool,
}

impl List {
    /// A list of any values.
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(ListOf::Any, items)
    }

    pub(crate) fn typed(of: ListOf, items: Vec<Value>) -> Self {
        Self { items: Rc::new(Items(items)), of, is_nil: false }
    }

    /// Go's nil slice: empty everywhere except in JSON, where it is `null`.
    pub(crate) fn nil(of: ListOf) -> Self {
        Self { items: Rc::new(Items(Vec::new())), of, is_nil: true }
    }

    pub(crate) fn of(&self) -> ListOf {
        self.of
    }

    pub(crate) fn is_nil(&self) -> bool {
        self.is_nil
    }

    /// The items, in order.
    pub fn items(&self) -> &[Value] {
        &self.items.0
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.0.len()
    }

    /// Is there no item?
    pub fn is_empty(&self) -> bool {
        self.items.0.is_empty()
    }
}

/// A map from text to values, its keys in the order of their bytes.
#[derive(Clone, Debug)]
pub struct Map {
    entries: Rc<Entries>,
    of: MapOf,
}

impl Default for Map {
    fn default() -> Self {
        Self::new(BTreeMap::new())
    }
}

impl Map {
    /// A map of any values.
    pub fn new(entries: BTreeMap<Rc<str>, Value>) -> Self {
        Self::typed(MapOf::Any, entries)
    }

    pub(crate) fn typed(of: MapOf, entries: BTreeMap<Rc<str>, Value>) -> Self {
        Self { entries: Rc::new(Entries(RefCell::new(entries))), of }
    }

    pub(crate) fn of(&self) -> MapOf {
        self.of
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.0.borrow().get(key).cloned()
    }

    /// The current keys and values.
    pub fn entries(&self) -> Vec<(Rc<str>, Value)> {
        self.entries.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.0.borrow().len()
    }

    /// Is there no key?
    pub fn is_empty(&self) -> bool {
        self.entries.0.borrow().is_empty()
    }

    pub(crate) fn insert(&self, key: Rc<str>, value: Value) {
        // The old value is dropped after the borrow: it may be the last other handle of this very map.
        let before = self.entries.0.borrow_mut().insert(key, value);
        drop(before);
    }

    pub(crate) fn remove(&self, key: &str) {
        let before = self.entries.0.borrow_mut().remove(key);
        drop(before);
    }

    /// The address of the map: two handles on one map have one address.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.entries).addr()
    }
}

#[derive(Debug)]
struct Items(Vec<Value>);

#[derive(Debug)]
struct Entries(RefCell<BTreeMap<Rc<str>, Value>>);

impl Drop for Items {
    fn drop(&mut self) {
        let_go(std::mem::take(&mut self.0));
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        let_go(std::mem::take(self.0.get_mut()).into_values().collect());
    }
}

/// Drops values one after the other, and the contents of each collection that has no other holder.
fn let_go(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::List(list) => {
                if let Some(mut items) = Rc::into_inner(list.items) {
                    values.append(&mut items.0);
                }
            }
            Value::Map(map) => {
                if let Some(mut entries) = Rc::into_inner(map.entries) {
                    values.extend(std::mem::take(entries.0.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_one_thing_however_many_hold_it() {
        let map = Map::new(BTreeMap::new());
        map.clone().insert("key".into(), Value::Int(1));
        assert!(matches!(map.get("key"), Some(Value::Int(1))));
    }

    #[test]
    fn values_nested_a_million_deep_are_let_go_of() {
        let deep = (0..1_000_000).fold(Value::Nil, |inner, level| match level % 2 {
            0 => Value::list([inner]),
            _ => Value::map([("inner", inner)]),
        });
        drop(deep);
    }
}
