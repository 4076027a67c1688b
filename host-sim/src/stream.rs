//! One HTTP stream as plain data: for each direction, what has arrived, what is held, and what has left. The rules of its
//! movement are in `flow`; what a module may see of it is in `hostcalls`.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use crate::headers::Headers;
use crate::message::{Request, Response};

/// The context id of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(pub(crate) u32);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A direction of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the client to the upstream.
    Request,
    /// From the upstream to the client.
    Response,
}

/// The way in which a side is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Held {
    #[default]
    No,
    /// Nothing goes on, but body callbacks are made (Envoy's StopIteration).
    Single,
    /// Nothing goes on, and no callback is made (Envoy's StopAllIteration).
    All,
}

/// One direction.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) headers: Headers,
    pub(crate) arrived: bool,
    /// Can hostcalls reach the headers?
    pub(crate) open: bool,
    pub(crate) held: Held,
    /// The last byte has arrived.
    pub(crate) ended: bool,
    /// Data that still arrives is thrown away.
    pub(crate) closed: bool,
    /// The piece of the body whose callback runs.
    pub(crate) frame: Option<Vec<u8>>,
    /// The data that has arrived and has not left.
    pub(crate) buffer: Option<Vec<u8>>,
    /// The last body callback answered Pause: the next one sees the whole `buffer`.
    pub(crate) buffering: bool,
    /// Whether the buffer is full, so that the sender waits until it has been emptied; and the pieces that the sender keeps,
    /// each with whether it is the last.
    pub(crate) stopped: bool,
    pub(crate) unsent: VecDeque<(Vec<u8>, bool)>,
    pub(crate) left_headers: Option<Headers>,
    pub(crate) left_body: Vec<u8>,
    /// Whether the driver has taken the headers that left; and the number of bytes of the body that it has taken.
    pub(crate) taken_headers: bool,
    pub(crate) taken_bytes: usize,
    pub(crate) complete: bool,
}

impl Flow {
    /// The body that hostcalls read and write now.
    pub(crate) fn body(&mut self) -> Option<&mut Vec<u8>> {
        match self.buffering {
            true => self.buffer.as_mut(),
            false => self.frame.as_mut(),
        }
    }

    pub(crate) fn hold(&mut self, bytes: Vec<u8>) -> usize {
        let buffer = self.buffer.get_or_insert_default();
        buffer.extend(bytes);
        buffer.len()
    }

    fn take_left(&mut self) -> Left {
        let headers = self.left_headers.clone().filter(|_| !self.taken_headers);
        self.taken_headers |= headers.is_some();
        let body = std::mem::take(&mut self.left_body);
        self.taken_bytes = self.taken_bytes.saturating_add(body.len());
        Left { headers, body, end: self.complete }
    }
}

/// Both directions, and the data of the whole stream.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) request: Flow,
    pub(crate) response: Flow,
    /// The request is HEAD: its answer has no body.
    pub(crate) head: bool,
    /// The module knows this stream.
    pub(crate) created: bool,
    /// The stream has ended.
    pub(crate) over: bool,
    /// The module has been told of the end.
    pub(crate) closed: bool,
    pub(crate) details: Option<String>,
    pub(crate) properties: BTreeMap<String, Vec<u8>>,
}

impl Stream {
    pub(crate) fn side(&mut self, side: Side) -> &mut Flow {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    pub(crate) fn take_left(&mut self, side: Side) -> Left {
        self.side(side).take_left()
    }
}

/// The data that has left a side of a stream since the last call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The headers, only once.
    pub headers: Option<Headers>,
    /// The next bytes of the body.
    pub body: Vec<u8>,
    /// Whether the side has ended.
    pub end: bool,
}

/// The state of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The headers have not arrived.
    Waiting,
    /// The module holds the message.
    Held,
    /// The message has begun to leave, or may at any time.
    Moving,
    /// The whole message has left.
    Done,
}

/// A view of one stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamView<'a>(pub(crate) &'a Stream);

impl StreamView<'_> {
    /// The state of this direction.
    pub fn progress(&self, side: Side) -> Progress {
        let flow = match side {
            Side::Request => &self.0.request,
            Side::Response => &self.0.response,
        };
        match (flow.arrived, flow.complete, flow.held) {
            (false, ..) => Progress::Waiting,
            (_, true, _) => Progress::Done,
            (_, _, Held::No) => Progress::Moving,
            _ => Progress::Held,
        }
    }

    /// The part of the request that has left; `None` while its headers are held.
    pub fn forwarded(&self) -> Option<Request> {
        let flow = &self.0.request;
        flow.left_headers.clone().map(|headers| Request {
            headers,
            chunks: body(&flow.left_body),
            ..Request::default()
        })
    }

    /// The part of the response that has reached the client; `None` while its headers are held.
    pub fn delivered(&self) -> Option<Response> {
        let flow = &self.0.response;
        flow.left_headers.clone().map(|headers| Response {
            headers,
            chunks: body(&flow.left_body),
            trailers: Headers::new(),
            details: self.0.details.clone().unwrap_or_default(),
        })
    }

    /// Has the stream ended, well or badly?
    pub fn is_over(&self) -> bool {
        self.0.over
    }
}

fn body(bytes: &[u8]) -> Vec<Vec<u8>> {
    match bytes.is_empty() {
        true => Vec::new(),
        false => vec![bytes.to_vec()],
    }
}
