//! How configurations are read: the options that every command has which reads one.

use std::path::Path;

use super::lua_files::FileOptions;
use super::written::{RenderOptions, Written};
use super::{Document, Trouble};

/// How a configuration is read.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Reading {
    #[command(flatten)]
    pub(super) rendering: RenderOptions,
    #[command(flatten)]
    pub(super) files: FileOptions,
}

impl Reading {
    /// The text of a document as JSON.
    pub(crate) fn written(&self, path: &Path) -> Result<Written, Trouble> {
        let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, "read", &error))?;
        self.written_as(path, text)
    }

    /// The same of a text that was read already.
    pub(crate) fn written_as(&self, path: &Path, text: String) -> Result<Written, Trouble> {
        Written::of(path, text, &self.rendering)
    }

    /// A document with its sources, which are looked for in the working directory, as KrakenD does.
    pub(crate) fn document(&self, path: &Path) -> Result<Document, Trouble> {
        self.document_within(path, Path::new(""))
    }

    /// A document with its sources, which are looked for in a folder.
    pub(crate) fn document_within(&self, path: &Path, folder: &Path) -> Result<Document, Trouble> {
        let document = Document::of(self.written(path)?, self, folder);
        document.map_err(|error| Trouble::new(format!("{} is not JSON: {error}", path.display())))
    }
}
