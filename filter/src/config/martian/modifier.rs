//! What a block of `modifier/martian` does, as the pipeline carries it out. Names of headers are in lower case and valid, values
//! are fit to be sent. Knows no document.

use std::sync::Arc;

use crate::config::pattern::Pattern;

/// A block: what it does in each of its scopes, `request` and `response`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Martian {
    /// To a request that leaves.
    pub on_request: Option<Modifier>,
    /// To a response that came.
    pub on_response: Option<Modifier>,
}

/// One thing that is done to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// The header has this one value.
    SetHeader {
        /// Which; `host` names the request's `Host`.
        name: String,
        /// Its value.
        value: String,
    },
    /// The header has one more value.
    AddHeader {
        /// Which; `host` can have no second value.
        name: String,
        /// The value.
        value: String,
    },
    /// These headers go.
    RemoveHeaders(Vec<String>),
    /// A header gets the first value of another, an empty one where that is not there.
    CopyHeader {
        /// What is read.
        from: String,
        /// What is set.
        to: String,
    },
    /// The header has a value of its own for each request, unless it has one.
    IdentifyRequest(String),
    /// One more `name=value` at the end of the request's `Cookie`.
    AddCookie(String),
    /// A parameter of the query has this one value.
    SetQuery {
        /// Its key.
        name: String,
        /// Its value, decoded.
        value: String,
    },
    /// Parts of the URL; the others stay.
    SetUrl {
        /// Percent-encoded.
        path: Option<String>,
        /// As it is sent.
        query: Option<String>,
    },
    /// The response's status.
    SetStatus(u16),
    /// Another body, which is not compressed.
    SetBody {
        /// Its media type.
        content_type: String,
        /// All of it.
        bytes: Arc<[u8]>,
    },
    /// One after the other.
    Group {
        /// In their order.
        all: Vec<Self>,
        /// After an error the others run all the same.
        goes_on: bool,
    },
    /// One of two, as the message is.
    If {
        /// What is looked at.
        condition: Condition,
        /// Where it holds.
        then: Option<Box<Self>>,
        /// Where it does not.
        otherwise: Option<Box<Self>>,
    },
}

/// What a filter looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The message's header has this value, among others perhaps.
    HasValue {
        /// Which header.
        name: String,
        /// The value.
        value: String,
    },
    /// The first value of the request's header is not empty and has the pattern in it: also where a response is changed.
    Matches {
        /// Which header.
        name: String,
        /// What is looked for.
        pattern: Pattern,
    },
}
