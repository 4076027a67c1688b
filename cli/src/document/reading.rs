//! How configurations are read: the options that every command has if it reads configurations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::lua_files::FileOptions;
use super::notation::Notation;
use super::{Document, Page, RenderOptions, Trouble, Unread, Written};

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

/// The messages that were written on standard error. A document is read many times, and has the same messages each time.
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
    /// The same options, with only these folders for settings, partials and templates, if at least one is given.
    pub(crate) fn with(&self, folders: [Option<PathBuf>; 3]) -> Self {
        Self { rendering: self.rendering.or_just(folders), ..self.clone() }
    }

    /// Refuses to read more than one document if the rendered text is written to a file.
    pub(crate) fn can_read(&self, documents: usize) -> Result<(), Trouble> {
        match self.rendering.flexible().and_then(|flexible| flexible.rendered) {
            Some(path) if documents > 1 => Err(Trouble::new(format!(
                "{} takes the rendered text of one configuration: call the command for each",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// The text of a document as JSON.
    pub(crate) fn written(&self, path: &Path) -> Result<Written, Unread> {
        let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, "read", &error))?;
        self.written_as(path, text)
    }

    /// The JSON of a document whose text has already been read.
    pub(crate) fn written_as(&self, path: &Path, text: String) -> Result<Written, Unread> {
        Written::of(path, text, &self.rendering)
    }

    /// Whether the text of a document is the file's own text.
    pub(crate) fn is_plain(&self, path: &Path) -> bool {
        self.rendering.flexible().is_none() && Notation::of(path) == Notation::Json
    }

    /// The folders, besides the document's own, where a change may change the document's text.
    pub(crate) fn folders(&self) -> BTreeSet<PathBuf> {
        self.rendering.flexible().map(|flexible| flexible.watched()).unwrap_or_default()
    }

    /// A document with its files, which are looked for in the working directory, as in KrakenD.
    pub(crate) fn document(&self, path: &Path) -> Result<Document, Trouble> {
        self.document_within(path, Path::new(""))
    }

    /// A document with its files, which are looked for in a folder.
    pub(crate) fn document_within(&self, path: &Path, folder: &Path) -> Result<Document, Trouble> {
        let written = self.written(path)?;
        match serde_json::from_str(&written.text) {
            Ok(json) => self.served(Document::new(written, json, self, folder)),
            Err(error) => Err(no_json(written, &error)),
        }
    }

    /// The document, if its files can be carried. Writes the messages about them.
    pub(crate) fn served(&self, document: Document) -> Result<Document, Trouble> {
        if let Some(fault) = document.lua.fault() {
            return Err(Trouble::new(format!("{}: {fault}", document.path.display())));
        }
        let path = document.path.display();
        let warnings = document.lua.unmatched.values().chain(&document.lua.warnings);
        document.lua.notes.iter().for_each(|note| self.said.once(&format!("note: {path}: {note}")));
        warnings.for_each(|warning| self.said.once(&format!("warning: {path}: {warning}")));
        Ok(document)
    }
}

fn no_json(written: Written, error: &serde_json::Error) -> Trouble {
    let Written { path, text, made } = written;
    let page = Page { name: path.display().to_string(), text };
    let said = error.to_string();
    let words = said.split(" at line ").next().unwrap_or(&said);
    let start = page.byte(error.line(), error.column()).unwrap_or(page.text.len());
    let span = start..page.after(start);
    if made.origins().is_some() {
        let fault = made.fault("json", page, span, format!("this is not JSON: {words}"));
        return Unread::from(fault).into();
    }
    let help = made.fault("json", page, span, String::new()).help;
    let help = help.map(|help| format!("\n{help}")).unwrap_or_default();
    Trouble::new(format!("{} is not JSON: {error}{help}", path.display()))
}
