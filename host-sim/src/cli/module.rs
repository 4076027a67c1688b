//! Where the Wasm module is, and how it is loaded.

use super::Trouble;
use host_sim::Module;
use std::path::{Path, PathBuf};

const NAME: &str = "lua-modifier.wasm";
const VARIABLE: &str = "LUA_MODIFIER_WASM";

/// The module that `--wasm` names, else the environment, else the one that lies beside this program or one folder up.
pub(crate) fn load(named: Option<&Path>) -> Result<Module, Trouble> {
    let path = find(named)?;
    Module::load(&path).map_err(|error| Trouble::new(format!("{}: {error}", path.display())))
}

fn find(named: Option<&Path>) -> Result<PathBuf, Trouble> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let program = std::env::current_exe().and_then(|program| program.canonicalize()).unwrap_or_default();
    let folders = program.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(NAME)).find(|path| path.is_file()).ok_or_else(|| {
        Trouble::new(format!(
            "the module {NAME} is neither beside this program nor one folder up: build it with `make wasm`, or name it \
             with --wasm or {VARIABLE}"
        ))
    })
}
