//! Lua itself: a state, an environment per stage, a script that may wait, limits, and the dialect that KrakenD's scripts are
//! written in. Knows nothing of HTTP, JSON, KrakenD's objects or the configuration.

mod budget;
mod dialect;
mod error;
mod letters;
mod library;
mod lines;
mod loading;
#[cfg(test)]
mod numbers;
mod script;
mod source_map;
mod tokens;
mod vm;

pub use budget::{Account, Exceeded, RunLimits, Usage, exceed, keep, work};
pub use error::{ScriptError, SyntaxError, error_text};
pub use script::{Paused, Script};
pub use source_map::{ScriptLine, SourceMap};
pub use vm::{Chunk, Environment, Text, Vm, World, raise};
