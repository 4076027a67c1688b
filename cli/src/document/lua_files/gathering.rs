//! The way from a document to all files that it and its scripts reach: a file that a script names is read, and may name more
//! files.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use super::library::{Library, Wanted};
use super::names::{clean, is_default};
use super::roots::Roots;
use super::unreadable::{BYTES, FILES, Unreadable};
use super::{LuaFiles, fetches, guess, patterns};
use crate::document::NAMESPACE;
use crate::lua::needs::By;
use crate::lua::with_room;

/// Gathers all files that a document and its scripts name.
pub(super) fn gather(json: &Value, blocks: &[&Map<String, Value>], roots: Roots, may_guess: bool) -> LuaFiles {
    let ours = json.get("extra_config").and_then(|extra| extra.get(NAMESPACE)?.as_object());
    let (library, found) = (Library::default(), LuaFiles::default());
    let mut gathering = Gathering { ours, roots, may_guess, library, found, bytes: 0 };
    gathering.sources(blocks);
    let followed = with_room(|| {
        gathering.patterns();
        gathering.follow(blocks);
    });
    if followed.is_none() {
        let warning = "the files that scripts name could not be looked for: no thread has room for it";
        gathering.found.warnings.push(warning.to_owned());
    }
    gathering.found.paths = gathering.library.paths;
    gathering.found
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

    // Live sources may be fetched at each run, from `sources_url`; otherwise they are files like all others.
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

    // Follows the scripts until they name nothing new.
    fn follow(&mut self, blocks: &[&Map<String, Value>]) {
        for block in blocks {
            self.library.block(block, |name| self.found.sources.get(name).cloned());
        }
        let embedded = self.ours.and_then(|ours| ours.get("files")?.as_object());
        let embedded = embedded.into_iter().flatten().filter_map(|(_, text)| text.as_str());
        embedded.for_each(|text| self.library.file(text));
        loop {
            let wanted = self.library.wanted();
            let mut names = wanted.iter().flat_map(|want| want.files.iter().map(|name| (name, want.is_script())));
            if names.all(|(name, is_script)| self.is_settled(name, is_script)) {
                return self.warn(&wanted);
            }
            let open = wanted.iter().filter(|want| want.certain && !want.files.iter().any(|name| self.is_there(name)));
            self.guess(
                open.map(|want| want.files.iter().filter(|name| !is_default(name)).cloned().collect()).collect(),
            );
            for want in &wanted {
                let outside = if want.by == By::Require { None } else { self.roots.path(&want.name).err() };
                if let (Some(why), Some(name)) = (outside, want.files.first()) {
                    self.found.unread.insert(name.clone(), why);
                    continue;
                }
                for name in &want.files {
                    if !self.is_settled(name, want.is_script()) && !self.take(name, want.is_script()) {
                        self.found.unread.insert(name.clone(), Unreadable::TooMuch);
                    }
                }
            }
        }
    }

    // A file may have been read as data, and also be a script.
    fn is_settled(&self, name: &str, is_script: bool) -> bool {
        let unheard = is_script && self.found.files.contains_key(name) && !self.found.scripts.contains(name);
        !unheard && (self.is_there(name) || self.found.unread.contains_key(name))
    }

    fn is_there(&self, name: &str) -> bool {
        let embedded = || self.ours.and_then(|ours| ours.get("files")?.as_object());
        self.found.files.contains_key(name)
            || embedded().is_some_and(|files| files.keys().any(|key| clean(key) == name))
    }

    // Adds a file to the carried ones; false if there would be too many.
    fn take(&mut self, name: &str, is_script: bool) -> bool {
        if self.is_there(name) {
            self.hear(name, is_script);
            return true;
        }
        match self.read(name) {
            Ok(text) => {
                self.bytes = self.bytes.saturating_add(text.len());
                if self.bytes > BYTES || self.found.files.len() >= FILES {
                    return false;
                }
                self.found.files.insert(name.to_owned(), text);
                self.hear(name, is_script);
            }
            Err(why) => {
                // With this entry the script gets the error for a folder, as in KrakenD.
                if matches!(why, Unreadable::Folder) {
                    self.found.files.insert(format!("{}/", name.trim_end_matches('/')), String::new());
                }
                self.found.unread.insert(name.to_owned(), why);
            }
        }
        true
    }

    // Adds what a script itself asks for.
    fn hear(&mut self, name: &str, is_script: bool) {
        if let Some(text) = self.found.files.get(name).filter(|_| is_script)
            && self.found.scripts.insert(name.to_owned())
        {
            self.library.file(text);
        }
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

    // Guesses the root that these names need; of each need one name must exist.
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
        // Files that were missing before may be found now.
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
