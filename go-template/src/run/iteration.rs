//! The items that a `range` visits: those at the time when it began. Source: Go's text/template/exec.go (walkRange).

use std::rc::Rc;

use crate::limits::Budget;
use crate::slot::Slot;
use crate::text::print;
use crate::value::{List, Value};

/// The items that are left.
pub(super) enum Iteration {
    List { list: List, next: usize },
    Map { entries: std::vec::IntoIter<(Rc<str>, Value)>, boxed: bool },
    Count { of: fn(u64) -> Value, next: u64, end: u64 },
}

impl Iteration {
    /// Begins the iteration of a value; `None` if it has no item.
    pub(super) fn of(value: &Value, variables: usize, budget: &Budget) -> Result<Option<Self>, String> {
        let count: (fn(u64) -> Value, u64) = match value {
            Value::Nil => return Ok(None),
            Value::List(list) => {
                return Ok((!list.is_empty()).then(|| Self::List { list: list.clone(), next: 0 }));
            }
            Value::Map(map) => {
                let (entries, boxed) = (map.entries().into_iter(), map.of().holds_interfaces());
                return Ok((!map.is_empty()).then_some(Self::Map { entries, boxed }));
            }
            Value::Int(end) => (|at| Value::Int(at.cast_signed()), u64::try_from(*end).unwrap_or_default()),
            Value::Int64(end) => (|at| Value::Int64(at.cast_signed()), u64::try_from(*end).unwrap_or_default()),
            Value::Uint64(end) => (Value::Uint64, *end),
            Value::Uint8(end) => (|at| Value::Uint8(u8::try_from(at).unwrap_or_default()), (*end).into()),
            _ => return Err(format!("range can't iterate over {}", print(value, budget)?)),
        };
        if variables > 1 {
            let shown = print(value, budget)?;
            return Err(format!("can't use {shown} to iterate over more than one variable"));
        }
        Ok((count.1 > 0).then_some(Self::Count { of: count.0, next: 0, end: count.1 }))
    }

    /// The next index or key, and its item.
    pub(super) fn next(&mut self) -> Option<(Slot, Slot)> {
        match self {
            Self::List { list, next } => {
                let item = Slot::entry(list.items().get(*next)?.clone(), list.of().holds_interfaces());
                let index = i64::try_from(*next).unwrap_or(i64::MAX);
                *next += 1;
                Some((Slot::Concrete(Value::Int(index)), item))
            }
            Self::Map { entries, boxed } => {
                let (key, value) = entries.next()?;
                Some((Slot::Concrete(Value::String(key)), Slot::entry(value, *boxed)))
            }
            Self::Count { of, next, end } => {
                let at = (*next < *end).then_some(*next)?;
                *next += 1;
                Some((Slot::Invalid, Slot::Concrete(of(at))))
            }
        }
    }
}
