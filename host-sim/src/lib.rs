//! A proxy-wasm (ABI 0.2.1) host on wasmtime that treats a module as Envoy does. It plays HTTP streams through any module and
//! reports what happened. It knows nothing of the module's purpose, and the caller judges the results.
//!
//! # A whole exchange
//!
//! [`Module::load`] compiles once, and [`Sim::start`] makes a VM (a worker) from it and configures its plugin. A request goes
//! in, your [`Upstreams`] answer what comes out, and the [`Trace`] lists all events of that time. Time is simulated: a backend
//! that takes a minute costs nothing, and every run gives the same results.
//!
//! ```
//! use host_sim::{Answer, Call, Module, Request, Response, Settings, Sim, Upstreams};
//!
//! struct World;
//!
//! impl Upstreams for World {
//!     fn route(&mut self, request: &Request) -> Answer {
//!         assert_eq!(request.headers.get("x-seen").as_deref(), Some("yes"));
//!         Response::new(200).header("content-type", "text/plain").body("hello").into()
//!     }
//!     fn call(&mut self, _: &Call) -> Answer {
//!         Answer::none() // a connection that breaks
//!     }
//! }
//!
//! # let wasm = wat::parse_str(r#"(module
//! #   (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
//! #   (memory (export "memory") 1) (data (i32.const 16) "x-seenyes")
//! #   (func (export "proxy_abi_version_0_2_1"))
//! #   (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
//! #     (drop (call $add (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 22) (i32.const 3)))
//! #     (i32.const 0)))"#)?;
//! // `wasm` is a module that adds the header `x-seen: yes`.
//! let module = Module::from_bytes(&wasm)?;
//! let settings = Settings::new("the plugin's configuration").cluster("a cluster that it may call");
//! let mut sim = Sim::start(&module, settings)?;
//! let trace = sim.exchange(&Request::new("POST", "/path?query").header("X-A", "1").body("text"), &mut World);
//!
//! assert_eq!(trace.answer().map(Response::status), Some(200));
//! assert_eq!(trace.forwarded()[0].text(), "text");
//! assert!(trace.misuses().is_empty(), "what Envoy would not forgive");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Step by step
//!
//! To interleave streams, or to stop in the middle, drive the stream yourself: [`Sim::open_stream`], [`Sim::request_headers`],
//! [`Sim::request_body`], [`Sim::reply`] for each of [`Sim::pending_calls`], [`Sim::response_headers`], [`Sim::client_gone`],
//! and [`Sim::advance`] for time. [`Sim::stream`] shows a stream.
//!
//! ```
//! use host_sim::{Module, Progress, Request, Response, Settings, Side, Sim};
//!
//! # let wasm = wat::parse_str(r#"(module (func (export "proxy_abi_version_0_2_1")))"#)?;
//! // `wasm` is a module that lets everything pass.
//! let mut sim = Sim::start(&Module::from_bytes(&wasm)?, Settings::default())?;
//! let stream = sim.open_stream();
//! sim.request_headers(stream, Request::new("GET", "/").headers, true)?;
//! let view = sim.stream(stream).ok_or("gone")?;
//! assert_eq!((view.progress(Side::Request), view.progress(Side::Response)), (Progress::Done, Progress::Waiting));
//! sim.response_headers(stream, Response::new(204).headers, true)?;
//! assert!(sim.stream(stream).is_some_and(|view| view.is_over()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In real time
//!
//! With [`Settings::real_time`] the clock runs by itself: call [`Sim::catch_up`] for the ticks, and pass on what
//! [`Sim::take_left`] gives. A [`Sim`] may move to another thread; many can share a [`Module`].
//!
//! # What fails
//!
//! A module that needs functions that Envoy does not have gives a [`LoadError`], a refused configuration a [`StartError`], and
//! a failure inside a callback a [`Trap`]: the VM is dead then, and its streams are answered with 503, as in Envoy. A callback
//! that never returns ends as a trap too ([`Settings::callback_limit`]). Nothing here panics.
//!
//! Not simulated: trailers of streams, gRPC, TCP. Hostcalls for these answer "unimplemented" and say so in the trace.
//!
//! `examples/foreign_module.rs` shows all of this in one program. wasmtime is the only dependency.

mod abi;
mod destroy;
mod exchange;
mod flow;
mod headers;
mod host;
mod hostcalls;
mod inner;
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
