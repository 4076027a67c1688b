//! `lua-modifier serve` between real connections: what overlaps, changes, breaks off and goes wrong. That scripts do there
//! what they should is shown by the cases (`cases_in_serve.rs`).

mod changes;
mod connections;
mod own_address;
mod setting;
mod templates;
