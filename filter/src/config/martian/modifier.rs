//! A block of `modifier/martian`, as the pipeline carries it out. Names of headers are in lower case and valid, and values can
//! be sent. Knows no document.

use std::sync::Arc;

use crate::config::pattern::Pattern;

/// A block: its modifier for each of the scopes `request` and `response`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Martian {
    /// Changes a request that leaves.
    pub on_request: Option<Modifier>,
    /// Changes a response that came.
    pub on_response: Option<Modifier>,
}

/// One change of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// Gives a header this one value.
    SetHeader {
        /// The header's name; `host` means the request's `Host`.
        name: String,
        /// The header's value.
        value: String,
    },
    /// Adds a value to a header.
    AddHeader {
        /// The header's name; `host` can have no second value.
        name: String,
        /// The value.
        value: String,
    },
    /// Removes these headers.
    RemoveHeaders(Vec<String>),
    /// Gives a header the first value of another one, or an empty value if that is missing.
    CopyHeader {
        /// The header that is read.
        from: String,
        /// The header that is set.
        to: String,
    },
    /// Gives each request its own value of this header, unless it has one.
    IdentifyRequest(String),
    /// Adds this `name=value` at the end of the request's `Cookie`.
    AddCookie(String),
    /// Gives a parameter of the query this one value.
    SetQuery {
        /// The parameter's key.
        name: String,
        /// The parameter's value, decoded.
        value: String,
    },
    /// Sets parts of the URL; the other parts stay.
    SetUrl {
        /// The path, percent-encoded.
        path: Option<String>,
        /// The query, as it is sent.
        query: Option<String>,
    },
    /// Sets the response's status.
    SetStatus(u16),
    /// Sets another body, without compression.
    SetBody {
        /// The body's media type.
        content_type: String,
        /// The whole body.
        bytes: Arc<[u8]>,
    },
    /// Runs modifiers one after the other.
    Group {
        /// The modifiers in their order.
        all: Vec<Self>,
        /// Whether the later modifiers run even after an error.
        goes_on: bool,
    },
    /// Runs one of two modifiers, depending on the message.
    If {
        /// The condition.
        condition: Condition,
        /// The modifier to run if the condition holds.
        then: Option<Box<Self>>,
        /// The modifier to run if it does not.
        otherwise: Option<Box<Self>>,
    },
}

/// The condition of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The message's header has this value, perhaps among others.
    HasValue {
        /// The header's name.
        name: String,
        /// The value.
        value: String,
    },
    /// The first value of the request's header is not empty and contains the pattern. This holds for responses, too.
    Matches {
        /// The header's name.
        name: String,
        /// The pattern to find.
        pattern: Pattern,
    },
}
