//! The document as it is on disk now, made ready for a VM. If that is not possible, the reason is one message.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::front::Front;
use crate::Trouble;
use crate::document::{Document, Reading, answer_health, answer_unmatched, take_live};
use crate::embedded::hosts::{Hosts, Ways};
use crate::embedded::setting::Setting;
use crate::environment::{Given, Variables};
use crate::verification::{Fetching, Verification};

/// The content of a document, with its sources.
pub(super) struct Configuration {
    text: String,
    json: Value,
    /// The variables that scripts read by os.getenv.
    variables: Variables,
    /// The document as it was read; none if it is not JSON.
    document: Option<Document>,
    /// The reasons why sources are missing. The module refuses a configuration with a missing source.
    pub(super) missing: Vec<String>,
    /// The folders whose changes matter.
    pub(super) folders: BTreeSet<PathBuf>,
    /// The checks in front of all endpoints: `security/cors` and `security/http`.
    pub(super) front: Arc<Front>,
    /// The verification of tokens in front of the module.
    pub(super) verification: Arc<Verification>,
}

impl Configuration {
    pub(super) fn read(path: &Path, reading: &Reading, given: &Given, ways: &Ways) -> Result<Self, Trouble> {
        let document = match reading.document(path) {
            Ok(document) => document,
            // A text that is not JSON goes to the module unchanged: the module explains best what is wrong.
            Err(trouble) => match std::fs::read_to_string(path) {
                Ok(text)
                    if reading.is_plain(path)
                        && !text.contains("{{")
                        && serde_json::from_str::<IgnoredAny>(&text).is_err() =>
                {
                    let folders = folders([path].into_iter());
                    let (json, variables) = (Value::Null, Variables::new());
                    let verification = Arc::new(Verification::none());
                    let (missing, front) = (Vec::new(), Arc::default());
                    return Ok(Self { text, json, variables, document: None, missing, folders, front, verification });
                }
                _ => return Err(trouble),
            },
        };
        let folders = &folders(document.disk()) | &document.lua.folders;
        let folders = &folders | &reading.folders();
        let (mut json, front) = document.configuration_behind_front();
        let front = front
            .map_err(|error| Trouble::new(format!("{}: {}", path.display(), document.placed(&error.to_string()))))?;
        take_live(&mut json);
        answer_unmatched(&mut json);
        answer_health(&mut json);
        let missing = document.lua.missing.iter().map(|(name, why)| why.trouble(name).to_string()).collect();
        let variables = given.with_own(&document)?;
        let hosts = Hosts::new(&json, ways);
        let fetching = Fetching::by(move |scheme, authority| {
            let origin = hosts.find("", Some(scheme), authority)?;
            Some((origin.scheme, origin.authority()))
        });
        let verification = match lua_modifier::config::read(json.to_string().as_bytes()) {
            Ok(read) => Verification::new(&read, &document, fetching)?,
            Err(_) => Verification::none(), // the module refuses this configuration too, and says why
        };
        let verification = Arc::new(verification);
        let (text, front, document) = (json.to_string(), Arc::new(Front::new(front)), Some(document));
        Ok(Self { text, json, variables, document, missing, folders, front, verification })
    }

    /// A message of the module about this configuration, with the place that it names.
    pub(super) fn placed(&self, said: &str) -> String {
        self.document.as_ref().map_or_else(|| said.to_owned(), |document| document.placed(said))
    }

    /// The files and folders that scripts are read from, and the document.
    pub(super) fn disk(&self) -> Vec<PathBuf> {
        let files = |document: &Document| {
            let files = document.disk().map(Path::to_owned);
            files.chain(document.lua.folders.iter().cloned()).collect()
        };
        self.document.as_ref().map(files).unwrap_or_default()
    }

    /// Whether both were read from the same texts and lack the same sources.
    pub(super) fn equals(&self, other: &Self) -> bool {
        let read = |of: &Self| of.document.as_ref().map_or_else(|| vec![(of.text.clone(), None)], Document::read);
        self.missing == other.missing && read(self) == read(other)
    }

    pub(super) fn setting(&self, ways: &Ways) -> Setting {
        Setting::new(&self.text, &self.json, &self.variables, ways)
    }
}

/// The folders of these files. Folders are watched because many editors replace a file instead of writing to it.
pub(super) fn folders<'a>(files: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    let folder = |file: &Path| file.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    files.map(|file| folder(file).unwrap_or_else(|| ".".into())).filter(|folder| folder.is_dir()).collect()
}
