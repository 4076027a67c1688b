//! `modifier/jmespath`: what an expression makes of data. The crate jmespath parses it, when the configuration loads; it is evaluated
//! here, on the data as it is, where each step and each new value is charged. Knows no pipeline.

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

/// The data that an expression makes of data: a table as it is, a list under `collection`, anything else under `content`.
///
/// # Errors
/// A limit, or a function that was given what it does not take.
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
