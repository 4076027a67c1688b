//! The proxy-wasm edge: the functions that Envoy calls, and the calls to Envoy. It tells each
//! [`envoy::Stream`](crate::envoy::Stream) what happens, and decides nothing.

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

// Compiled only for clippy, where nothing is linked: `exports.rs` says why.
#[cfg(clippy)]
mod sdk;
