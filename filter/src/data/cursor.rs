//! A place in a JSON text that is being read, and the error found there. Knows bytes and white space, and no values.

use std::rc::Rc;

use super::parse_error::{ParseError, ParseErrorKind};

/// The sign of an error. The cursor holds the error itself: so a result is no larger than a value, and needs no copy to become
/// one.
pub(super) struct NotJson;

pub(super) struct Cursor<'a> {
    pub(super) source: &'a Rc<Vec<u8>>,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    kind: ParseErrorKind,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a text.
    pub(super) fn new(source: &'a Rc<Vec<u8>>) -> Self {
        Cursor { source, bytes: source, at: 0, kind: ParseErrorKind::Truncated }
    }

    /// The error, after a [`NotJson`].
    pub(super) fn error(&self) -> ParseError {
        ParseError { kind: self.kind, at: self.at }
    }

    /// The next byte that is not white space. The cursor stops in front of it.
    #[inline]
    pub(super) fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.step(),
                byte => return byte,
            }
        }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    #[cold]
    pub(super) fn unexpected<T>(&mut self, wanted: &'static str) -> Result<T, NotJson> {
        match self.peek() {
            Some(byte) => self.fail(ParseErrorKind::Unexpected(byte, wanted)),
            None => self.fail(ParseErrorKind::Truncated),
        }
    }

    #[cold]
    pub(super) fn fail<T>(&mut self, kind: ParseErrorKind) -> Result<T, NotJson> {
        self.kind = kind;
        Err(NotJson)
    }
}
