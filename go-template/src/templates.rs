//! A set of named templates that may call each other, and the functions that they may use.

use super::error::Error;
use super::limits::Limits;
use super::rendered::Rendered;
use super::value::Value;

/// Named templates with their functions: Go's built-in ones, sprig's, and the caller's own. A set is for one thread.
#[derive(Default)]
pub struct Templates {
    limits: Limits,
}

impl Templates {
    /// No templates; Go's built-in functions and sprig's.
    pub fn new() -> Self {
        Self::default()
    }

    /// Other bounds than the default ones.
    pub fn limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What `env` and `expandenv` look variables up with. Without it no variable is set.
    pub fn environment(&mut self, _lookup: impl Fn(&str) -> Option<String> + 'static) {}

    /// Adds a function of any arguments, or replaces one of the same name. Before templates that use it are parsed.
    pub fn function(&mut self, _name: &str, _f: impl Fn(&[Value]) -> Result<Value, String> + 'static) {}

    /// Adds a function that takes just so many arguments: another number is Go's error `wrong number of args`.
    pub fn function_of(
        &mut self,
        _name: &str,
        _arguments: usize,
        _f: impl Fn(&[Value]) -> Result<Value, String> + 'static,
    ) {
    }

    /// Parses a text as the template of this name, and each `define` in it as a template of its own. A template that exists is
    /// replaced, unless the new one is empty, as in Go.
    ///
    /// # Errors
    /// The text is no template, or uses a function that does not exist.
    pub fn parse(&mut self, _name: &str, _text: &str) -> Result<(), Error> {
        Ok(())
    }

    /// Executes a template with this value as dot. Sprig's `set` and `merge` may change maps of `data`, as in Go.
    ///
    /// # Errors
    /// There is no such template, an action failed, or a limit was reached.
    pub fn execute(&self, _name: &str, _data: &Value) -> Result<Rendered, Error> {
        Ok(Rendered::default())
    }
}
