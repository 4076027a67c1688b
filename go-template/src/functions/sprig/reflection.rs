//! The types and kinds of values. Source: sprig's reflect.go.

use super::equality::deep_equal;
use crate::functions::arguments::{Arguments, kind};
use crate::functions::signature::{Row, Type};
use crate::text::type_of;
use crate::value::Value;

const NAMED: &[Type] = &[Type::String, Type::Any];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("deepEqual", &[Type::Any, Type::Any], |host, arguments| {
        Ok(Value::Bool(deep_equal(arguments.any(0), arguments.any(1), host.budget, 0)?))
    }),
    Row::fixed("kindIs", NAMED, |_, arguments| Ok(Value::Bool(arguments.text(0) == kind(arguments.any(1))))),
    Row::fixed("kindOf", &[Type::Any], |_, arguments| Ok(kind(arguments.any(0)).into())),
    Row::fixed("typeIs", NAMED, |_, arguments| Ok(Value::Bool(arguments.text(0) == type_of(arguments.any(1))))),
    Row::fixed("typeIsLike", NAMED, |_, arguments| {
        let (wanted, found) = (arguments.text(0), type_of(arguments.any(1)));
        Ok(Value::Bool(wanted == found || found.strip_prefix('*') == Some(wanted)))
    }),
    Row::fixed("typeOf", &[Type::Any], |_, arguments| Ok(type_of(arguments.any(0)).into())),
];
