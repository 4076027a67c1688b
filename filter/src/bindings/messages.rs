//! The messages of an exchange as its stages pass them on: the client's request, the gateway's own request, and the response.
//! Scripts see them as `ctx`, `request` and `response`. Plain values: nothing here knows Lua.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use crate::data::Table;
use crate::http::{Body, DecodedPath, FieldValue, Headers, Query, Url};

/// The client's request.
#[derive(Clone, Debug)]
pub struct Context {
    /// The method as the client sent it, or as a script set it: only scripts see a change.
    pub method: SmolStr,
    /// Path and query; `None` after a script set a text that is not a URL.
    pub url: Option<Url>,
    /// Faults of scripts at which KrakenD's gateway panics when the request goes on; mostly there are none.
    pub faults: Option<Box<Faults>>,
    /// The query as the first read found it: later reads do not see changes made since then, as with gin, which KrakenD uses.
    pub query_as_read: Option<Query>,
    /// The `Host` of the client.
    pub host: FieldValue,
    /// The parameters of the endpoint, by their names as declared, decoded.
    pub params: Vec<(String, Vec<u8>)>,
    /// All headers of the client.
    pub headers: Headers,
    /// The client's body.
    pub payload: Payload,
    /// The claims of the verified token, as JSON: only if the endpoint asks for a token.
    pub claims: Option<Rc<[u8]>>,
}

impl Context {
    /// Every parameter with its value.
    pub fn param_pairs(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

/// Faults of scripts at which KrakenD's gateway panics once the request goes on.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The log's words about the last text that was set and is not a URL: if no valid URL follows, KrakenD dereferences it.
    pub no_url: String,
    /// The log's words about a parameter of the client's request without a name: KrakenD takes the name's first letter all the
    /// same.
    pub no_name: Option<String>,
}

/// The request that the gateway makes from the client's request.
#[derive(Clone, Debug)]
pub struct ProxyRequest {
    /// The client's method at the proxy; the backend's own method at the backend.
    pub method: SmolStr,
    /// `None` before a backend's host is chosen, and after a script set a text that is not a URL.
    pub url: Option<Rc<Url>>,
    /// Faults of scripts at which KrakenD's gateway panics when the request goes on; mostly there are none.
    pub faults: Option<Box<Faults>>,
    /// The parameters that `input_query_strings` let through.
    pub query: Query,
    /// The decoded path: the client's at the proxy; made from `url_pattern` at the backend.
    pub path: DecodedPath,
    /// The parameters of the endpoint; their names begin with a capital letter.
    pub params: BTreeMap<String, Vec<u8>>,
    /// The headers that `input_headers` let through, and those that the gateway adds.
    pub headers: Headers,
    /// The client's body.
    pub payload: Payload,
    /// The claims of the verified token, as JSON: only if the endpoint asks for a token.
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
    pub data: ResponseData,
    /// Whether every response that was asked for has come.
    pub complete: bool,
    /// The status; 0 unless the encoding is no-op. A script may set any number.
    pub status: i64,
    /// The upstream's headers if the encoding is no-op, and the headers that scripts set.
    pub headers: Headers,
    /// The body if the encoding is no-op.
    pub payload: Payload,
    /// The size in bytes of the body from which the data was read.
    pub size: usize,
    /// The errors of backends in the data (`return_error_details`) and their names, which scripts can read and clients cannot.
    pub named_errors: Vec<(Table, String)>,
}

impl ProxyResponse {
    /// An empty response: `post` gets it after `skip_next`.
    pub fn empty() -> Self {
        let (data, headers, payload) = (ResponseData::default(), Headers::new(), Payload::absent());
        Self { data, complete: false, status: 0, headers, payload, size: 0, named_errors: Vec::new() }
    }
}

/// The data of a response. Where the encoding is no-op, its table is made when a script first asks for it.
#[derive(Debug, Default)]
pub struct ResponseData(OnceCell<Table>);

impl ResponseData {
    /// The table. It is the same one each time.
    pub fn table(&self) -> &Table {
        self.0.get_or_init(Table::new)
    }

    /// Are there no fields?
    pub fn is_empty(&self) -> bool {
        self.0.get().is_none_or(Table::is_empty)
    }

    /// Turns a nil map into an empty table, as KrakenD does before a script sees it.
    pub fn make_real(&self) {
        if let Some(table) = self.0.get() {
            table.make_real();
        }
    }
}

impl Clone for ResponseData {
    /// The same table.
    fn clone(&self) -> Self {
        self.table().clone().into()
    }
}

impl From<Table> for ResponseData {
    fn from(table: Table) -> Self {
        Self(OnceCell::from(table))
    }
}

/// Takes a response out of a stage that has ended. If the stage's objects still hold the response, its size stays there: they may
/// hold the data, too.
pub fn take(response: Rc<RefCell<ProxyResponse>>) -> ProxyResponse {
    Rc::try_unwrap(response).map_or_else(
        |held| {
            let size = held.borrow().size;
            held.replace(ProxyResponse { size, ..ProxyResponse::empty() })
        },
        RefCell::into_inner,
    )
}

/// A body on its way through the stages, and whether a script put another one in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The known part of the body.
    pub body: Body,
    /// Whether a script wrote the body.
    pub replaced: bool,
}

impl Payload {
    /// A body that was received.
    pub fn new(body: Body) -> Self {
        Self { body, replaced: false }
    }

    /// No body.
    pub fn absent() -> Self {
        Self::new(Body::Absent)
    }

    /// Replaces the body with a script's.
    pub fn replace(&mut self, bytes: Vec<u8>) {
        *self = Self { body: Body::Bytes(bytes), replaced: true };
    }
}
