//! Messages as the driver writes and reads them: a request, a response, a call of the module. Plain data, with a few
//! constructors that fill in what a real client, a server or Envoy itself would send. Knows nothing of modules.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::headers::Headers;

/// A request. The pseudo-headers are among its headers, and the body is in the chunks in which it arrives.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The headers, with pseudo-headers first.
    pub headers: Headers,
    /// The chunks of the body; each is one body callback. Without chunks, the headers end the stream.
    pub chunks: Vec<Vec<u8>>,
    /// The properties that filters before the module have left on the stream, by path with dots.
    pub properties: BTreeMap<String, Vec<u8>>,
}

impl Request {
    /// A request as Envoy's HTTP filters see it, to the host `gateway.test` over plain HTTP.
    pub fn new(method: &str, path: &str) -> Self {
        let headers = [
            (":authority", "gateway.test"),
            (":path", path),
            (":method", method),
            (":scheme", "http"),
            ("x-forwarded-proto", "http"),
        ];
        Self { headers: headers.into_iter().collect(), ..Self::default() }
    }

    /// Adds a header; to Envoy, `host` is `:authority`.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        match name.eq_ignore_ascii_case("host") {
            true => self.headers.set(":authority", value),
            false => self.headers.add(name, value),
        }
        self
    }

    /// Sets a property of the stream, by its path with dots, as a filter before the module would.
    pub fn property(mut self, path: &str, value: impl Into<Vec<u8>>) -> Self {
        self.properties.insert(path.to_owned(), value.into());
        self
    }

    /// Sets the body in one piece, with its `content-length`. An empty body is no body at all.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.headers.set("content-length", body.len().to_string().as_bytes());
        self.chunks = Some(body).filter(|body| !body.is_empty()).into_iter().collect();
        self
    }

    /// Adds a piece to a body of unknown length.
    pub fn chunk(mut self, chunk: impl Into<Vec<u8>>) -> Self {
        self.headers.set("transfer-encoding", "chunked");
        self.chunks.push(chunk.into());
        self
    }

    /// The body in one piece.
    pub fn bytes(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

/// A response of an upstream, or as the client gets it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The headers, with `:status`.
    pub headers: Headers,
    /// The chunks of the body; each is one body callback. Without chunks, the headers end the stream.
    pub chunks: Vec<Vec<u8>>,
    /// The trailers; a module gets only those of a call's reply here.
    pub trailers: Headers,
    /// The maker of the response, as in `response.code_details`: `via_upstream` for an upstream.
    pub details: String,
}

impl Response {
    /// An upstream's response without a body.
    pub fn new(status: u16) -> Self {
        let status = status.to_string();
        Self {
            headers: [(":status", status.as_str())].into_iter().collect(),
            details: "via_upstream".to_owned(),
            ..Self::default()
        }
    }

    /// A response that Envoy makes itself (no host, refused, timeout), with its `response.code_details`.
    pub fn local(status: u16, details: &str, text: &str) -> Self {
        let mut response = Self::new(status).body(text);
        match text.is_empty() {
            true => response.headers.remove("content-length"),
            false => response.headers.add("content-type", "text/plain"),
        }
        response.details = details.to_owned();
        response
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.add(name, value);
        self
    }

    /// Sets the body in one piece, with its `content-length`.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.headers.set("content-length", body.len().to_string().as_bytes());
        self.chunks = Some(body).filter(|body| !body.is_empty()).into_iter().collect();
        self
    }

    /// Adds a piece to a body of unknown length.
    pub fn chunk(mut self, chunk: impl Into<Vec<u8>>) -> Self {
        self.headers.set("transfer-encoding", "chunked");
        self.chunks.push(chunk.into());
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.headers.status()
    }

    /// The body in one piece.
    pub fn bytes(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

/// The other side never answered: the connection was reset, or the response was too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// The result of a call, or of a request that left along the route.
pub type Reply = Result<Response, NoAnswer>;

/// A call that the module dispatched.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Envoy's name for the call; a reply names the call by it.
    pub token: u32,
    /// The cluster that should serve the call.
    pub cluster: String,
    /// The headers, with pseudo-headers, and with `content-length` if there is a body.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: Headers,
    /// The time limit; `None` means no limit.
    pub timeout: Option<Duration>,
}

// Bodies are shown as text, because people read traces.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Request");
        shown.field("headers", &self.headers);
        shown.field("body", &self.text()).finish()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Response");
        shown.field("headers", &self.headers);
        shown.field("body", &self.text());
        shown.field("details", &self.details).finish()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Call");
        shown.field("token", &self.token);
        shown.field("cluster", &self.cluster);
        shown.field("headers", &self.headers);
        shown.field("body", &String::from_utf8_lossy(&self.body));
        shown.field("timeout", &self.timeout).finish()
    }
}
