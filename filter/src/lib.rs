//! KrakenD's Lua scripting for Envoy.

pub mod config;
pub mod http;
