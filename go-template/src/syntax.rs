//! From a template's text to a program: tokens, expressions, steps. Source: Go's text/template/parse. Executes nothing.

mod blocks;
mod expression;
mod lexer;
mod number;
mod parser;
mod pipelines;
mod program;
mod quoted;
mod token;

pub(crate) use blocks::parse;
pub(crate) use expression::{Command, Node, Operand, Pipe, Term};
pub(crate) use number::Number;
pub(crate) use parser::FunctionNames;
pub(crate) use program::{Call, Program, Source, Step};
