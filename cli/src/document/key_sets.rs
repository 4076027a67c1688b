//! The key sets that a document names as files (`jwk_local_path`), as they are on disk. Knows where their names stand, and nothing
//! of keys: what is in them may be a secret, and is never shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokens::KeySet;

/// The namespace under its names of today and of long ago.
const VALIDATORS: [&str; 2] = ["auth/validator", "github.com/devopsfaith/krakend-jose/validator"];

/// Files by their names as written.
#[derive(Default)]
pub(crate) struct KeySets(BTreeMap<String, File>);

struct File {
    path: PathBuf,
    /// Or why it cannot be read.
    text: Result<String, String>,
}

impl KeySets {
    /// Reads those of a document, relative to a folder; empty: the working directory, as KrakenD does.
    pub(super) fn gather(json: &Value, folder: &Path) -> Self {
        let endpoints = json.get("endpoints").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let extras = endpoints.iter().filter_map(|endpoint| endpoint.get("extra_config"));
        let blocks = extras.flat_map(|extra| VALIDATORS.iter().filter_map(move |name| extra.get(name)));
        let names = blocks.filter_map(|block| block.get("jwk_local_path")?.as_str()).filter(|name| !name.is_empty());
        let file = |name: &str| {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let words = error.to_string();
                words.split(" (os error").next().unwrap_or(&words).to_lowercase()
            });
            (name.to_owned(), File { path, text })
        };
        Self(names.map(file).collect())
    }

    /// The text of one; the error is a sentence about it.
    pub(crate) fn text(&self, name: &str) -> Result<&str, String> {
        let whole = |why: &str| format!("the key set {name} (jwk_local_path) cannot be read: {why}");
        let file = self.0.get(name).ok_or_else(|| whole("it was not looked for"))?;
        file.text.as_deref().map_err(|why| whole(why))
    }

    /// The names of the keys of each that can be read: by these the module knows what Envoy does not check.
    pub(super) fn key_ids(&self) -> Map<String, Value> {
        let names = |file: &File| Some(KeySet::read(file.text.as_ref().ok()?.as_bytes()).ok()?.names().into());
        self.0.iter().filter_map(|(name, file)| Some((name.clone(), names(file)?))).collect()
    }

    /// When it was last changed, as a number that grows.
    pub(crate) fn changed(&self, name: &str) -> u128 {
        let file = self.0.get(name).and_then(|file| std::fs::metadata(&file.path).ok()?.modified().ok());
        let since = file.and_then(|changed| changed.duration_since(std::time::UNIX_EPOCH).ok());
        since.map_or(0, |since| since.as_micros())
    }

    /// Where they are.
    pub(super) fn disk(&self) -> impl Iterator<Item = &Path> {
        self.0.values().map(|file| file.path.as_path())
    }

    /// What was read, by name; no text: it could not be read.
    pub(super) fn read(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.0.iter().map(|(name, file)| (name.clone(), file.text.clone().ok()))
    }
}
