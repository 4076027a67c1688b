//! Documents in YAML and TOML, converted to the JSON that they mean, with the way back for every byte. Knows nothing of what a
//! document says, and nothing of templates.

mod alignment;
mod scalar;
mod toml;
mod tree;
mod writing;
mod yaml;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;

use super::{LONGEST, Origins, Page};

pub(super) use alignment::aligned;
pub(super) use tree::Style;

/// The notation of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Json,
    Yaml,
    Toml,
}

/// A mistake in a text, and its place.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

impl Wrong {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

impl Notation {
    /// The notation, chosen as KrakenD does: by the letters behind the last dot; for all other letters it is JSON.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yml" | "yaml") => Self::Yaml,
            Some("toml") => Self::Toml,
            _ => Self::Json,
        }
    }

    /// The name of the notation.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
        }
    }

    /// The rule of `check` for a text that breaks the notation.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Toml => "toml",
        }
    }

    /// The JSON of a page, with the way back to the page. Nothing if the page is JSON already.
    pub(super) fn json(self, page: &Page) -> Result<Option<(String, Origins)>, Wrong> {
        let read = match self {
            Self::Json => return Ok(None),
            Self::Yaml => yaml::read(&page.text)?,
            Self::Toml => toml::read(&page.text)?,
        };
        writing::json(&read, page).map(Some)
    }
}
