//! How configurations are read: the options that every command has which reads one.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

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
    #[arg(skip)]
    said: Said,
}

/// What has been said on standard error. A document is read again and again, and says the same each time.
#[derive(Clone, Debug, Default)]
struct Said(Arc<Mutex<BTreeSet<String>>>);

impl Said {
    fn once(&self, line: &str) {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_owned()) {
            eprintln!("{line}");
        }
    }
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

    /// A document with its files, which are looked for in the working directory, as KrakenD does.
    pub(crate) fn document(&self, path: &Path) -> Result<Document, Trouble> {
        self.document_within(path, Path::new(""))
    }

    /// A document with its files, which are looked for in a folder.
    pub(crate) fn document_within(&self, path: &Path, folder: &Path) -> Result<Document, Trouble> {
        let document = Document::of(self.written(path)?, self, folder);
        self.served(document.map_err(|error| Trouble::new(format!("{} is not JSON: {error}", path.display())))?)
    }

    /// The document, if its files can be carried, with what there is to say of them.
    pub(crate) fn served(&self, document: Document) -> Result<Document, Trouble> {
        if let Some(fault) = document.lua.fault() {
            return Err(Trouble::new(format!("{}: {fault}", document.path.display())));
        }
        document.lua.notes.iter().for_each(|note| self.said.once(&format!("note: {note}")));
        document.lua.warnings.iter().for_each(|warning| self.said.once(&format!("warning: {warning}")));
        Ok(document)
    }
}
