//! The surroundings of scripts, as the document gives them: files, and variables of the environment.

use serde_json::Value;

use crate::document::{Document, Unreadable};

/// The surroundings of the scripts of a document.
pub(crate) struct Around<'a> {
    document: &'a Document,
}

impl<'a> Around<'a> {
    /// The surroundings that a document gives.
    pub(crate) fn of(document: &'a Document) -> Self {
        Self { document }
    }

    /// The text of a file, by its plain name.
    pub(super) fn file(&self, name: &str) -> Option<&'a str> {
        self.document.file(name)
    }

    /// Why there is no such file.
    pub(super) fn why(&self, name: &str) -> Option<&'a Unreadable> {
        self.document.lua.unread.get(name)
    }

    /// Whether the document names files to embed for names that are made at run time.
    pub(super) fn has_more_files(&self) -> bool {
        let holds = |key: &str| match self.document.ours().and_then(|ours| ours.get(key)) {
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(map)) => !map.is_empty(),
            _ => false,
        };
        holds("bundle") || holds("files")
    }

    /// Whether scripts have the helpers.
    pub(super) fn has_helpers(&self) -> bool {
        self.document.ours().and_then(|ours| ours.get("helpers")) == Some(&Value::Bool(true))
    }

    /// Whether scripts may read a variable.
    pub(super) fn lists(&self, variable: &str) -> bool {
        self.document.variables().any(|listed| listed == variable)
    }

    /// The list of variables with one more variable.
    pub(super) fn list_with(&self, variable: &str) -> String {
        Value::from(self.document.variables().chain([variable]).collect::<Vec<_>>()).to_string()
    }
}
