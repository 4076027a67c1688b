//! Regular expressions as Go's RE2 reads them, as far as the engine here means the same: others are refused by name. Time is linear
//! in the text, whatever the expression is.
//!
//! ```text
//! syntax ──► expression ──► class
//! ```

mod class;
mod expression;
mod syntax;
#[cfg(test)]
mod tests;

use regex_lite::{Regex, RegexBuilder};

use super::reader::quoted;

/// A regular expression. Two are equal if they are written alike.
#[derive(Clone, Debug)]
pub struct Pattern {
    written: String,
    /// In lower case: without it there is no match.
    required: String,
    weight: u64,
    regex: Regex,
}

/// A text that several patterns are held against.
pub struct Subject {
    text: String,
    lowered: String,
}

/// Of the compiled program: a pattern that needs more would take milliseconds for each request.
const MOST_BYTES: usize = 64 << 10;

impl Pattern {
    /// # Errors
    /// The reason in words: Go does not compile it, it is not supported here, or it is too large.
    pub(crate) fn new(written: &str) -> Result<Self, String> {
        let refused =
            |why: String| format!("{} is no regular expression that is supported here: {why}", quoted(written));
        let expression = syntax::read(written).map_err(refused)?;
        let mut text = String::new();
        expression.write(&mut text);
        let regex = RegexBuilder::new(&text).size_limit(MOST_BYTES).build();
        let regex = regex.map_err(|error| refused(error.to_string()))?;
        let (required, weight) = (expression.required(), expression.weight());
        Ok(Self { written: written.to_owned(), required, weight, regex })
    }

    /// Is there a match anywhere in the value? Each byte that is no UTF-8 is a character of its own, as in Go.
    #[must_use]
    pub fn is_in(&self, value: &[u8]) -> bool {
        self.regex.is_match(&text_of(value))
    }

    /// The same for one of several.
    #[must_use]
    pub fn is_in_subject(&self, subject: &Subject) -> bool {
        subject.lowered.contains(&self.required) && self.regex.is_match(&subject.text)
    }

    /// About how many steps it takes for each byte of a text, at the worst.
    pub(super) fn weight(&self) -> u64 {
        self.weight
    }
}

impl Subject {
    /// A value as patterns see it.
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
        let text = text_of(value);
        let lowered = text.chars().map(class::lowered).collect();
        Self { text, lowered }
    }
}

fn text_of(value: &[u8]) -> String {
    let mut text = String::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}
