//! Lua itself: a state, an environment per stage, a script that may wait, limits, and the dialect that KrakenD's scripts are
//! written in. Knows nothing of HTTP, JSON, KrakenD's objects or the configuration.

mod budget;
mod dialect;
mod fault;
mod library;
mod place;
mod script;
mod vm;

pub use budget::{Exceeded, Limits};
pub use fault::{Fault, SyntaxError};
pub use place::{Place, SourceMap};
pub use script::{Paused, Script};
pub use vm::{Chunk, Environment, Text, Vm, error_text, raise};
