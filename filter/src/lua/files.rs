//! The files that scripts reach by name: texts in the configuration, found as KrakenD's process would find them in its working
//! directory. A name is a path; nothing is ever read from a disk. Knows no Lua.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

/// Texts by their cleaned names.
#[derive(Clone, Debug, Default)]
pub struct Files {
    texts: HashMap<String, Arc<str>>,
    /// Folders that have an entry of their own.
    folders: BTreeSet<String>,
}

/// The result of looking up a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file: its cleaned name and its text.
    File(String, Arc<str>),
    /// A folder: it has files in it, or an entry of its own.
    Folder,
    /// No file or folder, with the operating system's words.
    Nothing(&'static str),
}

/// The reason why a name is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    /// The name as it was written.
    pub name: String,
    what: String,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Files {
    /// Collects files by their names, in any spelling that leads to them. A name that ends with a slash and has no text is a
    /// folder.
    pub fn new(files: impl IntoIterator<Item = (String, Arc<str>)>) -> Result<Self, NameError> {
        let mut texts: HashMap<String, Arc<str>> = HashMap::new();
        let mut folders = BTreeSet::new();
        for (name, text) in files {
            if text.is_empty() && name.ends_with('/') && !name.contains('\0') {
                folders.insert(clean(&name));
                continue;
            }
            let clean = match file_name(&name) {
                Ok(clean) => clean,
                Err(what) => return Err(NameError { name, what: what.to_owned() }),
            };
            if texts.insert(clean.clone(), Arc::clone(&text)).is_some_and(|other| other != text) {
                let what = format!("{clean} is there with another text, too: two names of this map lead to it");
                return Err(NameError { name, what });
            }
        }
        Ok(Self { texts, folders })
    }

    /// Looks up a path.
    pub(super) fn find(&self, path: &str) -> Found {
        if path.contains('\0') {
            return Found::Nothing("invalid argument");
        }
        if path.is_empty() {
            return Found::Nothing(ABSENT);
        }
        let clean = clean(path);
        if let Some(text) = self.texts.get(&clean) {
            return match path.ends_with(['/', '.']) && !clean.ends_with('.') {
                true => Found::Nothing("not a directory"),
                false => Found::File(clean, Arc::clone(text)),
            };
        }
        if matches!(clean.as_str(), "." | "/") || self.folders.contains(&clean) {
            return Found::Folder;
        }
        let folder = clean + "/";
        if self.texts.keys().any(|name| name.starts_with(&folder)) { Found::Folder } else { Found::Nothing(ABSENT) }
    }
}

const ABSENT: &str = "no such file or directory";

fn file_name(name: &str) -> Result<String, &'static str> {
    if name.contains('\0') || name.is_empty() || name.ends_with('/') {
        return Err("is not the name of a file");
    }
    let clean = clean(name);
    match clean.as_str() {
        "." | "/" => Err("is not the name of a file"),
        other if other.ends_with("..") && (other.len() == 2 || other.ends_with("/..")) => {
            Err("is not the name of a file")
        }
        _ => Ok(clean),
    }
}

/// A path without empty segments, `.` and `..`; only the `..` at the front of a relative path stay.
fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            ".." if absolute => {}
            segment => kept.push(segment),
        }
    }
    match (absolute, kept.is_empty()) {
        (true, _) => format!("/{}", kept.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => kept.join("/"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Result<Files, NameError> {
        Files::new(names.iter().map(|name| ((*name).to_owned(), Arc::from("text"))))
    }

    #[test]
    fn a_file_is_found_however_its_path_is_written() {
        let files = files(&["lua/x.lua", "/etc/krakend/y.lua", "./.hidden", "../shared/z.lua"]).unwrap();
        let found = |path: &str| match files.find(path) {
            Found::File(name, _) => name,
            Found::Folder => "a folder".to_owned(),
            Found::Nothing(words) => words.to_owned(),
        };
        for path in ["lua/x.lua", "./lua//x.lua", "lua/../lua/./x.lua", "a/../lua/x.lua"] {
            assert_eq!(found(path), "lua/x.lua", "{path}");
        }
        assert_eq!(found("/etc/../../etc/krakend/y.lua"), "/etc/krakend/y.lua");
        assert_eq!(found(".hidden"), ".hidden");
        assert_eq!(found("lua/../../shared/z.lua"), "../shared/z.lua");
        for path in ["lua", "lua/", "./lua/.", ".", "/", "/etc", "/etc/krakend"] {
            assert_eq!(found(path), "a folder", "{path}");
        }
        for path in ["", "x.lua", "etc", "lu", "../lua/x.lua", "/lua/x.lua", "lua/x.lua/z"] {
            assert_eq!(found(path), "no such file or directory", "{path}");
        }
        for path in ["lua/x.lua/", "lua/x.lua/."] {
            assert_eq!(found(path), "not a directory", "{path}");
        }
        assert_eq!(found("lua/x.lua\0"), "invalid argument");
    }

    #[test]
    fn a_folder_may_be_told_by_itself() {
        let told = [("lua/".to_owned(), Arc::from("")), ("/etc/x/./".to_owned(), Arc::from(""))];
        let files = Files::new(told).unwrap();
        for path in ["lua", "./lua/", "/etc/x"] {
            assert_eq!(files.find(path), Found::Folder, "{path}");
        }
        for path in ["lua/x", "/etc"] {
            assert_eq!(files.find(path), Found::Nothing(ABSENT), "{path}");
        }
    }

    #[test]
    fn names_that_lead_nowhere_are_refused() {
        for name in ["", "/", ".", "a/", "a/..", "a\0b", "..", "../a/../.."] {
            assert_eq!(files(&[name]).unwrap_err().to_string(), "is not the name of a file", "{name:?}");
        }
        assert!(files(&["a.lua", "./a.lua"]).is_ok(), "twice the same");
        let two = Files::new([("./a.lua".to_owned(), Arc::from("1")), ("a.lua".to_owned(), Arc::from("2"))]);
        let refused = two.unwrap_err();
        assert_eq!(refused.name, "a.lua");
        assert!(refused.to_string().starts_with("a.lua is there with another text"), "{refused}");
    }
}
