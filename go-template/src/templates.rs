//! A set of named templates that may call each other, and the functions that they may use.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::SystemTime;

use super::error::Error;
use super::functions::{Clock, Environment, Host};
use super::limits::{Budget, Limits};
use super::rendered::Rendered;
use super::run::{Machine, Set};
use super::slot::Slot;
use super::syntax::{self, Source};
use super::text::quote;
use super::value::Value;

/// Named templates with their functions: Go's built-in ones, sprig's, and the caller's own. A set is for one thread.
#[derive(Default)]
pub struct Templates {
    set: Set,
    limits: Limits,
    environment: Option<Box<Environment>>,
    clock: Option<Box<Clock>>,
}

impl Templates {
    /// A set without templates, with Go's built-in functions and sprig's.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the default bounds.
    pub fn limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Sets the function by which `env` and `expandenv` look up variables. Without it no variable is set.
    pub fn environment(&mut self, lookup: impl Fn(&str) -> Option<String> + 'static) {
        self.environment = Some(Box::new(lookup));
    }

    /// Sets the clock of `now` and related functions. Without it they use the system's clock.
    pub fn clock(&mut self, time: impl Fn() -> SystemTime + 'static) {
        self.clock = Some(Box::new(time));
    }

    /// Adds a function with any number of arguments, or replaces one of the same name. Call it before parsing templates that
    /// use the function.
    pub fn function(&mut self, name: &str, f: impl Fn(&[Value]) -> Result<Value, String> + 'static) {
        self.set.functions.add(name, 0, true, Rc::new(f));
    }

    /// Adds a function with a fixed number of arguments: another number is Go's error `wrong number of args`.
    pub fn function_of(
        &mut self,
        name: &str,
        arguments: usize,
        f: impl Fn(&[Value]) -> Result<Value, String> + 'static,
    ) {
        self.set.functions.add(name, arguments, false, Rc::new(f));
    }

    /// Parses a text as the template of this name, and each `define` in it as a template of its own. A template that exists is
    /// replaced, unless the new one is empty, as in Go.
    ///
    /// # Errors
    /// The text does not parse, or uses a function that does not exist.
    pub fn parse(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let source = Rc::new(Source { name: name.into(), text: text.to_owned() });
        for program in syntax::parse(&source, &self.set.functions)? {
            if !program.is_empty() || !self.set.programs.contains_key(&program.name) {
                self.set.programs.insert(program.name.clone(), program);
            }
        }
        Ok(())
    }

    /// Executes a template with this value as dot. Sprig's `set` and `merge` may change maps of `data`, as in Go.
    ///
    /// # Errors
    /// There is no such template, an action failed, or a limit was reached.
    pub fn execute(&self, name: &str, data: &Value) -> Result<Rendered, Error> {
        let Some(program) = self.set.programs.get(name) else {
            let message = format!("no template {}", quote(name));
            let template = name.to_owned();
            return Err(Error { template, line: 0, column: None, offset: 0, execution: None, message });
        };
        let budget = Budget::new(self.limits);
        let host = Host {
            budget: &budget,
            environment: self.environment.as_deref(),
            clock: self.clock.as_deref(),
            patterns: RefCell::new(HashMap::new()),
        };
        Machine::new(&self.set, program, host, Slot::of(data.clone()).unboxed()).run()
    }
}
