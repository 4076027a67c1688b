//! The places of named files on this machine: below the working directory, below folders that replace absolute paths
//! (`--root`), else at the path as written. A file outside these folders, reached by `..` or by a link, is not read.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use super::names::{below, clean};
use super::unreadable::{LARGEST, Unreadable};

/// `--root /etc/krakend=gateway`: files below a path on the gateway's machine lie in a folder here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Root {
    /// The path on the gateway's machine, in its plain form.
    pub(super) prefix: String,
    pub(super) folder: PathBuf,
}

impl FromStr for Root {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('=').filter(|(prefix, folder)| !prefix.is_empty() && !folder.is_empty());
        let (prefix, folder) = parts.ok_or("write it like /etc/krakend=gateway")?;
        if !Path::new(folder).is_dir() {
            return Err(format!("there is no folder {folder}"));
        }
        Ok(Self { prefix: clean(prefix), folder: folder.into() })
    }
}

/// The folders that may be read.
pub(super) struct Roots {
    /// The folder of relative names; empty means the working directory.
    base: PathBuf,
    /// The document's own folder.
    beside: PathBuf,
    roots: Vec<Root>,
}

impl Roots {
    pub(super) fn new(base: &Path, document: &Path, roots: &[Root]) -> Self {
        let beside = document.parent().unwrap_or(Path::new("")).to_owned();
        Self { base: base.to_owned(), beside, roots: roots.to_vec() }
    }

    /// The folders that could replace an absolute path.
    pub(super) fn candidates(&self) -> [&Path; 2] {
        [&self.base, &self.beside]
    }

    pub(super) fn add(&mut self, root: Root) {
        self.roots.push(root);
    }

    /// Whether no root replaces this absolute name.
    pub(super) fn is_unmapped(&self, name: &str) -> bool {
        name.starts_with('/') && self.root_of(&clean(name)).is_none()
    }

    fn root_of(&self, plain: &str) -> Option<(&Root, String)> {
        let covering = self.roots.iter().filter_map(|root| Some((root, below(plain, &root.prefix)?.to_owned())));
        covering.max_by_key(|(root, _)| root.prefix.len())
    }

    /// The path of a name. The disk was not asked: there may be no such file.
    pub(super) fn path(&self, name: &str) -> Result<PathBuf, Unreadable> {
        let plain = clean(name);
        if let Some((root, rest)) = self.root_of(&plain) {
            return Ok(root.folder.join(rest));
        }
        // Does the name begin below a root, and then leave it by `..`?
        let left = self.roots.iter().any(|root| below(name, &root.prefix).is_some());
        if !left && (plain.starts_with('/') || below(&plain, ".").is_some()) {
            return Ok(self.base.join(plain));
        }
        // A name that goes up and down again may stay in the folder.
        let base = std::path::absolute(self.working())?;
        match lexical(&base.join(&plain)).strip_prefix(&base) {
            Ok(rest) if !left => Ok(self.base.join(rest)),
            _ => {
                let folder = plain.rsplit_once('/').map_or("..", |(folder, _)| folder);
                let how = format!(
                    "it leads out of the {} by ..",
                    if left { "folder of --root" } else { "working directory" }
                );
                Err(Unreadable::Outside { how, root: format!("{folder}={folder}") })
            }
        }
    }

    fn working(&self) -> &Path {
        if self.base.as_os_str().is_empty() { Path::new(".") } else { &self.base }
    }

    /// The text of a file.
    pub(super) fn read(&self, name: &str) -> Result<String, Unreadable> {
        let path = self.path(name)?;
        self.inside(name, &path).and_then(|()| text(&path)).map_err(|why| self.elsewhere(name, why))
    }

    /// Refuses a link that leads out of the folders; an absolute name that no root replaces may lead anywhere.
    pub(super) fn inside(&self, name: &str, path: &Path) -> Result<(), Unreadable> {
        if self.is_unmapped(name) {
            return Ok(());
        }
        let real = path.canonicalize()?;
        let mut folders = self.roots.iter().map(|root| root.folder.as_path()).chain([self.working()]);
        if folders.any(|folder| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder))) {
            return Ok(());
        }
        let folder = real.parent().unwrap_or(&real).display();
        let how = format!("it is a link that leads out of the folder, to {}", real.display());
        Err(Unreadable::Outside { how, root: format!("{folder}={folder}") })
    }

    // Adds a hint to a file that is missing: where it might be instead.
    fn elsewhere(&self, name: &str, why: Unreadable) -> Unreadable {
        let plain = clean(name);
        let Unreadable::Absent(_) = why else { return why };
        if self.is_unmapped(name) {
            let folder = plain.rsplit_once('/').map_or("/", |(folder, _)| folder);
            let folder = if folder.is_empty() { "/" } else { folder };
            return Unreadable::Absent(Some(format!(
                "say which folder takes the place of {folder}: --root {folder}=FOLDER"
            )));
        }
        let beside = self.beside.join(&plain);
        let there = !plain.starts_with('/') && self.beside != self.base && beside.is_file();
        Unreadable::Absent(there.then(|| {
            format!(
                "it was found in {}/, where the configuration lies: run the command from there, as KrakenD runs",
                self.beside.display()
            )
        }))
    }
}

fn text(path: &Path) -> Result<String, Unreadable> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Err(Unreadable::Folder);
    }
    if !about.is_file() {
        return Err(Unreadable::Special);
    }
    if about.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| {
        let right = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        Unreadable::Bytes(right.iter().filter(|byte| **byte == b'\n').count().saturating_add(1))
    })
}

// `/a/b/../c` is `/a/c`.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
