//! A proxy-wasm (ABI 0.2.1) host on wasmtime that treats a module as Envoy does. It plays HTTP streams through any
//! module and says what happened; it knows nothing of what the module is for, and judging is the caller's business.
//!
//! [`Module::load`] compiles once, [`Sim::start`] makes a VM (a worker) of it. Then either play whole exchanges with
//! [`Sim::exchange`] and read the [`Trace`], or go step by step (`request_headers`, `request_body`, `reply`, ...) and
//! look at the streams with [`Sim::stream`], to interleave several of them.
//!
//! Not simulated: trailers of streams, gRPC, TCP. Hostcalls for these answer "unimplemented" and say so in the trace.

mod abi;
mod destroy;
mod exchange;
mod flow;
mod headers;
mod host;
mod hostcalls;
mod local_reply;
mod message;
mod metrics;
mod module;
mod properties;
mod realtime;
mod settings;
mod shared;
mod sim;
mod stream;
mod trace;
mod trap;
mod vm;

pub use abi::{LogLevel, Status};
pub use exchange::{Answer, Upstreams};
pub use headers::Headers;
pub use message::{Call, NoAnswer, Reply, Request, Response};
pub use module::{Import, LoadError, Module};
pub use settings::Settings;
pub use shared::Shared;
pub use sim::{Sim, StartError};
pub use stream::{Left, Progress, Side, StreamId, StreamView};
pub use trace::{Entry, Event, Trace};
pub use trap::{Cause, Trap};
