//! The command `lua-modifier` as a user calls it. Knows where it is, and nothing of what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::world::{file_from_env, module_from_env};

/// The program: `LUA_MODIFIER`, which `make test` sets.
pub fn program_from_env() -> Result<PathBuf, String> {
    file_from_env("LUA_MODIFIER")
}

/// The command in a folder, with the module that the tests use.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(program_from_env().unwrap());
    command.current_dir(folder).env("LUA_MODIFIER_WASM", module_from_env().unwrap()).env("NO_COLOR", "1");
    command
}

/// What a call of it printed, as text.
pub struct Said {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Calls the command in a folder and waits for its end.
pub fn call(folder: &Path, arguments: &[&str]) -> Said {
    let Output { status, stdout, stderr } = command(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}
