//! The token of a request. Envoy has verified its signature, or not; whether it lets the request in is decided here, as
//! krakend-jose decides.
//!
//! ```text
//! door ──► presented, payload, validity, permission ──► jws ──► base64url
//!      └─► propagation
//! ```
//! The rule of the whole: what Envoy verified counts only if it is the very token that KrakenD would take, and nothing that a client
//! or a script can write is believed. What is not certain is 401.

mod base64url;
mod door;
mod jws;
mod payload;
mod permission;
mod presented;
mod propagation;
mod refusal;
#[cfg(test)]
mod tests;
mod validity;

pub(crate) use door::{Door, Knock};
