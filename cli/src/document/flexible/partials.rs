//! The partials of a flexible configuration: texts that a template includes unchanged. They lie in their folder, if there is
//! one, or in the folder of settings or of templates; without a folder a name is a path from the working directory, as in
//! KrakenD.

use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// A folder of partials, and the partials that were taken from it.
pub(super) struct Partials {
    folder: Option<PathBuf>,
    others: Vec<PathBuf>,
    taken: RefCell<Vec<(PathBuf, Rc<str>)>>,
}

impl Partials {
    /// The partials of a folder; names may also lead into the other folders.
    pub(super) fn new(folder: Option<PathBuf>, others: Vec<PathBuf>) -> Self {
        Self { folder, others, taken: RefCell::default() }
    }

    /// The text of a partial.
    pub(super) fn text(&self, name: &str) -> Result<String, String> {
        let path = match &self.folder {
            None => PathBuf::from(name),
            Some(folder) => joined(folder, name),
        };
        let read = std::fs::read(&path).map_err(|error| super::Trouble::file(&path, "read", &error).to_string())?;
        if let Some(folder) = &self.folder
            && !self.holds(&path)
        {
            let folder = folder.display();
            return Err(format!("{name} leaves the folder of the partials, {folder}: a partial must lie in it"));
        }
        let text = String::from_utf8(read).map_err(|error| {
            let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count().saturating_add(1);
            format!("{}:{line}: this is not UTF-8", path.display())
        })?;
        let mut taken = self.taken.borrow_mut();
        if !taken.iter().any(|(known, _)| *known == path) {
            taken.push((path, text.as_str().into()));
        }
        Ok(text)
    }

    // The target of a link counts, not its name.
    fn holds(&self, path: &Path) -> bool {
        let folders = self.folder.iter().chain(&self.others).filter_map(|folder| folder.canonicalize().ok());
        path.canonicalize().is_ok_and(|path| folders.into_iter().any(|folder| path.starts_with(folder)))
    }

    /// The partials that were taken, with their texts.
    pub(super) fn taken(&self) -> Vec<(PathBuf, Rc<str>)> {
        self.taken.borrow().clone()
    }
}

// Joins a folder and a name as Go does: a slash at the beginning means that folder, and `..` drops the last part of the path.
fn joined(folder: &Path, name: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in folder.components().chain(Path::new(name).components().filter(|part| *part != Component::RootDir)) {
        match (part, path.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => drop(path.pop()),
            (Component::ParentDir, Some(Component::RootDir)) | (Component::CurDir, _) => {}
            _ => path.push(part),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_joined_as_go_does() {
        let path = |folder: &str, name| joined(Path::new(folder), name).display().to_string();
        assert_eq!(path("partials", "a/../b/./c.json"), "partials/b/c.json");
        assert_eq!(path("./partials/", "/a.json"), "partials/a.json");
        assert_eq!(path("config/partials", "../settings/a.json"), "config/settings/a.json");
        assert_eq!(path("partials", "../../b"), "../b");
        assert_eq!(path("/p", "../../b"), "/b");
    }
}
