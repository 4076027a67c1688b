//! The reason why a configuration is refused, in the words of the log.

use std::fmt;

use crate::bindings::StartError;
use crate::config::LuaBlock;
use crate::lua::{NameError, SourceMap, SyntaxError};

/// The reason why a configuration is refused: one line that says what is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub(super) message: String,
}

impl LoadError {
    /// Lua itself could not be started.
    pub(super) fn not_started(error: StartError) -> Self {
        Self { message: format!("Lua could not be started: {error}") }
    }

    /// A file whose name is not a valid path.
    pub(super) fn no_file(error: &NameError) -> Self {
        let name = error.name.escape_debug();
        Self { message: format!("configuration: $.extra_config[\"envoy/lua-modifier\"].files[\"{name}\"]: {error}") }
    }

    /// A script of a block that does not compile; `key` names the script, and `map` leads from its lines to files.
    pub(super) fn not_compiled(block: &LuaBlock, key: &str, error: &SyntaxError, map: Option<&SourceMap>) -> Self {
        let at = &block.at;
        let place = match (error.line, map) {
            (Some(line), Some(map)) => map.place(line).map(|place| format!("{} line {}: ", place.script, place.line)),
            (Some(line), None) => Some(format!("line {line}: ")),
            (None, _) => None,
        };
        let message = error.message.replace('\n', " ");
        Self { message: format!("configuration: {at}.{key}: {}{message}", place.unwrap_or_default()) }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LoadError {}
