//! KrakenD's Lua scripting for Envoy.
