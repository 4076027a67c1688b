//! An error in a template, and its place. The text is the one that Go writes.

use std::fmt;

use super::text::quote;

/// An error in a template, found by parsing or by executing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The name under which the text was parsed: for most callers the file's. A template of a `define` has the name of its
    /// text.
    pub template: String,
    /// The line in that text, from 1; 0 if there is no template of this name at all.
    pub line: usize,
    /// The byte within the line, from 0, as Go counts. Go itself gives no byte if a template does not parse.
    pub column: Option<usize>,
    /// The byte within the whole text.
    pub offset: usize,
    /// The place of the execution; `None` if the text does not parse.
    pub execution: Option<Box<Execution>>,
    /// What went wrong.
    pub message: String,
}

/// The place of an execution when it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The template that was executed: the name of the text, or of a `define` in it.
    pub template: String,
    /// The part of the action that failed, as Go writes it: `index .list 5`.
    pub node: String,
}

impl fmt::Display for Error {
    /// As Go writes it: `template: NAME:LINE:COLUMN: executing "NAME" at <.x>: …`, or `template: NAME:LINE: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, line, column, execution, message, .. } = self;
        match (execution.as_deref(), column) {
            (Some(Execution { template: executed, node }), Some(column)) => {
                write!(f, "template: {template}:{line}:{column}: executing {} at <{node}>: {message}", quote(executed))
            }
            _ if *line == 0 => write!(f, "template: {message}"),
            _ => write!(f, "template: {template}:{line}: {message}"),
        }
    }
}

impl std::error::Error for Error {}
