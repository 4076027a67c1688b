//! The strings and numbers of a document, as slices of it wherever that is possible. Only a string with escapes or with invalid
//! UTF-8 is copied.

use super::cursor::{Cursor, NotJson};
use super::document::{Node, Text};
use super::parse_error::ParseErrorKind;
use super::scan::next_special;
use super::text::MAX_LEN;
use super::unescape::unescape;

impl Cursor<'_> {
    /// Reads a string, from its opening quote on.
    #[inline(always)]
    pub(super) fn string(&mut self, quote: usize) -> Result<Text, NotJson> {
        let start = quote.wrapping_add(1);
        let end = next_special(self.bytes, start);
        if let Some(b'"') = self.bytes.get(end) {
            self.at = end.wrapping_add(1);
            return Ok(Text::in_source(start, end, true));
        }
        self.special(start, end)
    }

    /// Reads a string, from its first character on that is neither plain nor the quote at its end.
    #[inline(never)]
    fn special(&mut self, start: usize, first: usize) -> Result<Text, NotJson> {
        let mut verbatim = true;
        let mut ascii = true;
        let mut at = first;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => return self.escaped(start, at),
                Some(b'<' | b'>' | b'&') => verbatim = false,
                Some(0x80..) => {
                    ascii = false;
                    at = next_special(self.bytes, self.skip_other(at, &mut verbatim));
                    continue;
                }
                _ => {
                    self.at = at;
                    return self.unexpected("no control character");
                }
            }
            at = next_special(self.bytes, at.saturating_add(1));
        }
        self.at = at.saturating_add(1);
        if !ascii {
            let text = self.bytes.get(start..at).unwrap_or_default();
            if std::str::from_utf8(text).is_err() {
                return self.mend(start, at);
            }
        }
        Ok(Text::in_source(start, at, verbatim))
    }

    /// Skips characters outside ASCII. Of these, JSON from Go escapes only U+2028 and U+2029.
    fn skip_other(&self, from: usize, verbatim: &mut bool) -> usize {
        let mut at = from;
        while let Some(0x80..) = self.bytes.get(at) {
            if let Some([0xe2, 0x80, 0xa8 | 0xa9, ..]) = self.bytes.get(at..) {
                *verbatim = false;
            }
            at = at.saturating_add(1);
        }
        at
    }

    /// Reads a string with escapes, from the first escape on: finds the end, checks the escapes, and makes a text of its own.
    fn escaped(&mut self, start: usize, first: usize) -> Result<Text, NotJson> {
        let mut at = first;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at = at.saturating_add(1);
                    at = self.check_escape()?;
                }
                Some(0x20..) => at = next_special(self.bytes, at.saturating_add(1)),
                _ => {
                    self.at = at;
                    return self.unexpected("no control character");
                }
            }
        }
        self.at = at.saturating_add(1);
        self.mend(start, at)
    }

    /// A mended copy of the text between two places.
    fn mend(&mut self, start: usize, end: usize) -> Result<Text, NotJson> {
        let from = self.mended.len();
        unescape(self.bytes.get(start..end).unwrap_or_default(), &mut self.mended);
        if self.mended.len() > MAX_LEN {
            return self.fail(ParseErrorKind::TooLarge);
        }
        Ok(Text::mended(from, self.mended.len()))
    }

    /// Checks an escape, from behind its backslash; gives the place where it ends.
    fn check_escape(&mut self) -> Result<usize, NotJson> {
        match self.bytes.get(self.at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(self.at.saturating_add(1)),
            Some(b'u') => {
                for _ in 0..4 {
                    self.step();
                    if !self.bytes.get(self.at).is_some_and(u8::is_ascii_hexdigit) {
                        return self.unexpected("a hexadecimal digit");
                    }
                }
                Ok(self.at.saturating_add(1))
            }
            _ => self.unexpected("an escape"),
        }
    }

    /// Reads a number, from its sign or first digit on.
    pub(super) fn number(&mut self, start: usize) -> Result<Node, NotJson> {
        self.at = start;
        if self.peek() == Some(b'-') {
            self.step();
        }
        match self.peek() {
            Some(b'0') => self.step(),
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.step();
            if let Some(b'+' | b'-') = self.peek() {
                self.step();
            }
            self.digits()?;
        }
        Ok(Node::Number(Text::in_source(start, self.at, true)))
    }

    /// Skips one digit or more.
    #[inline]
    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        let mut at = start;
        while let Some(b'0'..=b'9') = self.bytes.get(at) {
            at = at.wrapping_add(1);
        }
        self.at = at;
        if at == start {
            return self.unexpected("a digit");
        }
        Ok(())
    }
}
