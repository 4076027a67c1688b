//! Why data could not be written as JSON, in words for the author of the script that made the data.

use std::fmt;

use super::value::MAX_DEPTH;

/// Why data cannot be written as JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteError {
    cause: Cause,
    /// The path from the root to the place, innermost step first, because it is collected on the way back to the root.
    path: Vec<PathStep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    NotFinite,
    TooDeep,
    TooLarge(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathStep {
    Key(String),
    Index(usize),
}

/// The number of steps that are shown: a table that contains itself has a path of a thousand steps.
const SHOWN: usize = 8;

/// The error is in a box, so that a success stays cheap.
pub(super) type Written = Result<(), Box<WriteError>>;

#[cold]
pub(super) fn fail(cause: Cause) -> Written {
    Err(Box::new(WriteError { cause, path: Vec::new() }))
}

impl WriteError {
    /// Whether the only error is that there is too much data.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self.cause, Cause::TooLarge(_))
    }

    /// Adds a step to the path, on the way back to the root.
    pub(super) fn under(mut self: Box<Self>, step: impl FnOnce() -> PathStep) -> Box<Self> {
        self.path.push(step());
        self
    }
}

impl From<Box<Self>> for WriteError {
    fn from(error: Box<Self>) -> Self {
        *error
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::NotFinite => f.write_str("NaN or Inf cannot be written as JSON")?,
            Cause::TooDeep => {
                write!(f, "the data is nested deeper than {MAX_DEPTH} levels (does a table contain itself?)")?
            }
            Cause::TooLarge(limit) => write!(f, "the data is larger than {limit} bytes of JSON")?,
        }
        for (place, step) in self.path.iter().rev().take(SHOWN).enumerate() {
            match (place, step) {
                (0, PathStep::Key(key)) => write!(f, ", at {key}")?,
                (0, PathStep::Index(index)) => write!(f, ", at [{index}]")?,
                (_, PathStep::Key(key)) => write!(f, ".{key}")?,
                (_, PathStep::Index(index)) => write!(f, "[{index}]")?,
            }
        }
        if self.path.len() > SHOWN {
            f.write_str("…")?;
        }
        Ok(())
    }
}

impl std::error::Error for WriteError {}
