//! The folders of a flexible configuration: the files in them, and the folders to watch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Flexible;
use crate::Trouble;

/// The largest depth and number of watched folders of partials: a link may lead to a folder further up.
const DEEPEST: usize = 16;
const MOST: usize = 1000;

/// The files of a folder whose names have this ending, in the order of the names, as Go reads a folder.
pub(super) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Trouble> {
    let cannot = |error: std::io::Error| Trouble::file(folder, "read", &error);
    let entries = std::fs::read_dir(folder).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    let mut names: Vec<_> = entries.iter().map(std::fs::DirEntry::file_name).collect();
    names.retain(|name| name.as_encoded_bytes().ends_with(ending.as_bytes()));
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

impl Flexible {
    /// The folders where a change may change the text: the folders of the options, with the folders inside the partials'
    /// folder; the folders around them, as a folder may be made again; and the folders that links in them lead to.
    pub(in crate::document) fn watched(&self) -> BTreeSet<PathBuf> {
        let mut watched = BTreeSet::new();
        for folder in [&self.settings, &self.partials, &self.templates].into_iter().flatten() {
            watched.insert(around(folder));
            watched.extend(folder.canonicalize().ok().map(|real| around(&real)));
            let depth = if self.partials.as_ref() == Some(folder) { DEEPEST } else { 0 };
            inside(folder, depth, &mut watched);
        }
        watched
    }
}

/// The folder of a file, or the nearest folder above it that exists.
fn around(file: &Path) -> PathBuf {
    let there = file.ancestors().skip(1).find(|folder| folder.is_dir());
    there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn inside(folder: &Path, depth: usize, watched: &mut BTreeSet<PathBuf>) {
    if !folder.is_dir() || watched.len() >= MOST {
        return;
    }
    watched.insert(folder.to_owned());
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            watched.extend(path.canonicalize().ok().map(|real| around(&real)));
        }
        if depth > 0 && path.is_dir() && !watched.contains(&path) {
            inside(&path, depth.saturating_sub(1), watched);
        }
    }
}
