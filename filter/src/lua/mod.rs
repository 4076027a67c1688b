//! Lua itself: a state, an environment per stage, a script that may wait, limits, and the dialect of KrakenD's scripts. Knows
//! nothing of HTTP, JSON, KrakenD's objects or the configuration.

mod budget;
mod current;
mod dialect;
mod error;
mod files;
mod frames;
mod hook;
mod letters;
mod library;
mod lines;
mod loading;
mod modules;
mod objects;
mod pool;
mod quick;
mod runner;
mod script;
mod source_map;
mod syntax;
mod tokens;
mod vm;
mod world;

#[cfg(test)]
mod tests;

pub use budget::{Account, Exceeded, RunLimits, Usage, check_growth, exceed, keep, work};
pub use error::{ScriptError, SyntaxError, calling_line, error_text, raise};
pub use files::{Files, NameError};
pub use frames::Text;
pub use library::{Given, Variables};
pub use objects::{Kind, create, object, register};
pub use pool::Objects;
pub use quick::{Answer, Call, Plain, QuickFunction, QuickMethod, quick_function, quick_method};
pub use script::{Paused, Script, Start};
pub use source_map::{ScriptLine, SourceMap};
pub use vm::Vm;
pub use world::{Chunk, Code, Environment, World};
