//! KrakenD's Lua scripting for Envoy.

pub mod data;
pub mod pipeline;
