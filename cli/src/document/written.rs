//! A document as it was written, made the JSON text that the module reads. Knows nothing of what the document says.

use std::path::{Path, PathBuf};

use super::Trouble;

/// How a text becomes JSON.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct RenderOptions {}

/// A document's text.
pub(crate) struct Written {
    /// Where it was read.
    pub(crate) path: PathBuf,
    /// The text as JSON; where it is none, the module says best what is wrong with it.
    pub(crate) text: String,
}

impl Written {
    /// The JSON of a text that was read from `path`.
    pub(crate) fn of(path: &Path, text: String, _options: &RenderOptions) -> Result<Self, Trouble> {
        Ok(Self::json(path, text))
    }

    /// A text that is JSON already.
    pub(crate) fn json(path: &Path, text: String) -> Self {
        Self { path: path.to_owned(), text }
    }
}
