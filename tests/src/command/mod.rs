//! The command `lua-modifier` as a user calls it. Knows where the command is, but not what it does.

mod consuming;
mod serving;
pub mod transcript;
pub mod yaml;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::built::{module_from_env, program_from_env};

pub use consuming::Consuming;
pub use serving::Serving;

/// The variables with which KrakenD renders templates: a test sets them itself if it needs them.
const OF_TEMPLATES: [&str; 5] = ["FC_ENABLE", "FC_SETTINGS", "FC_PARTIALS", "FC_TEMPLATES", "FC_OUT"];

/// The command in a folder, with the module that the tests use.
pub fn command(folder: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program_from_env().unwrap());
    OF_TEMPLATES.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.current_dir(folder).env("LUA_MODIFIER_WASM", module_from_env().unwrap()).env("NO_COLOR", "1");
    command
}

/// The output of one call, as text.
pub struct Said {
    /// The exit code; `None` if a signal ended the command.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Calls the command in a folder and waits for its end.
pub fn call(folder: impl AsRef<Path>, arguments: &[&str]) -> Said {
    call_in(command(&folder).args(arguments))
}

/// The same for a call that is prepared.
pub fn call_in(command: &mut Command) -> Said {
    Said::by(command.output().unwrap())
}

/// The same, with this text as its standard input.
pub fn call_with_input(folder: impl AsRef<Path>, arguments: &[&str], text: &str) -> Said {
    let mut command = command(&folder);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Said::by(child.wait_with_output().unwrap())
}

impl Said {
    fn by(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}
