//! KrakenD's Lua scripting for Envoy: what happens in an exchange goes into [`pipeline::Exchange`], and what should happen
//! next comes out. Start there; [`envoy`] carries it out inside Envoy, and `edge`, which only a wasm build sees, is how Envoy
//! reaches it by proxy-wasm.

pub mod bindings;
pub mod config;
pub mod data;
pub mod envoy;
pub mod http;
pub mod lua;
pub mod pipeline;

#[cfg(target_family = "wasm")]
mod edge;
