//! `.luarc.json`: the settings of a language server for the scripts. Knows the server's keys, and no file.

use serde_json::{Map, Value, json};

use super::Extent;
use crate::check::Names;

/// The key by which the file is recognized as written by this command.
pub(super) const MARK: &str = "lua-modifier";

/// The text of `.luarc.json`. The definitions are in the same folder.
pub(super) fn of(names: &Names, extent: Extent) -> String {
    let closed = names.libraries.iter().filter(|(_, library)| library.open && !extent.open);
    let builtin: Map<String, Value> = closed.map(|(name, _)| (name.clone(), "disable".into())).collect();
    let settings = json!({
        MARK: "written by `lua-modifier types`; without this line the command leaves the file alone",
        "runtime.version": "Lua 5.1",
        "runtime.builtin": builtin,
        "workspace.library": [super::folder::DEFINITIONS],
    });
    format!("{settings:#}\n")
}
