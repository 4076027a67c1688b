//! Random inputs for the filter and the template engine. A target is a function of some bytes that panics if it finds a fault,
//! in the code or in its results. With `scripts/fuzz.sh`, libFuzzer chooses the bytes; `tests/corpus.rs` plays again the bytes
//! that once reached something new.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "panicking is how a target says that something is wrong"
)]

mod configuration;
mod conversion;
mod dialect;
mod exchange;
mod json;
mod message;
mod one_backend;
mod program;
mod routes;
mod script;
mod template;
mod token;
mod wire;

// `crate::envoy` of the sources that wire.rs includes.
use lua_modifier::envoy;

/// A function of some bytes; a panic means that a fault is found.
pub type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 9] = [
    ("configuration", configuration::run),
    ("routes", routes::run),
    ("json", json::run),
    ("conversion", conversion::run),
    ("wire", wire::run),
    ("dialect", dialect::run),
    ("exchange", exchange::run),
    ("template", template::run),
    ("token", token::run),
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// The names of all targets.
pub fn names() -> Vec<&'static str> {
    TARGETS.iter().map(|(name, _)| *name).collect()
}
