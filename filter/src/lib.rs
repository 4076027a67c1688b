//! KrakenD's Lua scripting for Envoy: what happens in an exchange goes into [`pipeline::Exchange`], and what should happen
//! next comes out. Start there; `edge` carries it out inside Envoy, and is seen by a wasm build only.

pub mod bindings;
pub mod config;
pub mod data;
pub mod http;
pub mod lua;
pub mod pipeline;

#[cfg(target_family = "wasm")]
mod edge;
