//! The folders of a flexible configuration: the files in them, and which folders are to be watched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Flexible;
use crate::Trouble;

/// Deeper than this no folder of partials is watched, and no more of them than that: a link may lead up again.
const DEEPEST: usize = 16;
const MOST: usize = 1000;

/// What of a folder ends so, in the order of the names, as Go reads a folder.
pub(super) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Trouble> {
    let cannot = |error: std::io::Error| Trouble::file(folder, "read", &error);
    let entries = std::fs::read_dir(folder).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    let mut names: Vec<_> = entries.iter().map(std::fs::DirEntry::file_name).collect();
    names.retain(|name| name.as_encoded_bytes().ends_with(ending.as_bytes()));
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

impl Flexible {
    /// The folders where a change may make another text: those of the options, with what lies in that of the partials; and
    /// the folders around them, as a folder may be made anew.
    pub(in crate::document) fn watched(&self) -> BTreeSet<PathBuf> {
        let mut all = BTreeSet::new();
        for folder in [&self.settings, &self.partials, &self.templates].into_iter().flatten() {
            all.extend(
                folder
                    .parent()
                    .map(|around| if around.as_os_str().is_empty() { Path::new(".") } else { around })
                    .map(Path::to_owned),
            );
            all.insert(folder.clone());
        }
        if let Some(partials) = &self.partials {
            below(partials, 0, &mut all);
        }
        all
    }
}

fn below(folder: &Path, depth: usize, found: &mut BTreeSet<PathBuf>) {
    if depth > DEEPEST {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if found.len() < MOST && path.is_dir() && found.insert(path.clone()) {
            below(&path, depth.saturating_add(1), found);
        }
    }
}
