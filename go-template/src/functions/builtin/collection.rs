//! `index` and `len`. Source: Go's text/template/funcs.go.

use super::{Row, Type};
use crate::functions::Host;
use crate::slot::Slot;
use crate::value::{MapOf, Value};

pub(super) const ROWS: &[Row] = &[
    Row::on_slots("index", &[Type::Reflect], Some(Type::Reflect), index),
    Row::on_slots("len", &[Type::Reflect], None, len),
];

fn index(_: &Host<'_>, arguments: &[Slot]) -> Result<Slot, String> {
    let Some((item, indexes)) = arguments.split_first() else { return Ok(Slot::Invalid) };
    let mut item = item.clone().unboxed();
    if matches!(item, Slot::Invalid) {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        item = match item.value() {
            Value::Nil => return Err("index of nil pointer".to_owned()),
            Value::List(list) => {
                let at = position(index.value(), list.len())?;
                let out_of_range = || "reflect: slice index out of range".to_owned();
                let found = list.items().get(at).ok_or_else(out_of_range)?;
                Slot::entry(found.clone(), list.of().holds_interfaces())
            }
            Value::String(text) => {
                let at = position(index.value(), text.len())?;
                let out_of_range = || "reflect: string index out of range".to_owned();
                Slot::Concrete(Value::Uint8(*text.as_bytes().get(at).ok_or_else(out_of_range)?))
            }
            Value::Map(map) => {
                let key = match index.value() {
                    Value::String(key) => key,
                    Value::Nil => return Err("value is nil; should be of type string".to_owned()),
                    other => return Err(format!("value has type {}; should be string", other.type_name())),
                };
                let boxed = map.of().holds_interfaces();
                let missing = if map.of() == MapOf::Any { Value::Nil } else { "".into() };
                Slot::entry(map.get(key).unwrap_or(missing), boxed)
            }
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(item)
}

/// An index into a list or a text. Go accepts the length itself as an index, and fails when it reads there.
fn position(index: &Value, length: usize) -> Result<usize, String> {
    let number = match index {
        Value::Int(number) | Value::Int64(number) => i128::from(*number),
        Value::Uint8(number) => (*number).into(),
        Value::Uint64(number) => (*number).into(),
        Value::Nil => return Err("cannot index slice/array with nil".to_owned()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    let at = usize::try_from(number).ok().filter(|at| *at <= length);
    at.ok_or_else(|| format!("index out of range: {number}"))
}

fn len(_: &Host<'_>, arguments: &[Slot]) -> Result<Slot, String> {
    let length = match arguments.first().unwrap_or(&Slot::Invalid) {
        Slot::Invalid => return Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        Slot::Boxed(Value::Nil) => return Err("len of nil pointer".to_owned()),
        Slot::Concrete(value) | Slot::Boxed(value) => match value {
            Value::String(text) => text.len(),
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            // Go looks behind a pointer.
            other => return Err(format!("len of type {}", other.type_name().trim_start_matches('*'))),
        },
    };
    Ok(Slot::Concrete(Value::Int(i64::try_from(length).unwrap_or(i64::MAX))))
}
