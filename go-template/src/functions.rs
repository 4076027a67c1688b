//! The functions of templates: Go's built-in ones and sprig's, with their parameters. Knows values and how Go writes them, and
//! nothing of parsing or executing templates.

mod arguments;
mod builtin;
mod host;
mod signature;
mod sprig;

use std::collections::HashMap;
use std::rc::Rc;

use crate::syntax::FunctionNames;
use signature::{OfCaller, Parameters};

pub(crate) use host::{Clock, Environment, Host};
pub(crate) use signature::{Body, Function, Type};

/// Functions by their names.
pub(crate) struct Functions(HashMap<Rc<str>, Function>);

impl Default for Functions {
    /// Go's own functions and sprig's; if both have a function of the same name, sprig's counts.
    fn default() -> Self {
        let rows = builtin::TABLES.iter().chain(sprig::TABLES).copied().flatten();
        Self(rows.map(|row| (row.name.into(), row.into())).collect())
    }
}

impl Functions {
    pub(crate) fn get(&self, name: &str) -> Option<&Function> {
        self.0.get(name)
    }

    /// Adds a function of the caller.
    pub(crate) fn add(&mut self, name: &str, fixed: usize, variadic: bool, body: OfCaller) {
        let parameters = Parameters { fixed: vec![Type::Any; fixed].into(), rest: variadic.then_some(Type::Any) };
        self.0.insert(name.into(), Function { parameters, body: Body::Caller(body) });
    }
}

impl FunctionNames for Functions {
    fn complaint(&self, name: &str) -> Option<String> {
        if self.0.contains_key(name) {
            return None;
        }
        let name_in_quotes = crate::text::quote(name);
        let words = match sprig::why_not(name) {
            Some(reason) => format!("function {name_in_quotes} is one of sprig's that is not built in here: {reason}"),
            None => format!("function {name_in_quotes} not defined"),
        };
        Some(words)
    }
}
