//! The fields of a table, sorted by key, so that they are written in the order in which they lie: in the document from which they
//! were read, in one block, or in a tree if there are many and a few are added or removed. Knows no references to tables.

use std::collections::BTreeMap;

use super::part::Part;
use super::sorted::{VERY_FEW, position};
use super::text::Str;
use super::value::Value;

/// If a field is added to more fields than this, they go into a tree: moving them within one block would cost more.
pub(super) const FEW: usize = 64;

/// The same limit where a field is removed.
pub(super) const MOST_MOVED: usize = 1_024;

/// The fields of a table.
pub(super) enum Fields {
    /// Go's nil map: empty, and written as `null`.
    Nil,
    /// The fields of an object in a document, until one of them is a container that is asked for, or they change.
    Read(Part),
    /// Sorted by key: few fields, or as many as the table was made with.
    Block(Vec<(Str, Value)>),
    /// Sorted by key: many fields.
    Tree(BTreeMap<Str, Value>),
}

impl Fields {
    /// The value of a key. (Of a part of a document none: see `Part::find`.)
    pub(super) fn find(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Nil | Self::Read(_) => None,
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

    /// Adds or replaces a field; gives the value that was there.
    pub(super) fn put(&mut self, key: Str, value: Value) -> Option<Value> {
        match self {
            Self::Nil | Self::Read(_) => {
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

    /// Removes a field; gives its value.
    pub(super) fn take(&mut self, key: &[u8]) -> Option<Value> {
        if let Self::Block(fields) = self
            && fields.len() > MOST_MOVED
        {
            *self = Self::Tree(std::mem::take(fields).into_iter().collect());
        }
        match self {
            Self::Nil | Self::Read(_) => None,
            Self::Block(fields) => {
                let at = position(fields, key).ok()?;
                Some(fields.remove(at).1)
            }
            Self::Tree(fields) => fields.remove(key),
        }
    }

    /// All fields in their order.
    pub(super) fn iter(&self) -> Walk<'_> {
        match self {
            Self::Nil | Self::Read(_) => Walk::Block([].iter()),
            Self::Block(fields) => Walk::Block(fields.iter()),
            Self::Tree(fields) => Walk::Tree(fields.iter()),
        }
    }
}

/// A walk along the fields.
pub(super) enum Walk<'a> {
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
