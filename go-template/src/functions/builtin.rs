//! Go's own functions. Source: text/template/funcs.go. `slice` is missing here, because sprig's function has the same name.

mod collection;
mod compare;
mod escape;
mod text;

use super::signature::{Body, Row, Type};

pub(super) const TABLES: &[&[Row]] = &[collection::ROWS, compare::ROWS, escape::ROWS, text::ROWS, LOGIC];

const LOGIC: &[Row] = &[
    Row { name: "and", fixed: &[Type::Reflect], rest: Some(Type::Reflect), body: Body::Either(false) },
    Row { name: "or", fixed: &[Type::Reflect], rest: Some(Type::Reflect), body: Body::Either(true) },
    Row { name: "call", fixed: &[Type::Reflect], rest: Some(Type::Reflect), body: Body::Call },
];
