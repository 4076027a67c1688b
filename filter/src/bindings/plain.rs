//! The quick way to store with `set`: texts, numbers, booleans, and native tables of nothing else. The value is looked at
//! first, then the caller charges it, then it is copied. The rules are in `convert`, which stores and charges all other values.

use super::convert::is_whole;
use crate::data::{FlatTable, Key, Leaf, Number, Str, Table, Value as Data};
use crate::lua::{Call, Plain};

/// An argument that can be stored.
pub(super) enum Stored<'a> {
    One(Plain<'a>),
    Table { call: &'a Call, number: i32, fields: usize, texts: usize },
}

/// A table with more fields or more bytes of texts goes the slow way.
const MOST: usize = 1 << 24;

impl<'a> Stored<'a> {
    /// The argument; `None` if it is a value of another kind.
    pub(super) fn of(call: &'a Call, number: i32) -> Option<Self> {
        if let Some(one) = call.plain(number) {
            return Some(Self::One(one));
        }
        let (mut fields, mut texts) = (0_usize, 0_usize);
        let seen = call.each_field(number, |key, value| {
            fields = fields.saturating_add(1);
            texts = texts.saturating_add(size(key)).saturating_add(size(value));
            matches!(key, Plain::Text(_) | Plain::Whole(_))
        });
        (seen && fields <= MOST && texts <= MOST).then_some(Self::Table { call, number, fields, texts })
    }

    /// The number of its fields.
    pub(super) fn fields(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Table { fields, .. } => *fields,
        }
    }

    /// The bytes of its texts.
    pub(super) fn texts(&self) -> usize {
        match self {
            Self::One(one) => size(*one),
            Self::Table { texts, .. } => *texts,
        }
    }

    /// A copy.
    pub(super) fn data(&self) -> Data {
        match *self {
            Self::One(Plain::Text(text)) => Data::String(Str::from(text)),
            Self::One(Plain::Boolean(value)) => Data::Bool(value),
            Self::One(Plain::Whole(number)) => Data::Number(Number::Float(number as f64)),
            Self::One(Plain::Number(number)) => Data::Number(Number::Float(number)),
            Self::Table { call, number, fields, texts } => Data::Table(table(call, number, fields, texts)),
        }
    }
}

fn size(plain: Plain) -> usize {
    match plain {
        Plain::Text(text) => text.len(),
        _ => 0,
    }
}

fn table(call: &Call, number: i32, count: usize, texts: usize) -> Table {
    let mut flat = FlatTable::with_capacity(count, texts);
    call.each_field(number, |key, value| {
        let key = match key {
            Plain::Text(text) => Key::Text(text),
            Plain::Whole(number) => Key::Number(number),
            Plain::Number(_) | Plain::Boolean(_) => return false,
        };
        let value = match value {
            Plain::Text(text) => Leaf::Text(text),
            Plain::Boolean(value) => Leaf::Bool(value),
            Plain::Whole(number) => Leaf::Int(number),
            Plain::Number(number) if is_whole(number) => Leaf::Int(number as i64),
            Plain::Number(number) => Leaf::Float(number),
        };
        flat.push(key, value);
        true
    });
    flat.table()
}
