//! Finds the test files in the named folders and below: `*.test.toml`, sorted.

use std::path::{Path, PathBuf};

use crate::Trouble;

const ENDING: &str = ".test.toml";

/// The named files, and all test files in and below the named folders.
pub(super) fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    for path in named {
        match path.is_file() {
            true => files.push(path.clone()),
            false => below(path, &mut files)?,
        }
    }
    files.sort();
    files.dedup();
    match files.is_empty() {
        false => Ok(files),
        true => {
            let named: Vec<_> = named.iter().map(|path| path.display().to_string()).collect();
            Err(Trouble::new(format!("there is no *{ENDING} in {}", named.join(", "))))
        }
    }
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::file(folder, "read", &error);
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // Links to folders are not followed: they may lead in a circle.
        if entry.file_type().map_err(trouble)?.is_dir() {
            if !hidden {
                below(&entry.path(), files)?;
            }
        } else if entry.file_name().to_string_lossy().ends_with(ENDING) {
            files.push(entry.path());
        }
    }
    Ok(())
}
