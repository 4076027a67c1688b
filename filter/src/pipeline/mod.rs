//! KrakenD's pipeline: a configuration becomes a [`Program`], and each exchange runs its plan, from the client's request
//! through scripts, backends and merge to the client's response. Nothing here acts: see [`Input`] and [`Output`].
//!
//! ```text
//! exchange ──► gate, token, legs ──► waits ──► stage ──► program ──► bots, breaker, rate, watch, format
//! ```
//! An exchange is a phase (`exchange/phase.rs`) and a table of the phases' order (`exchange/transitions.rs`). Legs are the
//! backends' part of an exchange, gates are rates and keys, the token is what an endpoint may ask for, bots are refused, waits
//! are the calls and bodies that an exchange waits for, and a stage is one `modifier/lua-*` block at work. Each part owns its
//! fields and reports events to the part on its left; all parts may read the basis: program, endpoint, client's request, time.

mod basis;
mod bots;
mod breaker;
mod carry_out;
mod envoy_headers;
mod exchange;
mod failure;
mod format;
mod gate;
mod lane;
mod legs;
mod lineage;
mod messages;
mod port;
mod program;
mod rate;
mod stage;
mod token;
mod waits;
mod watch;

pub use carry_out::{Carrier, Departure, carry_out};
pub use envoy_headers::{AGENT_HEADER, CLUSTER_HEADER, OUTCOME_HEADER};
pub use exchange::Exchange;
pub use port::{Input, Output, Routed, Ticket};
pub use program::{Environment, LoadError, Program};
pub use rate::{Draw, Pool, SharedData, Unshared, Whose};
pub use watch::{ErrorKind, Observer, RefusedBy, ShadowTotals, StageTotals};
