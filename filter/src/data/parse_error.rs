//! Why a body could not be read as JSON, in words for the person who runs the gateway.

use std::fmt;

use super::value::MAX_DEPTH;

/// Why a body is not JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// The byte at which the error was noticed, counted from zero.
    pub at: usize,
}

/// What can be wrong with JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// There is no value at all.
    Empty,
    /// The text ends within the value.
    Truncated,
    /// A byte that is not allowed here, and what is expected instead.
    Unexpected(u8, &'static str),
    /// More levels than [`MAX_DEPTH`].
    TooDeep,
    /// More bytes than a [`Str`] can address.
    TooLarge,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell("body", f)
    }
}

/// A [`ParseError`] of a text that is not a body.
pub struct ParseErrorOf<'a>(pub &'a str, pub ParseError);

impl fmt::Display for ParseErrorOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.tell(self.0, f)
    }
}

impl ParseError {
    fn tell(&self, of: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ParseErrorKind::Empty => write!(f, "the {of} is empty, not JSON"),
            ParseErrorKind::Truncated => write!(f, "the JSON ends too early, after {} bytes", self.at),
            ParseErrorKind::Unexpected(byte, wanted) => {
                let shown = char::from(byte).escape_default();
                write!(f, "the {of} is not JSON: '{shown}' at byte {} where {wanted} should be", self.at)
            }
            ParseErrorKind::TooDeep => write!(f, "the JSON is nested deeper than {MAX_DEPTH} levels"),
            ParseErrorKind::TooLarge => f.write_str("the JSON is larger than 2 GiB"),
        }
    }
}

impl std::error::Error for ParseError {}
