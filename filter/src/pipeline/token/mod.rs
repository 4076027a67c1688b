//! The token of a request. Envoy has verified its signature, or has not; whether the token lets the request in is decided here,
//! as in krakend-jose.
//!
//! ```text
//! door ──► presented, payload, validity, permission ──► jws ──► base64url
//!      └─► propagation
//! ```
//! The rule for all of this: what Envoy verified counts only if it is the very token that KrakenD would take, and data that a
//! client or a script can write is not believed. If anything is uncertain, the answer is 401.

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
