//! The functions that an edge offers to a stream. There are two traits, because hosts differ in when they call back: inside a
//! [`StreamAccess`] function they never do, so the stream's state may be borrowed; inside a [`Host`] function they may, even to
//! end the stream.

use std::fmt;
use std::time::Duration;

use super::header_pairs::HeaderPairs;
use crate::pipeline::SharedData;

/// The two messages of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The client's request.
    Request,
    /// The upstream's response.
    Response,
}

/// What becomes of headers or trailers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadersAnswer {
    /// The headers go on.
    GoOn,
    /// The headers stay, until the host is told to resume.
    Hold,
}

/// What becomes of a piece of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyAnswer {
    /// The piece goes on, with all that is held of this message.
    GoOn,
    /// The host keeps the piece; a message with more bytes than the host's buffer takes fails.
    Hold,
    /// The host keeps the piece, and stops the sender while its buffer is full.
    HoldAndPushBack,
    /// The piece goes nowhere, and the host does not keep it.
    Discard,
}

/// Why the host did not do what it was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing.
    NotFound,
    /// The arguments are wrong, or the call is not allowed now.
    BadArgument,
    /// The host could not read a header map.
    Serialization,
    /// There is nothing to read.
    Empty,
    /// The shared data have been written by another worker meanwhile.
    Changed,
    /// The host failed inside.
    Internal,
    /// The host does not offer this function.
    Unimplemented,
    /// A status that has no name here.
    Status(u32),
}

/// The kinds of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// A number that only grows.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Single values.
    Histogram,
}

/// The messages of one stream: what can be read and edited. The host never calls back inside one of these functions.
pub trait StreamAccess {
    /// The time since a moment that is the same for a whole worker; it never goes back.
    fn now(&self) -> Duration;

    /// Every header.
    fn headers(&self, direction: Direction) -> Result<HeaderPairs, Refusal>;

    /// Gives a header this one value.
    fn set_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal>;

    /// Gives a header one more value.
    fn add_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal>;

    /// Takes a header away.
    fn remove_header(&self, direction: Direction, name: &str) -> Result<(), Refusal>;

    /// All bytes of a body that the host holds; empty if it holds none.
    fn body(&self, direction: Direction) -> Result<Vec<u8>, Refusal>;

    /// Replaces all bytes of a body that the host holds.
    fn replace_body(&self, direction: Direction, bytes: &[u8]) -> Result<(), Refusal>;

    /// An attribute of the stream, such as `["source", "address"]`.
    fn attribute(&self, path: &[&str]) -> Result<Vec<u8>, Refusal>;
}

/// What can be done with one stream. The host may call back inside each of these functions and tell the stream anything, even
/// its end. So these functions are only called while no state is borrowed, and the code after them looks at the state anew.
pub trait Host: StreamAccess + Caller + SharedData {
    /// Answers the client in the place of any response. `details` is for the access log.
    fn answer(&self, status: u16, details: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Result<(), Refusal>;

    /// Lets a held message go on.
    fn resume(&self, direction: Direction) -> Result<(), Refusal>;
}

/// A sender of calls: a stream, or a worker itself. The host may call back inside, as in [`Host`].
pub trait Caller {
    /// Sends a call to a cluster, and gives the token that names its reply. The reply comes by
    /// [`Stream::reply`](super::Stream::reply), or, for a worker's own call, by [`Shadows::reply`](super::Shadows::reply); a
    /// refused call gets no reply. `headers` begin with the pseudo-headers.
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
    /// Finds or makes a metric by its name. The same name gives the same metric in every worker.
    fn define(&self, kind: MetricKind, name: &str) -> Result<u32, Refusal>;

    /// Adds to a counter or a gauge.
    fn add(&self, metric: u32, more: i64) -> Result<(), Refusal>;

    /// Records one value of a histogram.
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
