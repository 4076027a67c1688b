//! `modifier/jmespath`: applies an expression to data. The crate jmespath parses the expression when the configuration loads.
//! This code evaluates it on the data as it is, and charges each step and each new value. Knows no pipeline.

mod arguments;
mod charge;
mod compare;
mod evaluate;
mod functions;
mod literal;
mod slice;

use crate::config::{Expression, Limits};
use crate::data::{Str, Table, Value};
use crate::pipeline::failure::Failure;
use charge::Charge;
use evaluate::Evaluation;

pub(crate) use charge::QueryError;

/// Applies an expression to data. Gives a table as it is, a list under `collection`, and any other value under `content`.
///
/// # Errors
/// A limit is reached, or a function gets arguments that it does not take.
pub(crate) fn apply(expression: &Expression, data: &Table, limits: &Limits) -> Result<Table, Failure> {
    let mut charge = Charge::new(limits);
    let root = Value::Table(data.clone());
    let found = Evaluation::new(&mut charge).value(&expression.tree, &root);
    match found {
        Ok(Value::Table(table)) => Ok(table),
        Ok(list @ Value::List(_)) => Ok(under("collection", list)),
        Ok(other) => Ok(under("content", other)),
        Err(QueryError::Limit(message)) => {
            Err(Failure::Limit { message: format!("modifier/jmespath: {message}"), place: None })
        }
        Err(QueryError::Wrong(message)) => Err(Failure::script(format!("modifier/jmespath: {message}"))),
    }
}

fn under(key: &str, value: Value) -> Table {
    [(Str::from(key), value)].into_iter().collect()
}

#[cfg(test)]
mod tests;
