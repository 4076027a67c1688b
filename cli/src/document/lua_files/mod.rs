//! The Lua files on disk that a document and its scripts name: sources, and what scripts reach by `dofile`, `require` and the
//! like, followed from file to file. Judges nothing but whether a file can be carried.

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

use super::{NAMESPACE, Trouble};
use crate::lua::needs::By;
use crate::lua::with_room;
use library::{Library, Wanted};
use names::{clean, is_default};
use roots::{Root, Roots};
use unreadable::{BYTES, FILES};

pub(crate) use library::{files as files_of, is_built_in};
pub(crate) use names::clean as plain_name;
pub(crate) use unreadable::Unreadable;

/// Where the files are.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct FileOptions {
    /// What the configuration and its scripts name below PATH lies in FOLDER here, like /etc/krakend=gateway [default: guessed
    /// where one folder fits, and said]
    #[arg(long = "root", value_name = "PATH=FOLDER")]
    roots: Vec<Root>,
}

/// The files of a document.
#[derive(Debug, Default)]
pub(crate) struct LuaFiles {
    /// Sources by the string that blocks use.
    pub(crate) sources: BTreeMap<String, String>,
    /// Why a source is not there.
    pub(crate) missing: BTreeMap<String, Unreadable>,
    /// What scripts reach, by plain name.
    pub(crate) files: BTreeMap<String, String>,
    /// Why something that scripts name is not there.
    pub(crate) unread: BTreeMap<String, Unreadable>,
    /// What scripts add to `package.path`.
    pub(crate) paths: Vec<String>,
    /// Patterns of `bundle` that cannot be had, by their place in the list.
    pub(crate) refused: BTreeMap<usize, String>,
    /// Those that no file matches.
    pub(crate) unmatched: BTreeMap<usize, String>,
    /// Good to know.
    pub(crate) notes: Vec<String>,
    /// Names that are not there, and at which a script will fail.
    pub(crate) warnings: Vec<String>,
    /// Files on disk whose change matters, there or not, by the names that lead to them.
    pub(crate) disk: BTreeMap<String, PathBuf>,
    /// Folders where a new file matters.
    pub(crate) folders: BTreeSet<PathBuf>,
}

impl LuaFiles {
    /// All that a document and its scripts name; `blocks` are those that hold scripts.
    pub(super) fn gather<'a>(
        json: &'a Value,
        blocks: impl Iterator<Item = &'a Map<String, Value>>,
        options: &FileOptions,
        (folder, document): (&Path, &Path),
    ) -> Self {
        let roots = Roots::new(folder, document, &options.roots);
        let ours = json.get("extra_config").and_then(|extra| extra.get(NAMESPACE)?.as_object());
        let mut gathering = Gathering {
            ours,
            roots,
            may_guess: options.roots.is_empty(),
            library: Library::default(),
            found: Self::default(),
            bytes: 0,
        };
        let blocks: Vec<_> = blocks.collect();
        gathering.sources(&blocks);
        with_room(|| {
            gathering.patterns();
            gathering.follow(&blocks);
        });
        gathering.found.paths = gathering.library.paths;
        gathering.found
    }

    /// What keeps the document from being served as KrakenD would serve it.
    pub(crate) fn fault(&self) -> Option<Trouble> {
        if let Some(why) = self.refused.values().next() {
            return Some(Trouble::new(why.clone()));
        }
        let (name, why) = self.unread.iter().find(|(_, why)| why.is_fault())?;
        Some(why.trouble(name))
    }
}

/// Whether live sources are fetched at each run, and no files.
pub(super) fn fetches(ours: Option<&Map<String, Value>>) -> bool {
    ours.and_then(|ours| ours.get("sources_url")?.as_str()).is_some_and(|url| !url.is_empty())
}

struct Gathering<'a> {
    ours: Option<&'a Map<String, Value>>,
    roots: Roots,
    may_guess: bool,
    library: Library,
    found: LuaFiles,
    bytes: usize,
}

impl Gathering<'_> {
    fn embedded(&self, key: &str, name: &str) -> Option<&str> {
        self.ours?.get(key)?.get(name)?.as_str()
    }

    // Live sources may be fetched at each run, from `sources_url`; else they are files like all others.
    fn sources(&mut self, blocks: &[&Map<String, Value>]) {
        let fetched = fetches(self.ours);
        let fixed = blocks.iter().filter(|block| !fetched || block.get("live") != Some(&Value::Bool(true)));
        let lists = fixed.filter_map(|block| block.get("sources")?.as_array()).flatten();
        let names: BTreeSet<String> = lists.filter_map(|name| Some(name.as_str()?.to_owned())).collect();
        let on_disk = names.iter().filter(|name| self.embedded("sources", name).is_none());
        self.guess(on_disk.map(|name| vec![clean(name)]).collect());
        for name in names {
            let text = match self.embedded("sources", &name) {
                Some(text) => Ok(text.to_owned()),
                None => self.read(&name),
            };
            match text {
                Ok(text) => drop(self.found.sources.insert(name, text)),
                Err(why) => drop(self.found.missing.insert(name, why)),
            }
        }
    }

    fn patterns(&mut self) {
        let list = self.ours.and_then(|ours| ours.get("bundle")?.as_array());
        let patterns = list.into_iter().flatten().map(Value::as_str).enumerate();
        let patterns: Vec<(usize, String)> = patterns.filter_map(|(at, name)| Some((at, name?.to_owned()))).collect();
        for (at, pattern) in patterns {
            let refused = |why: &str| format!("bundle: the pattern {pattern:?}: {why}");
            match patterns::matches(&pattern, &self.roots) {
                Err(why) => drop(self.found.refused.insert(at, refused(&why))),
                Ok(matches) => {
                    self.found.folders.extend(matches.folders);
                    if matches.names.is_empty() {
                        self.found.unmatched.insert(at, refused("no file matches"));
                    }
                    for name in matches.names {
                        let is_script = name.ends_with(".lua");
                        if !self.take(&name, is_script) {
                            self.found.refused.insert(at, refused(&self.too_much()));
                            break;
                        }
                    }
                }
            }
        }
    }

    // Until nothing new is named.
    fn follow(&mut self, blocks: &[&Map<String, Value>]) {
        for block in blocks {
            self.library.block(block, |name| self.found.sources.get(name).cloned());
        }
        let embedded = self.ours.and_then(|ours| ours.get("files")?.as_object());
        let embedded = embedded.into_iter().flatten().filter_map(|(_, text)| text.as_str());
        embedded.for_each(|text| self.library.file(text));
        loop {
            let wanted = self.library.wanted();
            let is_new = |name: &&String| !self.is_known(name);
            if wanted.iter().flat_map(|wanted| &wanted.files).find(is_new).is_none() {
                return self.warn(&wanted);
            }
            let open = wanted.iter().filter(|want| want.certain && !want.files.iter().any(|name| self.is_there(name)));
            self.guess(
                open.map(|want| want.files.iter().filter(|name| !is_default(name)).cloned().collect()).collect(),
            );
            for Wanted { by, name, files, .. } in &wanted {
                let is_script = !matches!(by, By::Open | By::Lines);
                let outside = if *by == By::Require { None } else { self.roots.path(name).err() };
                if let (Some(why), Some(name)) = (outside, files.first()) {
                    self.found.unread.insert(name.clone(), why);
                    continue;
                }
                for name in files {
                    if !self.is_known(name) && !self.take(name, is_script) {
                        self.found.unread.insert(name.clone(), Unreadable::TooMuch);
                    }
                }
            }
        }
    }

    fn is_known(&self, name: &str) -> bool {
        self.is_there(name) || self.found.unread.contains_key(name)
    }

    fn is_there(&self, name: &str) -> bool {
        let embedded = || self.ours.and_then(|ours| ours.get("files")?.as_object());
        self.found.files.contains_key(name)
            || embedded().is_some_and(|files| files.keys().any(|key| clean(key) == name))
    }

    // Puts a file among those that are carried; false where these would be too many.
    fn take(&mut self, name: &str, is_script: bool) -> bool {
        if self.is_there(name) {
            return true;
        }
        match self.read(name) {
            Ok(text) => {
                self.bytes = self.bytes.saturating_add(text.len());
                if self.bytes > BYTES || self.found.files.len() >= FILES {
                    return false;
                }
                if is_script {
                    self.library.file(&text);
                }
                self.found.files.insert(name.to_owned(), text);
            }
            Err(why) => drop(self.found.unread.insert(name.to_owned(), why)),
        }
        true
    }

    fn too_much(&self) -> String {
        Unreadable::TooMuch.to_string()
    }

    fn read(&mut self, name: &str) -> Result<String, Unreadable> {
        let read = self.roots.read(name);
        if let Ok(path) = self.roots.path(name)
            && (read.is_ok() || !self.roots.is_unmapped(name))
        {
            self.found.disk.insert(name.to_owned(), path);
        }
        read
    }

    // The root that these names ask for; of each need one must be there.
    fn guess(&mut self, needs: Vec<Vec<String>>) {
        if !self.may_guess {
            return;
        }
        let absolute =
            needs.into_iter().map(|need| need.into_iter().filter(|name| name.starts_with('/')).collect::<Vec<_>>());
        let open: Vec<_> =
            absolute.filter(|need| !need.is_empty() && !need.iter().any(|name| Path::new(name).exists())).collect();
        let Some(root) = guess::root(&open, &self.roots) else { return };
        self.may_guess = false;
        let folder = root.folder.display();
        let prefix = &root.prefix;
        self.found.notes.push(format!("{prefix} is taken as {folder} (--root {prefix}={folder})"));
        self.roots.add(root);
        // What was looked for in vain may be there now.
        self.found.unread.retain(|name, _| !name.starts_with('/'));
    }

    fn warn(&mut self, wanted: &[Wanted]) {
        for Wanted { by, name, files, certain } in wanted {
            let asked = by.name();
            if !certain || matches!(by, By::Loadfile | By::Open) || files.iter().any(|file| self.is_there(file)) {
                continue;
            }
            let Some((_, why)) = files.iter().find_map(|file| self.found.unread.get_key_value(file)) else { continue };
            if !why.is_fault() {
                let help = why.help().map_or_else(String::new, |help| format!("; {help}"));
                self.found.warnings.push(format!("{asked}({name:?}): {why}: a script that comes there fails{help}"));
            }
        }
    }
}
