//! Maps. `set` and `unset` change the map that they get, for everybody who holds it. Source: sprig's dict.go.
//!
//! Go's `keys` and `values` have no fixed order; here they have the order of the keys.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use crate::functions::arguments::{Arguments, kind};
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::limits::Budget;
use crate::text::print;
use crate::value::{List, ListOf, Map, Value};

pub(super) const ROWS: &[Row] = &[
    Row::fixed("deepCopy", &[Type::Any], copied),
    Row::variadic("dict", &[], Type::Any, dict),
    Row::variadic("dig", &[], Type::Any, dig),
    Row::fixed("get", &[Type::Map, Type::String], |_, arguments| {
        Ok(arguments.map(0).and_then(|map| map.get(arguments.text(1))).unwrap_or_else(|| "".into()))
    }),
    Row::fixed("hasKey", &[Type::Map, Type::String], |_, arguments| {
        Ok(Value::Bool(arguments.map(0).is_some_and(|map| map.get(arguments.text(1)).is_some())))
    }),
    Row::variadic("keys", &[], Type::Map, keys),
    Row::fixed("mustDeepCopy", &[Type::Any], copied),
    Row::variadic("omit", &[Type::Map], Type::String, |_, arguments| Ok(only(arguments, false))),
    Row::variadic("pick", &[Type::Map], Type::String, |_, arguments| Ok(only(arguments, true))),
    Row::variadic("pluck", &[Type::String], Type::Map, |_, arguments| {
        let maps = arguments.from(1).iter().filter_map(|value| match value {
            Value::Map(map) => map.get(arguments.text(0)),
            _ => None,
        });
        Ok(Value::list(maps))
    }),
    Row::fixed("set", &[Type::Map, Type::String, Type::Any], set),
    Row::fixed("unset", &[Type::Map, Type::String], |_, arguments| {
        if let Some(map) = arguments.map(0) {
            map.remove(arguments.text(1));
        }
        Ok(arguments.map(0).map_or_else(|| Value::Map(Map::default()), |map| Value::Map(map.clone())))
    }),
    Row::fixed("values", &[Type::Map], |_, arguments| {
        let entries = arguments.map(0).map(Map::entries).unwrap_or_default();
        Ok(Value::list(entries.into_iter().map(|(_, value)| value)))
    }),
];

/// The cost of a map besides its entries: even a small map takes about 700 bytes.
const MAP: usize = 40;

fn dict(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    host.budget.spend(MAP)?;
    let mut entries: BTreeMap<Rc<str>, Value> = BTreeMap::new();
    for pair in arguments.chunks(2) {
        let key = print(pair.any(0), host.budget)?;
        entries.insert(key.into(), pair.get(1).cloned().unwrap_or_else(|| "".into()));
    }
    Ok(Value::Map(Map::new(entries)))
}

fn set(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let Some(map) = arguments.map(0) else { return Err("assignment to entry in nil map".to_owned()) };
    put(host, map, arguments.text(1).into(), arguments.any(2))?;
    Ok(arguments.any(0).clone())
}

/// Puts a value into a map. A value that holds the map itself is refused: Go prints such a map until its stack is full.
pub(super) fn put(host: &Host<'_>, map: &Map, key: Rc<str>, value: &Value) -> Result<(), String> {
    let (mut seen, mut waiting) = (HashSet::new(), vec![value.clone()]);
    while let Some(value) = waiting.pop() {
        host.budget.spend(1)?;
        match value {
            Value::Map(inner) if inner.address() == map.address() => {
                return Err(format!("a map cannot hold itself (at the key {key:?})"));
            }
            Value::Map(inner) if seen.insert(inner.address()) => {
                waiting.extend(inner.entries().into_iter().map(|(_, value)| value));
            }
            Value::List(list) if seen.insert(list.items().as_ptr().addr()) => waiting.extend_from_slice(list.items()),
            _ => {}
        }
    }
    map.insert(key, value.clone());
    Ok(())
}

fn keys(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut all = Vec::new();
    for argument in arguments {
        if let Value::Map(map) = argument {
            all.extend(map.entries().into_iter().map(|(key, _)| Value::String(key)));
        }
        host.budget.spend(all.len())?;
    }
    Ok(Value::List(List::typed(ListOf::Strings, all)))
}

/// A map with only the named keys, or with all other keys.
fn only(arguments: &[Value], named: bool) -> Value {
    let names: HashSet<&str> = arguments.from(1).iter().filter_map(Value::as_str).collect();
    let entries = arguments.map(0).map(Map::entries).unwrap_or_default();
    Value::map(entries.into_iter().filter(|(key, _)| names.contains(key.as_ref()) == named))
}

fn dig(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let [names @ .., default, holder] = arguments else { return Err(TOO_FEW.to_owned()) };
    if names.is_empty() {
        return Err(TOO_FEW.to_owned());
    }
    let mut holder = holder.clone();
    for (index, name) in names.iter().enumerate() {
        let Value::Map(map) = &holder else { return Err(not_a(&holder, Type::Map)) };
        if !Type::Map.holds(&holder) {
            return Err(not_a(&holder, Type::Map));
        }
        let Some(name) = name.as_str() else { return Err(not_a(name, Type::String)) };
        match map.get(name) {
            Some(value) if index + 1 == names.len() => return Ok(value),
            Some(value) => holder = value,
            None => break,
        }
    }
    Ok(default.clone())
}

const TOO_FEW: &str = "dig needs at least three arguments";

/// Go's error about a type assertion.
fn not_a(value: &Value, wanted: Type) -> String {
    let got = if kind(value) == "invalid" { "nil" } else { value.type_name() };
    format!("interface conversion: interface {{}} is {got}, not {}", wanted.name())
}

fn copied(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    match arguments.any(0) {
        Value::Nil => Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        value => deep_copy(value, host.budget, 0),
    }
}

fn deep_copy(value: &Value, budget: &Budget, depth: usize) -> Result<Value, String> {
    Budget::depth_of_values(depth)?;
    budget.spend(1)?;
    Ok(match value {
        Value::List(list) if list.is_nil() => value.clone(),
        Value::List(list) => {
            let items = list.items().iter().map(|item| deep_copy(item, budget, depth + 1));
            Value::List(List::typed(list.of(), items.collect::<Result<_, _>>()?))
        }
        Value::Map(map) => {
            budget.spend(MAP)?;
            let entries = map.entries().into_iter();
            let copied = entries.map(|(key, item)| Ok::<_, String>((key, deep_copy(&item, budget, depth + 1)?)));
            Value::Map(Map::typed(map.of(), copied.collect::<Result<_, _>>()?))
        }
        other => other.clone(),
    })
}
