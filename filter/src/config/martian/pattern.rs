//! Regular expressions as Go's RE2 reads them, as far as both engines mean the same: others are refused. Time is linear in the
//! text, whatever the pattern is.

use regex_lite::{Regex, RegexBuilder};

use crate::config::reader::quoted;

/// A regular expression. Two are equal if they are written alike.
#[derive(Clone, Debug)]
pub struct Pattern {
    written: String,
    regex: Regex,
}

/// Of the compiled program: a pattern that needs more would take milliseconds for each request.
const MOST_BYTES: usize = 64 << 10;

impl Pattern {
    /// # Errors
    /// The reason in words: it is no pattern, one that is not supported, or too large.
    pub(crate) fn new(written: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(written)
            .size_limit(MOST_BYTES)
            .build()
            .map_err(|error| format!("{} is no regular expression that is supported here: {error}", quoted(written)))?;
        Ok(Self { written: written.to_owned(), regex })
    }

    /// Is there a match anywhere in the value? Each byte that is no UTF-8 is a character of its own, as in Go.
    #[must_use]
    pub fn is_in(&self, value: &[u8]) -> bool {
        let mut text = String::with_capacity(value.len());
        for chunk in value.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
        self.regex.is_match(&text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_found_anywhere_unless_they_are_anchored() {
        let table: [(&str, &[u8], bool); 8] = [
            ("^1.*", b"123", true),
            ("^1.*", b"21", false),
            ("b", b"abc", true),
            ("(?i)BOT$", b"some bot", true),
            ("", b"x", true),
            ("^.{3}$", b"a\xff\xfe", true),
            (r"^\w+$", "é".as_bytes(), false),
            ("a$", b"a\n", false),
        ];
        for (pattern, value, found) in table {
            assert_eq!(Pattern::new(pattern).unwrap().is_in(value), found, "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_or_a_huge_one_is_refused() {
        for pattern in ["(", "a{,2}", r"\pL", "(?=a)", r"\1", "((a{1000}){1000}){1000}", "[[:word", "[a&&b]"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
