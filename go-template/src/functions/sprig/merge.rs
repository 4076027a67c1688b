//! Merging maps into the first map, which is changed. Source: sprig's dict.go and its rules in mergo 0.3.16.

use super::dicts::put;
use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::limits::Budget;
use crate::value::{Map, Value};

const MAP: &[Type] = &[Type::Map];

pub(super) const ROWS: &[Row] = &[
    Row::variadic("merge", MAP, Type::Map, |host, arguments| all(host, arguments, false)),
    Row::variadic("mergeOverwrite", MAP, Type::Map, |host, arguments| all(host, arguments, true)),
    Row::variadic("mustMerge", MAP, Type::Map, |host, arguments| all(host, arguments, false)),
    Row::variadic("mustMergeOverwrite", MAP, Type::Map, |host, arguments| all(host, arguments, true)),
];

fn all(host: &Host<'_>, arguments: &[Value], overwrite: bool) -> Result<Value, String> {
    let target = arguments.map(0).cloned().unwrap_or_default();
    for source in arguments.from(1) {
        if let Value::Map(source) = source {
            merge(host, &target, source, overwrite, 0)?;
        }
    }
    Ok(Value::Map(target))
}

/// Merges maps. Another value is taken if the target's value is missing or empty, or with `overwrite`; nil only with
/// `overwrite`.
fn merge(host: &Host<'_>, target: &Map, source: &Map, overwrite: bool, depth: usize) -> Result<(), String> {
    Budget::depth_of_values(depth)?;
    for (key, value) in source.entries() {
        host.budget.spend(1)?;
        let there = target.get(&key);
        if let (Value::Map(value), Some(Value::Map(there))) = (&value, &there) {
            merge(host, there, value, overwrite, depth + 1)?;
        }
        let filled = there.as_ref().is_some_and(|there| match there {
            Value::Object(_) => true,
            there => there.truth(),
        });
        let replaces = match (&value, &there) {
            (Value::Nil, _) => overwrite,
            (Value::Map(_), Some(Value::Map(_))) if filled => false,
            _ => overwrite || !filled,
        };
        if replaces {
            put(host, target, key, &value)?;
        }
    }
    Ok(())
}
