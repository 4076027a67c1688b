//! `lua-modifier serve` with real connections: requests that overlap, documents that change, connections that break off, and
//! faults. The cases (`cases_in_serve.rs`) test that scripts do what they should.

mod changes;
mod connections;
mod own_address;
mod setting;
mod templates;
