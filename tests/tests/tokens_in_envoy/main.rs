//! Tokens in a real Envoy, started with what `lua-modifier bundle` writes, in the newest Envoy and the oldest, with two
//! workers: which clients are let in, what happens when keys change or cannot be fetched, and that no spelling of a path gets
//! past the protection.

mod keys;
mod presented;
mod raw;
mod setting;
mod spelled;
mod spellings;
