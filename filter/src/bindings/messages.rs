//! The messages of an exchange as its stages hand them on: the client's request, the gateway's own, and the response.
//! Scripts see them through `ctx`, `request` and `response`. Plain values: nothing here knows Lua.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::data::Table;
use crate::http::{Body, Headers, Query, Url};

/// The client's request.
#[derive(Clone, Debug)]
pub struct Context {
    /// As the client sent it, or as a script set it: only scripts see a change.
    pub method: String,
    /// Path and query; `None` after a script set what is no URL.
    pub url: Option<Url>,
    /// What a script did that makes KrakenD's gateway panic when it goes on, and where: seldom anything.
    pub faults: Option<Box<Faults>>,
    /// The query as the first read found it: later reads see nothing of what was set since, as with gin, on which KrakenD
    /// stands.
    pub query_as_read: Option<Query>,
    /// The `Host` of the client.
    pub host: Vec<u8>,
    /// The parameters of the endpoint, by their names as declared, decoded.
    pub params: Vec<(String, Vec<u8>)>,
    /// All headers of the client.
    pub headers: Headers,
    /// The client's body.
    pub payload: Payload,
    /// The claims of the verified token, as JSON: only where the endpoint asks for one.
    pub claims: Option<Rc<[u8]>>,
}

impl Context {
    /// Every parameter with its value.
    pub fn param_pairs(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

/// What KrakenD's gateway panics at once scripts have let the request go on.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// What was set last that is no URL: where it stays so, it is dereferenced all the same.
    pub no_url: String,
    /// A parameter of the client's request has no name, whose first letter is taken all the same.
    pub no_name: Option<String>,
}

/// The request that the gateway makes of the client's.
#[derive(Clone, Debug)]
pub struct ProxyRequest {
    /// The client's at the proxy; the backend's own at the backend.
    pub method: String,
    /// Not there before a backend's host is chosen; `None` also after a script set what is no URL.
    pub url: Option<Rc<Url>>,
    /// What a script did that makes KrakenD's gateway panic when it goes on, and where: seldom anything.
    pub faults: Option<Box<Faults>>,
    /// What `input_query_strings` let through.
    pub query: Query,
    /// Decoded. The client's at the proxy; made of `url_pattern` at the backend.
    pub path: Vec<u8>,
    /// The parameters of the endpoint, their names with a capital letter.
    pub params: BTreeMap<String, Vec<u8>>,
    /// What `input_headers` let through, and what the gateway adds.
    pub headers: Headers,
    /// The client's body.
    pub payload: Payload,
    /// The claims of the verified token, as JSON: only where the endpoint asks for one.
    pub claims: Option<Rc<[u8]>>,
}

impl ProxyRequest {
    /// Every parameter with its value.
    pub fn param_pairs(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

/// A backend's response, or the merge of several.
#[derive(Clone, Debug)]
pub struct ProxyResponse {
    /// The decoded body; empty where the encoding is no-op.
    pub data: Table,
    /// Did everything come that was asked for?
    pub complete: bool,
    /// The status; 0 unless the encoding is no-op. A script may set any number.
    pub status: i64,
    /// The upstream's headers where the encoding is no-op; what scripts set.
    pub headers: Headers,
    /// The body where the encoding is no-op.
    pub payload: Payload,
    /// Bytes of the body that the data was read from.
    pub size: usize,
    /// The errors of backends in the data (`return_error_details`) and their names, which scripts can read and clients cannot.
    pub named_errors: Vec<(Table, String)>,
}

impl ProxyResponse {
    /// Nothing: what `skip_next` leaves to `post`.
    pub fn empty() -> Self {
        let (data, headers, payload) = (Table::new(), Headers::new(), Payload::absent());
        Self { data, complete: false, status: 0, headers, payload, size: 0, named_errors: Vec::new() }
    }
}

/// Takes a response out of a stage that has ended. Its size stays behind: the stage's objects may still hold the data.
pub fn take(response: &RefCell<ProxyResponse>) -> ProxyResponse {
    let size = response.borrow().size;
    response.replace(ProxyResponse { size, ..ProxyResponse::empty() })
}

/// A body on its way through the stages, and whether a script put another one in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// What is known of it.
    pub body: Body,
    /// Was it written by a script?
    pub replaced: bool,
}

impl Payload {
    /// A body that came over the wire.
    pub fn new(body: Body) -> Self {
        Self { body, replaced: false }
    }

    /// No body.
    pub fn absent() -> Self {
        Self::new(Body::Absent)
    }

    /// Puts a script's body in.
    pub fn replace(&mut self, bytes: Vec<u8>) {
        *self = Self { body: Body::Bytes(bytes), replaced: true };
    }
}
