//! The strings and numbers of a document, as slices of it wherever that is possible. Only a string with escapes or with invalid
//! UTF-8 gets a copy of its own.

use super::cursor::{Cursor, NotJson};
use super::number::Number;
use super::scan::next_special;
use super::text::Str;
use super::unescape::unescape;
use super::value::Value;

impl Cursor<'_> {
    /// Reads a string, from its opening quote on.
    pub(super) fn string(&mut self) -> Result<Str, NotJson> {
        let start = self.at.saturating_add(1);
        let mut verbatim = true;
        let mut ascii = true;
        let mut at = start;
        loop {
            at = next_special(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => return self.escaped(start, at),
                Some(b'<' | b'>' | b'&') => verbatim = false,
                Some(0x80..) => {
                    ascii = false;
                    at = self.skip_other(at, &mut verbatim);
                    continue;
                }
                _ => {
                    self.at = at;
                    return self.unexpected("no control character");
                }
            }
            at = at.saturating_add(1);
        }
        self.at = at.saturating_add(1);
        if !ascii {
            let text = self.bytes.get(start..at).unwrap_or_default();
            if std::str::from_utf8(text).is_err() {
                return Ok(Str::from(unescape(text)));
            }
        }
        Ok(Str::slice(self.source, start, at, verbatim))
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
    fn escaped(&mut self, start: usize, first: usize) -> Result<Str, NotJson> {
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
        Ok(Str::from(unescape(self.bytes.get(start..at).unwrap_or_default())))
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

    pub(super) fn number(&mut self) -> Result<Value, NotJson> {
        let start = self.at;
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
        let text = Str::slice(self.source, start, self.at, true);
        Ok(Value::Number(Number::Text(text)))
    }

    /// Skips one digit or more.
    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.step();
        }
        if self.at == start {
            return self.unexpected("a digit");
        }
        Ok(())
    }
}
