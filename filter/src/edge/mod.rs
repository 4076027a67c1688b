//! The proxy-wasm edge: what Envoy calls, and the calls to Envoy. It knows streams as [`envoy::Stream`](crate::envoy::Stream)
//! tells them, and decides nothing.

mod calls;
mod contexts;
mod exports;
mod hostcalls;
mod logger;
mod observer;
mod pairs;
mod root;
mod shadows;
mod wasm_host;

// Only where nothing is linked: `exports.rs` says why.
#[cfg(clippy)]
mod sdk;
