//! Tokens in a real Envoy, served by what `lua-modifier bundle` writes, in the newest Envoy and the oldest, by two workers:
//! who is let in, what becomes of keys that change or cannot be had, and that no spelling of a path leads past the protection.

mod keys;
mod presented;
mod raw;
mod setting;
mod spelled;
mod spellings;
