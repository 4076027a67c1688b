//! Lua itself: a state, an environment per stage, a script that may wait, limits, and the dialect that KrakenD's scripts are
//! written in. Knows nothing of HTTP, JSON, KrakenD's objects or the configuration.

mod budget;
mod dialect;
mod fault;
mod letters;
mod library;
mod lines;
mod loading;
#[cfg(test)]
mod numbers;
mod place;
mod script;
mod tokens;
mod vm;

pub use budget::{Account, Exceeded, Limits, Spent, exceed, keep, work};
pub use fault::{Fault, SyntaxError, error_text};
pub use place::{Place, SourceMap};
pub use script::{Paused, Script};
pub use vm::{Chunk, Environment, Text, Vm, World, raise};
