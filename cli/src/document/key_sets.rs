//! The key sets that a document names as files (`jwk_local_path`), with their texts from disk. Knows where a document names
//! them, and nothing of keys: the contents may be secret, and are never shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokens::KeySet;

use super::path::Step;

/// The namespace, with its present name and its oldest name.
const VALIDATORS: [&str; 2] = ["auth/validator", "github.com/devopsfaith/krakend-jose/validator"];

const KEY: &str = "jwk_local_path";

/// Key set files, by their names as the document writes them.
#[derive(Default)]
pub(crate) struct KeySets(BTreeMap<String, File>);

struct File {
    path: PathBuf,
    /// The text, or the reason why the file cannot be read.
    text: Result<String, String>,
    /// The first place where the document names the file.
    at: Vec<Step>,
}

impl KeySets {
    /// Reads the key sets of a document. Names are relative to a folder; empty means the working directory, as in KrakenD.
    pub(super) fn gather(json: &Value, folder: &Path) -> Self {
        let endpoints = json.get("endpoints").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut files = BTreeMap::new();
        for (index, endpoint) in endpoints.iter().enumerate() {
            for namespace in VALIDATORS {
                let block = endpoint.get("extra_config").and_then(|extra| extra.get(namespace));
                let Some(name) = block.and_then(|block| block.get(KEY)?.as_str()).filter(|name| !name.is_empty())
                else {
                    continue;
                };
                let key = |key: &str| Step::Key(key.to_owned());
                let at = vec![key("endpoints"), Step::Index(index), key("extra_config"), key(namespace), key(KEY)];
                files.entry(name.to_owned()).or_insert_with(|| File::read(folder.join(name), at));
            }
        }
        Self(files)
    }

    /// The text of a file, if it is a key set; the error is a sentence about the file.
    pub(crate) fn text(&self, name: &str) -> Result<&str, String> {
        let whole = |why: &str| format!("the key set {name} ({KEY}) cannot be read: {why}");
        let file = self.0.get(name).ok_or_else(|| whole("it was not looked for"))?;
        let text = file.text.as_deref().map_err(|why| whole(why))?;
        KeySet::read(text.as_bytes()).map_err(|why| whole(&why.to_string()))?;
        Ok(text)
    }

    /// Whether the file is a key set without keys.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        let keys = self.text(name).ok().and_then(|text| KeySet::read(text.as_bytes()).ok());
        keys.is_some_and(|keys| keys.names().is_empty())
    }

    /// The faults of files that are not key sets, each with the place where the document names the file.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (&[Step], String)> {
        self.0.iter().filter_map(|(name, file)| Some((file.at.as_slice(), self.text(name).err()?)))
    }

    /// The names of the keys in each readable key set: by these names the module knows what Envoy does not check.
    pub(super) fn key_ids(&self) -> Map<String, Value> {
        let names = |file: &File| Some(KeySet::read(file.text.as_ref().ok()?.as_bytes()).ok()?.names().into());
        self.0.iter().filter_map(|(name, file)| Some((name.clone(), names(file)?))).collect()
    }

    /// The time of the file's last change, as a number that grows.
    pub(crate) fn changed(&self, name: &str) -> u128 {
        let file = self.0.get(name).and_then(|file| std::fs::metadata(&file.path).ok()?.modified().ok());
        let since = file.and_then(|changed| changed.duration_since(std::time::UNIX_EPOCH).ok());
        since.map_or(0, |since| since.as_micros())
    }

    /// The paths of the files.
    pub(super) fn disk(&self) -> impl Iterator<Item = &Path> {
        self.0.values().map(|file| file.path.as_path())
    }

    /// The texts that were read, by name; no text means that the file could not be read.
    pub(super) fn read(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.0.iter().map(|(name, file)| (name.clone(), file.text.clone().ok()))
    }
}

impl File {
    fn read(path: PathBuf, at: Vec<Step>) -> Self {
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let words = error.to_string();
            words.split(" (os error").next().unwrap_or(&words).to_lowercase()
        });
        Self { path, text, at }
    }
}
