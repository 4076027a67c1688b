//! Default values for empty ones. Source: sprig's defaults.go.

use crate::functions::arguments::Arguments;
use crate::functions::signature::{Row, Type};
use crate::value::Value;

pub(super) const ROWS: &[Row] = &[
    Row::variadic("all", &[], Type::Any, |_, arguments| Ok(Value::Bool(arguments.iter().all(Value::truth)))),
    Row::variadic("any", &[], Type::Any, |_, arguments| Ok(Value::Bool(arguments.iter().any(Value::truth)))),
    Row::variadic("coalesce", &[], Type::Any, |_, arguments| {
        Ok(arguments.iter().find(|value| value.truth()).cloned().unwrap_or(Value::Nil))
    }),
    Row::variadic("default", &[Type::Any], Type::Any, |_, arguments| {
        Ok(arguments.any(if arguments.any(1).truth() { 1 } else { 0 }).clone())
    }),
    Row::fixed("empty", &[Type::Any], |_, arguments| Ok(Value::Bool(!arguments.any(0).truth()))),
    Row::fixed("ternary", &[Type::Any, Type::Any, Type::Bool], |_, arguments| {
        Ok(arguments.any(if arguments.any(2).truth() { 0 } else { 1 }).clone())
    }),
];
