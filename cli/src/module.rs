//! Finds the Wasm module and loads it. It is compiled once, and then comes from the user's cache.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use host_sim::Module;

use super::Trouble;

const NAME: &str = "lua-modifier.wasm";
const VARIABLE: &str = "LUA_MODIFIER_WASM";
/// The variable that names another folder for compiled code. If it is empty, no code is kept.
const CACHE_VARIABLE: &str = "LUA_MODIFIER_CACHE";

/// Loads the module that `--wasm` names; else the one that the environment names; else the file beside this program, or one
/// folder up.
pub(crate) fn load(named: Option<&Path>) -> Result<Module, Trouble> {
    let path = find(named)?;
    let loaded = match cache_folder(|name| std::env::var_os(name)) {
        Some(folder) => Module::load_cached(&path, folder),
        None => Module::load(&path),
    };
    loaded.map_err(|error| Trouble::new(format!("{}: {error}", path.display())))
}

/// The folder for compiled code. It belongs to the user alone, because code from there is run. None without a home.
fn cache_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    if let Some(named) = variable(CACHE_VARIABLE) {
        return absolute(named);
    }
    let folders = [("XDG_CACHE_HOME", ""), ("LOCALAPPDATA", ""), ("HOME", ".cache")];
    let mut caches = folders.iter().filter_map(|(name, below)| Some(absolute(variable(name)?)?.join(below)));
    caches.next().map(|cache| cache.join("lua-modifier"))
}

/// The path of the module.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, Trouble> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_code_is_kept_in_the_users_own_cache_or_where_the_variable_says_or_nowhere() {
        let folder = |variables: &[(&str, &str)]| {
            let find = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.into());
            cache_folder(find).map(|folder| folder.to_string_lossy().into_owned())
        };
        assert_eq!(folder(&[]), None);
        assert_eq!(folder(&[("HOME", "/home/a")]).as_deref(), Some("/home/a/.cache/lua-modifier"));
        assert_eq!(folder(&[("HOME", "/home/a"), ("XDG_CACHE_HOME", "/c")]).as_deref(), Some("/c/lua-modifier"));
        assert_eq!(
            folder(&[("HOME", "/home/a"), ("XDG_CACHE_HOME", "c")]).as_deref(),
            Some("/home/a/.cache/lua-modifier")
        );
        assert_eq!(folder(&[("HOME", "/home/a"), (CACHE_VARIABLE, "/d")]).as_deref(), Some("/d"));
        assert_eq!(folder(&[("HOME", "/home/a"), (CACHE_VARIABLE, "")]), None);
    }
}
