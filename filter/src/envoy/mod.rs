//! What any edge in Envoy does, whichever interface Envoy has for it: an edge implements [`Host`], tells a [`Stream`] what
//! happened, and asks its [`Worker`] for streams. Decides nothing about KrakenD, and knows no interface of Envoy's by name.
//!
//! Some hosts call back inside our calls. So the state of a stream only says what is to be done, and it is done when
//! nothing is borrowed any more: [`Host`] has the rules.

mod action;
mod body_state;
mod body_watch;
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
pub use host::{
    BodyAnswer, Caller, Direction, HeaderPairs, HeadersAnswer, Host, Meter, MetricKind, Refusal, StreamAccess,
};
pub use messages::RawReply;
pub use shadows::Shadows;
pub use stream::Stream;
pub use worker::Worker;
