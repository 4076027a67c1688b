//! What functions may ask from outside: the budget, variables of the environment, the time.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::SystemTime;

use regex::Regex;

use crate::limits::Budget;

/// Looks up a variable of the environment.
pub(crate) type Environment = dyn Fn(&str) -> Option<String>;
/// Tells the time.
pub(crate) type Clock = dyn Fn() -> SystemTime;

/// What an execution passes to the functions that it calls.
pub(crate) struct Host<'a> {
    pub(crate) budget: &'a Budget,
    pub(crate) environment: Option<&'a Environment>,
    pub(crate) clock: Option<&'a Clock>,
    /// Patterns that have already been compiled.
    pub(crate) patterns: RefCell<HashMap<String, Regex>>,
}
