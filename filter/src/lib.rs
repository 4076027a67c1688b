//! KrakenD's Lua scripting for Envoy.

pub mod lua;
