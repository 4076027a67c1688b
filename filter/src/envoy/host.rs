//! What an edge offers to a stream. Two traits, because hosts differ in when they call back: inside a [`StreamAccess`] they
//! never do, so the state of the stream may be borrowed; inside an act of [`Host`] they may, even with the stream's end.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::pipeline::SharedData;

/// Names and values as the host has them, in order; names in lower case, pseudo-headers among them.
pub type HeaderPairs = Vec<(Bytes, Bytes)>;

/// Which message of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The client's request.
    Request,
    /// The upstream's response.
    Response,
}

/// May headers, or trailers, go on?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadersAnswer {
    /// They go on.
    GoOn,
    /// They stay, until the host is told to resume.
    Hold,
}

/// What becomes of a piece of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyAnswer {
    /// It goes on, and what is held of this message with it.
    GoOn,
    /// The host keeps it; more than its buffer takes fails the message.
    Hold,
    /// The host keeps it, and stops the sender where its buffer is full.
    HoldAndPushBack,
    /// It goes nowhere, and the host does not keep it.
    Discard,
}

/// Why the host did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing.
    NotFound,
    /// Not with these arguments, or not now.
    BadArgument,
    /// A header map that cannot be read.
    Serialization,
    /// There is nothing in it.
    Empty,
    /// Somebody else has written it meanwhile.
    Changed,
    /// An error of the host's own.
    Internal,
    /// The host does not offer it.
    Unimplemented,
    /// A status that has no name here.
    Status(u32),
}

/// What a metric does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It takes single values.
    Histogram,
}

/// The messages of one stream: what can be asked and edited. The host never calls back inside one of these.
pub trait StreamAccess {
    /// The time since some moment that is the same for a whole worker; it does not go back.
    fn now(&self) -> Duration;

    /// Every header.
    fn headers(&self, direction: Direction) -> Result<HeaderPairs, Refusal>;

    /// Gives a header this one value.
    fn set_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal>;

    /// Gives a header one more value.
    fn add_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal>;

    /// Takes a header away.
    fn remove_header(&self, direction: Direction, name: &str) -> Result<(), Refusal>;

    /// All bytes that the host holds of a body; none where there are none.
    fn body(&self, direction: Direction) -> Result<Vec<u8>, Refusal>;

    /// Puts other bytes in the place of all that the host holds of a body.
    fn replace_body(&self, direction: Direction, bytes: &[u8]) -> Result<(), Refusal>;

    /// An attribute of the stream, such as `["source", "address"]`.
    fn attribute(&self, path: &[&str]) -> Result<Vec<u8>, Refusal>;
}

/// What can be done with one stream. The host may call back inside each of these, and tell the stream anything, its end
/// too: an act is only called while no state is borrowed, and what follows it looks at the state anew.
pub trait Host: StreamAccess + Caller + SharedData {
    /// Answers the client in the place of any response. `details` is for the access log.
    fn answer(&self, status: u16, details: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Result<(), Refusal>;

    /// Lets a held message go on.
    fn resume(&self, direction: Direction) -> Result<(), Refusal>;
}

/// Who can send calls: a stream, or a worker itself. The host may call back inside, as in [`Host`].
pub trait Caller {
    /// Sends a call to a cluster. The token names its reply, which comes by [`Stream::reply`](super::Stream::reply), or by
    /// [`Shadows::reply`](super::Shadows::reply) to a worker's own; for a call that was refused there comes none. `headers` begin
    /// with the pseudo-headers.
    fn dispatch(
        &self,
        cluster: &str,
        headers: &[(&str, &[u8])],
        body: &[u8],
        timeout: Duration,
    ) -> Result<u32, Refusal>;
}

/// The metrics of a host.
pub trait Meter {
    /// A metric by its name. The same name leads to the same metric in every worker.
    fn define(&self, kind: MetricKind, name: &str) -> Result<u32, Refusal>;

    /// Adds to a counter or a gauge.
    fn add(&self, metric: u32, more: i64) -> Result<(), Refusal>;

    /// One value for a histogram.
    fn record(&self, metric: u32, value: u64) -> Result<(), Refusal>;
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::NotFound => "not found",
            Self::BadArgument => "bad argument",
            Self::Serialization => "serialization failure",
            Self::Empty => "empty",
            Self::Changed => "changed meanwhile",
            Self::Internal => "internal failure",
            Self::Unimplemented => "unimplemented",
            Self::Status(other) => return write!(f, "status {other}"),
        };
        f.write_str(words)
    }
}
