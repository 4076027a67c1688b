//! The reason why a request is not let in. Its status and its words are made here.

use crate::http::{Body, Headers, Response};
use crate::pipeline::watch::RefusedBy;

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no token, or it is not certain that the token is good.
    Token(&'static str),
    /// The token's bearer may not do this.
    Role(&'static str),
    /// A script of the service has changed the token after Envoy had verified it.
    Changed,
    /// KrakenD's gateway panics at such claims.
    Panic(&'static str),
}

impl Refusal {
    /// The client's answer; as in KrakenD, it has no body.
    pub(crate) fn response(self) -> Response {
        let status = match self {
            Self::Token(_) | Self::Changed => 401,
            Self::Role(_) => 403,
            Self::Panic(_) => 500,
        };
        Response { status, headers: Headers::new(), body: Body::Absent }
    }

    /// The counter for this refusal.
    pub(crate) fn by(self) -> RefusedBy {
        match self {
            Self::Token(_) | Self::Changed | Self::Panic(_) => RefusedBy::Token,
            Self::Role(_) => RefusedBy::Role,
        }
    }

    /// Is the refusal always logged? The others are logged only with `operation_debug`, or for an observer.
    pub(crate) fn always_told(self) -> bool {
        matches!(self, Self::Changed | Self::Panic(_))
    }

    /// The words for the log.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Token(words) | Self::Role(words) | Self::Panic(words) => words,
            Self::Changed => {
                "modifier/lua-endpoint of the service has changed the header or the cookie of the token, which Envoy had verified \
                 before: verify it where the client puts it, or change it in modifier/lua-endpoint of the endpoint"
            }
        }
    }
}
