//! The quick way to store with `set`: texts, numbers, booleans, and native tables of nothing else. The value is looked at
//! first, then the caller charges it, then it is copied. The rules are in `convert`, which stores and charges all other values.

use std::rc::Rc;

use super::convert::is_whole;
use crate::data::{Number, Str, Table, Value as Data};
use crate::lua::{Call, Plain};

/// An argument that can be stored.
pub(super) enum Stored<'a> {
    One(Plain<'a>),
    Table { call: &'a Call, number: i32, fields: usize, texts: usize },
}

/// The place of a field's text in the buffer that all texts of a table share; `None`: the value is not text.
struct Field {
    start: usize,
    key: usize,
    end: usize,
    value: Option<Data>,
}

/// If the texts of a table take more than this, each has a buffer of its own.
const MOST: usize = 1 << 24;

/// The bytes that a key which is a number mostly takes.
const DIGITS: usize = 4;

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
        (seen && texts <= MOST).then_some(Self::Table { call, number, fields, texts })
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
    let mut buffer = Vec::with_capacity(texts.saturating_add(count.saturating_mul(DIGITS)));
    let mut fields = Vec::with_capacity(count);
    call.each_field(number, |key, value| {
        let start = buffer.len();
        match key {
            Plain::Text(text) => buffer.extend_from_slice(text),
            Plain::Whole(number) => Number::Int(number).write(&mut buffer),
            Plain::Number(_) | Plain::Boolean(_) => {}
        }
        let key = buffer.len();
        let value = match value {
            Plain::Text(text) => {
                buffer.extend_from_slice(text);
                None
            }
            Plain::Boolean(value) => Some(Data::Bool(value)),
            Plain::Whole(number) => Some(Data::Number(Number::Int(number))),
            Plain::Number(number) if is_whole(number) => Some(Data::Number(Number::Int(number as i64))),
            Plain::Number(number) => Some(Data::Number(Number::Float(number))),
        };
        fields.push(Field { start, key, end: buffer.len(), value });
        true
    });
    let buffer = Rc::new(buffer);
    let slice = |start, end| Str::slice(&buffer, start, end, false);
    let data = |field: Field| {
        let value = field.value.unwrap_or_else(|| Data::String(slice(field.key, field.end)));
        (slice(field.start, field.key), value)
    };
    fields.into_iter().map(data).collect()
}
