//! `print`, `printf` and `println`.

use super::{Row, Type};
use crate::functions::arguments::Arguments;
use crate::text::{print_all, print_line, printf};

pub(super) const ROWS: &[Row] = &[
    Row::variadic("print", &[], Type::Any, |host, arguments| Ok(print_all(arguments, host.budget)?.into())),
    Row::variadic("printf", &[Type::String], Type::Any, |host, arguments| {
        Ok(printf(arguments.text(0), arguments.from(1), host.budget)?.into())
    }),
    Row::variadic("println", &[], Type::Any, |host, arguments| Ok(print_line(arguments, host.budget)?.into())),
];
