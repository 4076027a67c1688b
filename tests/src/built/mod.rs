//! The results of `make test`'s builds and installations, named by environment variables: the module, the command, the Envoys;
//! and our module with a fault put in. Knows nothing of their behaviour.

mod trap;

use std::path::PathBuf;

pub use trap::trapping;

/// The file that an environment variable names; `make test` sets these variables.
pub fn file_from_env(name: &str) -> Result<PathBuf, String> {
    match std::env::var_os(name).map(PathBuf::from) {
        Some(path) if path.is_file() => path.canonicalize().map_err(|e| format!("{name}: {e}")),
        Some(path) => Err(format!("{name} names {}, which is no file: run `make test`", path.display())),
        None => Err(format!("{name} is not set: run `make test`")),
    }
}

/// The module: `LUA_MODIFIER_WASM`.
pub fn module_from_env() -> Result<PathBuf, String> {
    file_from_env("LUA_MODIFIER_WASM")
}

/// The command: `LUA_MODIFIER`.
pub fn program_from_env() -> Result<PathBuf, String> {
    file_from_env("LUA_MODIFIER")
}

/// The language server: `EMMYLUA_LS`. None on systems that `make setup` fetches none for.
pub fn language_server_from_env() -> Option<PathBuf> {
    let named = std::env::var_os("EMMYLUA_LS").is_some_and(|path| !path.is_empty());
    let is_fetched = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    (named || is_fetched).then(|| file_from_env("EMMYLUA_LS").unwrap())
}
