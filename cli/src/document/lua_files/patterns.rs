//! The files that `bundle` adds by pattern: `lua/**/*.lua`. Their number is limited: a mistyped pattern may match a whole disk.

use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use super::names::clean;
use super::roots::Roots;
use super::unreadable::{FILES, Unreadable};

/// The largest number of files that are looked at for one pattern.
const LOOKED_AT: usize = 100_000;

/// The files that a pattern matches.
pub(super) struct Matches {
    /// The names of the files, in order.
    pub(super) names: Vec<String>,
    /// The folders that were searched: a new file in one of them may match, too.
    pub(super) folders: Vec<PathBuf>,
}

/// The files that match, by the names that scripts would use: relative names if the pattern is relative.
pub(super) fn matches(pattern: &str, roots: &Roots) -> Result<Matches, String> {
    let plain = clean(pattern);
    let glob = GlobBuilder::new(&plain).literal_separator(true).build();
    let glob = glob.map_err(|error| format!("this is no pattern: {}", error.kind()))?.compile_matcher();
    let fixed = fixed(&plain);
    let folder = roots.path(fixed).map_err(|why| why.to_string())?;
    let mut found = Matches { names: Vec::new(), folders: Vec::new() };
    let start = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
    let walk = WalkDir::new(start).follow_links(true).max_depth(depth(&plain, fixed)).sort_by_file_name().into_iter();
    for (count, entry) in walk.enumerate() {
        if count >= LOOKED_AT {
            let start = start.display();
            return Err(format!("there are more than {LOOKED_AT} files below {start}: name a folder with fewer"));
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_nothing(&error) => continue,
            Err(error) => return Err(error.to_string()),
        };
        let path = entry.path();
        // A name that is not UTF-8 cannot be carried in JSON.
        let Some(rest) = path.strip_prefix(start).ok().and_then(Path::to_str) else { continue };
        let name = clean(&format!("{fixed}/{rest}"));
        let is_folder = entry.file_type().is_dir();
        if is_folder {
            found.folders.push(path.to_owned());
        }
        let fits = entry.file_type().is_file() && glob.is_match(&name);
        if !(is_folder || fits) {
            continue;
        }
        if let Some(why) = roots.inside(&name, path).err().filter(Unreadable::is_fault) {
            return Err(format!("{name} cannot be read: {why}"));
        }
        if !is_folder {
            found.names.push(name);
        }
        if found.names.len() > FILES {
            return Err(format!("more than {FILES} files match: name fewer"));
        }
    }
    Ok(found)
}

// A folder that does not exist holds no files. A link to a folder around it is not followed: its files are known already.
fn is_nothing(error: &walkdir::Error) -> bool {
    let gone = || error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    error.loop_ancestor().is_some() || gone()
}

// The number of levels below its folder that a pattern reaches.
fn depth(pattern: &str, fixed: &str) -> usize {
    if pattern.contains("**") || pattern.contains('{') {
        return usize::MAX;
    }
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty() && *part != ".").count();
    parts(pattern).saturating_sub(parts(fixed))
}

// The folder in front of the first part with a wildcard.
fn fixed(pattern: &str) -> &str {
    let sign = pattern.find(['*', '?', '[', '{', '\\']).unwrap_or(pattern.len());
    match pattern.get(..sign).and_then(|start| start.rfind('/')) {
        Some(0) => "/",
        Some(end) => pattern.get(..end).unwrap_or("."),
        None => ".",
    }
}
