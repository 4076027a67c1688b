//! Executes a program. Source: Go's text/template/exec.go. The steps run in a loop, with blocks and calls on a list, so that
//! neither deep blocks nor templates that call themselves take stack; only expressions nest, and their depth was bounded when
//! they were parsed.

mod block;
mod call;
mod evaluate;
mod field;
mod iteration;
mod machine;

pub(crate) use machine::{Machine, Set};
