//! Regular expressions in Go's RE2 syntax, as far as the engine here gives them the same meaning: others are refused, with the
//! reason. The time of a match is linear in the text, for every expression.
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

/// A regular expression. Two are equal if their texts are equal.
#[derive(Clone, Debug)]
pub struct Pattern {
    written: String,
    /// A text in lower case that every match contains.
    required: String,
    weight: u64,
    regex: Regex,
}

/// A text that is compared with several patterns.
pub struct Subject {
    text: String,
    lowered: String,
}

/// The most bytes of the compiled program: a larger pattern would take milliseconds for each request.
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

    /// Is there a match anywhere in the value? As in Go, each byte that is not UTF-8 is a character of its own.
    #[must_use]
    pub fn is_in(&self, value: &[u8]) -> bool {
        self.regex.is_match(&text_of(value))
    }

    /// The same for a value that is compared with several patterns.
    #[must_use]
    pub fn is_in_subject(&self, subject: &Subject) -> bool {
        subject.lowered.contains(&self.required) && self.regex.is_match(&subject.text)
    }

    /// About the number of steps for each byte of a text, in the worst case.
    pub(super) fn weight(&self) -> u64 {
        self.weight
    }
}

impl Subject {
    /// Prepares a value for patterns.
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
