//! A place in a JSON text that is being read, and the error found there. Knows bytes and white space, and no values.

use super::document::Bytes;
use super::parse_error::{ParseError, ParseErrorKind};

/// The sign of an error. The cursor holds the error itself: so a result is no larger than a value, and needs no copy to become
/// one.
pub(super) struct NotJson;

pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// The strings that are not slices of the text, one behind the other.
    pub(super) mended: Vec<u8>,
    kind: ParseErrorKind,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a text.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, at: 0, mended: Vec::new(), kind: ParseErrorKind::Truncated }
    }

    /// The error, after a [`NotJson`].
    pub(super) fn error(&self) -> ParseError {
        ParseError { kind: self.kind, at: self.at }
    }

    /// The bytes of the texts that were read so far.
    pub(super) fn texts(&self) -> Bytes<'_> {
        Bytes { source: self.bytes, mended: &self.mended }
    }

    /// The next byte at or behind a place that is not white space, and its place; zero stands for the end of the text.
    #[inline]
    pub(super) fn token(&self, from: usize) -> (u8, usize) {
        let mut at = from;
        loop {
            match self.bytes.get(at) {
                Some(byte) if *byte > b' ' => return (*byte, at),
                Some(b' ' | b'\n' | b'\r' | b'\t') => at = at.wrapping_add(1),
                Some(byte) => return (*byte, at),
                None => return (0, at),
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
    pub(super) fn unexpected_at<T>(&mut self, at: usize, wanted: &'static str) -> Result<T, NotJson> {
        self.at = at;
        self.unexpected(wanted)
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
