//! The Lua files on disk that a document and its scripts name: sources, and files that scripts reach by `dofile`, `require` and
//! similar functions, followed from file to file. Judges only whether a file can be carried.

mod gathering;
mod guess;
mod library;
mod names;
mod patterns;
mod roots;
#[cfg(test)]
mod tests;
mod unreadable;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::Trouble;
use roots::{Root, Roots};

pub(crate) use library::{files as files_of, is_built_in};
pub(crate) use names::clean as plain_name;
pub(crate) use unreadable::Unreadable;

/// Where the files are.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct FileOptions {
    /// FOLDER takes the place of PATH in the names of files that the configuration and its scripts use, like /etc/krakend=gateway
    /// [default: the one folder that fits all names, if there is one; a note names it]
    #[arg(long = "root", value_name = "PATH=FOLDER")]
    roots: Vec<Root>,
}

/// The files of a document.
#[derive(Debug, Default)]
pub(crate) struct LuaFiles {
    /// Sources by the string that blocks use.
    pub(crate) sources: BTreeMap<String, String>,
    /// Why a source is missing.
    pub(crate) missing: BTreeMap<String, Unreadable>,
    /// The files that scripts reach, by plain name.
    pub(crate) files: BTreeMap<String, String>,
    /// The names of those files that are Lua.
    pub(crate) scripts: BTreeSet<String>,
    /// Why a file that scripts name is missing.
    pub(crate) unread: BTreeMap<String, Unreadable>,
    /// The patterns that scripts add to `package.path`.
    pub(crate) paths: Vec<String>,
    /// Patterns of `bundle` that are refused, by their place in the list.
    pub(crate) refused: BTreeMap<usize, String>,
    /// Patterns that no file matches.
    pub(crate) unmatched: BTreeMap<usize, String>,
    /// Messages that change nothing, but are good to know.
    pub(crate) notes: Vec<String>,
    /// Messages about names that do not exist, so that a script will fail.
    pub(crate) warnings: Vec<String>,
    /// Files on disk whose change matters, whether they exist or not, by the names that lead to them.
    pub(crate) disk: BTreeMap<String, PathBuf>,
    /// Folders where a new file matters.
    pub(crate) folders: BTreeSet<PathBuf>,
}

impl LuaFiles {
    /// Gathers all that a document and its scripts name; `blocks` are the blocks that hold scripts.
    pub(super) fn gather<'a>(
        json: &'a Value,
        blocks: impl Iterator<Item = &'a Map<String, Value>>,
        options: &FileOptions,
        (folder, document): (&Path, &Path),
    ) -> Self {
        let blocks: Vec<_> = blocks.collect();
        gathering::gather(json, &blocks, Roots::new(folder, document, &options.roots), options.roots.is_empty())
    }

    /// The reason why the document cannot be served as KrakenD would serve it.
    pub(crate) fn fault(&self) -> Option<Trouble> {
        if let Some(why) = self.refused.values().next() {
            return Some(Trouble::new(why.clone()));
        }
        let (name, why) = self.unread.iter().find(|(_, why)| why.is_fault())?;
        Some(why.trouble(name))
    }
}

/// Whether live sources are fetched at each run, and are not files.
pub(super) fn fetches(ours: Option<&Map<String, Value>>) -> bool {
    ours.and_then(|ours| ours.get("sources_url")?.as_str()).is_some_and(|url| !url.is_empty())
}
