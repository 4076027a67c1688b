//! The partials of a flexible configuration: texts that a template includes as they are. They stay in their folder, where
//! there is one; without one a name is a path from the working directory, as in KrakenD.

use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// A folder of partials, and which of them were taken.
pub(super) struct Partials {
    folder: Option<PathBuf>,
    taken: RefCell<Vec<(PathBuf, Rc<str>)>>,
}

impl Partials {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, taken: RefCell::default() }
    }

    /// The text of a partial.
    pub(super) fn text(&self, name: &str) -> Result<String, String> {
        let path = match &self.folder {
            None => PathBuf::from(name),
            Some(folder) => folder.join(inside(name).ok_or_else(|| leaves(name, folder))?),
        };
        let read = std::fs::read(&path).map_err(|error| super::Trouble::file(&path, "read", &error).to_string())?;
        if let Some(folder) = &self.folder
            && let (Ok(real), Ok(folder_itself)) = (path.canonicalize(), folder.canonicalize())
            && !real.starts_with(folder_itself)
        {
            return Err(leaves(name, folder));
        }
        let text = String::from_utf8(read).map_err(|error| {
            format!("{} is not UTF-8: see its byte {}", path.display(), error.utf8_error().valid_up_to())
        })?;
        let mut taken = self.taken.borrow_mut();
        if !taken.iter().any(|(known, _)| *known == path) {
            taken.push((path, text.as_str().into()));
        }
        Ok(text)
    }

    /// Those that were taken, with their texts.
    pub(super) fn taken(&self) -> Vec<(PathBuf, Rc<str>)> {
        self.taken.borrow().clone()
    }
}

// As Go joins a folder and a name: a slash at the beginning is that folder.
fn inside(name: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::Normal(part) => path.push(part),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(path)
}

fn leaves(name: &str, folder: &Path) -> String {
    format!("{name} leaves the folder of the partials, {}: a partial must lie in it", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        let path = |name| inside(name).map(|path| path.display().to_string());
        assert_eq!(path("a/../b/./c.json").as_deref(), Some("b/c.json"));
        assert_eq!(path("/a.json").as_deref(), Some("a.json"));
        assert_eq!(path("a/../../b"), None);
        assert_eq!(path("../partials/b"), None);
    }
}
