//! What went wrong in a template, and where. Its text is the one that Go writes.

use std::fmt;

use super::text::quote;

/// An error in a template, found by parsing or by executing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The name under which the text was parsed: the file, for most callers. A template of a `define` has that of its text.
    pub template: String,
    /// The line in that text, from 1; 0 when there is no template of this name at all.
    pub line: usize,
    /// The byte within the line, from 0, as Go counts. Go itself names none when a template does not parse.
    pub column: Option<usize>,
    /// The byte within the whole text.
    pub offset: usize,
    /// What was executed; nothing when the text does not parse.
    pub execution: Option<Box<Execution>>,
    /// What went wrong.
    pub message: String,
}

/// Where an execution was when it failed.
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
