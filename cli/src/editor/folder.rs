//! The folder of an editor's files. A file that this command did not write stays, unless it is to be replaced.

use std::path::Path;

use serde_json::Value;

use super::{definitions, luarc};
use crate::Trouble;

/// The name of the definitions' file.
pub(super) const DEFINITIONS: &str = "krakend.lua";

/// The name of the language server's settings.
const SETTINGS: &str = ".luarc.json";

pub(super) struct Folder<'a> {
    pub(super) path: &'a Path,
    /// Files that this command did not write are replaced.
    pub(super) force: bool,
}

impl Folder<'_> {
    /// Writes both files, or none: a settings file of the user's own that already knows the definitions is left unchanged.
    pub(super) fn write(&self, definitions: &str, settings: &str) -> Result<(), Trouble> {
        std::fs::create_dir_all(self.path).map_err(|error| Trouble::file(self.path, "made", &error))?;
        let (lua, luarc) = (self.path.join(DEFINITIONS), self.path.join(SETTINGS));
        if !self.force {
            if read(&lua)?.is_some_and(|text| !text.starts_with(definitions::MARK)) {
                return Err(Trouble::new(format!("{} is a file of yours: move it, or say --force", lua.display())));
            }
            match read(&luarc)? {
                Some(text) if knows_definitions(&text) => return put(&lua, definitions),
                Some(text) if !is_ours(&text) => {
                    return Err(Trouble::new(format!(
                        "{} is a file of yours: add \"{DEFINITIONS}\" to its workspace.library and call this again, or say --force to replace it",
                        luarc.display()
                    )));
                }
                _ => {}
            }
        }
        put(&lua, definitions)?;
        put(&luarc, settings)
    }
}

fn is_ours(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|settings| settings.get(luarc::MARK).is_some())
}

/// Do the user's own settings name the definitions? They may hold comments, so they are not read as JSON.
fn knows_definitions(text: &str) -> bool {
    !is_ours(text) && text.contains(&format!("{DEFINITIONS}\""))
}

fn read(path: &Path) -> Result<Option<String>, Trouble> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::file(path, "read", &error)),
    }
}

fn put(path: &Path, text: &str) -> Result<(), Trouble> {
    std::fs::write(path, text).map_err(|error| Trouble::file(path, "written", &error))
}
