//! The arguments of a function: checks them, and words the errors. Knows no function.

use jmespath::ast::Ast;

use super::charge::QueryError;
use crate::data::{List, Str, Table, Value};

/// One argument.
pub(super) enum Argument<'a> {
    Value(Value),
    /// `&…`, which the function evaluates itself.
    Expression(&'a Ast),
}

/// All arguments of one call.
pub(super) struct Arguments<'a> {
    pub(super) function: &'a str,
    pub(super) all: &'a [Argument<'a>],
}

impl<'a> Arguments<'a> {
    /// Checks the number of arguments.
    pub(super) fn counted(&self, least: usize, most: usize) -> Result<(), QueryError> {
        if (least..=most).contains(&self.all.len()) {
            return Ok(());
        }
        let takes = if least == most { least.to_string() } else { format!("{least} or more") };
        Err(self.wrong(format!("takes {takes} arguments, not {}", self.all.len())))
    }

    pub(super) fn value(&self, at: usize) -> Result<&'a Value, QueryError> {
        match self.all.get(at) {
            Some(Argument::Value(value)) => Ok(value),
            Some(Argument::Expression(_)) => Err(self.wrong_type(at, "a value", "an expression")),
            None => Err(self.wrong("takes more arguments".to_owned())),
        }
    }

    pub(super) fn expression(&self, at: usize) -> Result<&'a Ast, QueryError> {
        match self.all.get(at) {
            Some(Argument::Expression(tree)) => Ok(tree),
            Some(Argument::Value(value)) => Err(self.wrong_type(at, "an expression (&…)", value.kind())),
            None => Err(self.wrong("takes more arguments".to_owned())),
        }
    }

    pub(super) fn number(&self, at: usize) -> Result<f64, QueryError> {
        match self.value(at)? {
            Value::Number(number) => Ok(number.as_f64()),
            other => Err(self.wrong_type(at, "number", other.kind())),
        }
    }

    pub(super) fn text(&self, at: usize) -> Result<&'a Str, QueryError> {
        match self.value(at)? {
            Value::String(text) => Ok(text),
            other => Err(self.wrong_type(at, "string", other.kind())),
        }
    }

    pub(super) fn list(&self, at: usize) -> Result<&'a List, QueryError> {
        match self.value(at)? {
            Value::List(list) => Ok(list),
            other => Err(self.wrong_type(at, "array", other.kind())),
        }
    }

    pub(super) fn table(&self, at: usize) -> Result<&'a Table, QueryError> {
        match self.value(at)? {
            Value::Table(table) => Ok(table),
            other => Err(self.wrong_type(at, "object", other.kind())),
        }
    }

    /// The error for an argument of another type than the function takes.
    pub(super) fn wrong_type(&self, at: usize, wanted: &str, found: &str) -> QueryError {
        self.wrong(format!("argument {} must be {wanted}, not {found}", at.saturating_add(1)))
    }

    pub(super) fn wrong(&self, what: String) -> QueryError {
        QueryError::Wrong(format!("{}(): {what}", self.function))
    }
}
