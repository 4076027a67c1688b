//! The work of every edge in Envoy, whichever of Envoy's interfaces it uses: an edge implements [`Host`], tells a [`Stream`]
//! what happened, and gets streams from its [`Worker`]. Decides nothing about KrakenD, and knows none of Envoy's interfaces by
//! name.
//!
//! Some hosts call back inside our calls. So the state of a stream only says what is to be done; the action follows when no
//! state is borrowed any more. [`Host`] has the rules.

mod action;
mod body_state;
mod body_watch;
mod header_pairs;
mod held_messages;
mod host;
mod local_replies;
mod messages;
mod metadata;
mod metrics;
mod shadows;
mod stream;
mod stream_state;
mod worker;

#[cfg(test)]
mod tests;

pub use crate::pipeline::{LoadError, Observer, SharedData, Unshared};
pub use header_pairs::{HeaderPair, HeaderPairs};
pub use host::{BodyAnswer, Caller, Direction, HeadersAnswer, Host, Meter, MetricKind, Refusal, StreamAccess};
pub use messages::RawReply;
pub use shadows::Shadows;
pub use stream::Stream;
pub use worker::Worker;
