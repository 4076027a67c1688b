//! Lists. No list is changed: each function gives a new one. Source: sprig's list.go.

use super::cast::to_int;
use super::equality::deep_equal;
use crate::functions::arguments::{Arguments, NIL, kind};
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::value::{List, ListOf, Value};

const ONE: &[Type] = &[Type::Any];
const TWO: &[Type] = &[Type::Any, Type::Any];

/// Some functions have two names: in sprig, one of the two does not fail; here both fail.
pub(super) const ROWS: &[Row] = &[
    Row::fixed("append", TWO, append),
    Row::fixed("push", TWO, append),
    Row::fixed("mustAppend", TWO, append),
    Row::fixed("mustPush", TWO, append),
    Row::fixed("chunk", &[Type::Int, Type::Any], chunk),
    Row::fixed("mustChunk", &[Type::Int, Type::Any], chunk),
    Row::fixed("compact", ONE, compact),
    Row::fixed("mustCompact", ONE, compact),
    Row::variadic("concat", &[], Type::Any, concat),
    Row::fixed("first", ONE, |_, arguments| end(arguments, "find first on", <[Value]>::first)),
    Row::fixed("mustFirst", ONE, |_, arguments| end(arguments, "find first on", <[Value]>::first)),
    Row::fixed("has", TWO, has),
    Row::fixed("mustHas", TWO, has),
    Row::fixed("initial", ONE, |_, arguments| some(arguments, "find initial on", |items| items.split_last())),
    Row::fixed("mustInitial", ONE, |_, arguments| some(arguments, "find initial on", |items| items.split_last())),
    Row::fixed("last", ONE, |_, arguments| end(arguments, "find last on", <[Value]>::last)),
    Row::fixed("mustLast", ONE, |_, arguments| end(arguments, "find last on", <[Value]>::last)),
    Row::variadic("list", &[], Type::Any, |_, arguments| Ok(list(arguments.to_vec()))),
    Row::variadic("tuple", &[], Type::Any, |_, arguments| Ok(list(arguments.to_vec()))),
    Row::fixed("prepend", TWO, prepend),
    Row::fixed("mustPrepend", TWO, prepend),
    Row::fixed("rest", ONE, |_, arguments| some(arguments, "find rest on", |items| items.split_first())),
    Row::fixed("mustRest", ONE, |_, arguments| some(arguments, "find rest on", |items| items.split_first())),
    Row::fixed("reverse", ONE, reverse),
    Row::fixed("mustReverse", ONE, reverse),
    Row::variadic("slice", ONE, Type::Any, slice),
    Row::variadic("mustSlice", ONE, Type::Any, slice),
    Row::fixed("uniq", ONE, uniq),
    Row::fixed("mustUniq", ONE, uniq),
    Row::variadic("without", ONE, Type::Any, without),
    Row::variadic("mustWithout", ONE, Type::Any, without),
];

fn list(items: Vec<Value>) -> Value {
    Value::List(List::new(items))
}

fn append(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut items = arguments.items(0, "push on")?.to_vec();
    items.push(arguments.any(1).clone());
    Ok(list(items))
}

fn prepend(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let items = arguments.items(0, "prepend on")?;
    Ok(list([arguments.any(1)].into_iter().chain(items).cloned().collect()))
}

fn chunk(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let items = arguments.items(1, "chunk")?;
    let size = arguments.int(0);
    let too_long = || "runtime error: makeslice: len out of range".to_owned();
    let size = match usize::try_from(size) {
        Ok(0) => return Err(too_long()),
        Ok(size) => size,
        // Sprig calculates with a negative size: for a few items the result is empty, or the only item.
        Err(_) if items.is_empty() || items.len() as u64 > size.unsigned_abs() + 1 => return Err(too_long()),
        Err(_) if items.len() > 1 => return Ok(Value::List(List::typed(ListOf::Lists, Vec::new()))),
        Err(_) if size == -1 => return Err(too_long()),
        Err(_) => 1,
    };
    Ok(Value::List(List::typed(ListOf::Lists, items.chunks(size).map(|chunk| list(chunk.to_vec())).collect())))
}

fn compact(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    Ok(list(arguments.items(0, "compact on")?.iter().filter(|item| item.truth()).cloned().collect()))
}

fn concat(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut all = Vec::new();
    for argument in arguments {
        match argument {
            Value::List(list) => all.extend_from_slice(list.items()),
            Value::Nil => return Err(NIL.to_owned()),
            other => return Err(format!("Cannot concat type {} as list", kind(other))),
        }
        host.budget.spend(all.len())?;
    }
    Ok(if all.is_empty() { Value::List(List::nil(ListOf::Any)) } else { list(all) })
}

fn end(arguments: &[Value], what: &str, end: for<'a> fn(&'a [Value]) -> Option<&'a Value>) -> Result<Value, String> {
    Ok(end(arguments.items(0, what)?).cloned().unwrap_or(Value::Nil))
}

/// The first or last item of a list, and the other items.
type Split = for<'a> fn(&'a [Value]) -> Option<(&'a Value, &'a [Value])>;

fn some(arguments: &[Value], what: &str, split: Split) -> Result<Value, String> {
    let items = split(arguments.items(0, what)?);
    Ok(items.map_or(Value::List(List::nil(ListOf::Any)), |(_, items)| list(items.to_vec())))
}

fn reverse(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    Ok(list(arguments.items(0, "find reverse on")?.iter().rev().cloned().collect()))
}

fn is_among(host: &Host<'_>, items: &[Value], value: &Value) -> Result<bool, String> {
    for item in items {
        if deep_equal(value, item, host.budget, 0)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    if matches!(arguments.any(1), Value::Nil) {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(is_among(host, arguments.items(1, "find has on")?, arguments.any(0))?))
}

fn uniq(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut kept: Vec<Value> = Vec::new();
    for item in arguments.items(0, "find uniq on")? {
        if !is_among(host, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(list(kept))
}

fn without(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut kept = Vec::new();
    for item in arguments.items(0, "find without on")? {
        if !is_among(host, arguments.from(1), item)? {
            kept.push(item.clone());
        }
    }
    Ok(list(kept))
}

fn slice(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let of = match arguments.any(0) {
        Value::List(list) if list.is_empty() => return Ok(Value::Nil),
        Value::List(list) => list.of(),
        Value::Nil => return Err(NIL.to_owned()),
        other => return Err(format!("list should be type of slice or array but {}", kind(other))),
    };
    let items = arguments.items(0, "slice")?;
    let index = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let start = arguments.get(1).map_or(0, |start| index(to_int(start)));
    let end = arguments.get(2).map_or(items.len(), |end| index(to_int(end)));
    let part = items.get(start..end).ok_or("reflect.Value.Slice: slice index out of bounds")?;
    Ok(Value::List(List::typed(of, part.to_vec())))
}
