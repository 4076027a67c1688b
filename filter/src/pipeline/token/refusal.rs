//! Why a request is not let in. Its status and its words are made here.

use crate::http::{Body, Headers, Response};
use crate::pipeline::watch::RefusedBy;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no token, or none that is certain to be good.
    Token(&'static str),
    /// Its bearer may not do this.
    Role(&'static str),
    /// A script of the service has changed what Envoy had verified before it ran.
    Changed,
    /// KrakenD's gateway panics at such claims.
    Panic(&'static str),
}

impl Refusal {
    /// What the client gets: KrakenD says nothing with it.
    pub(crate) fn response(self) -> Response {
        let status = match self {
            Self::Token(_) | Self::Changed => 401,
            Self::Role(_) => 403,
            Self::Panic(_) => 500,
        };
        Response { status, headers: Headers::new(), body: Body::Absent }
    }

    /// What it counts as.
    pub(crate) fn by(self) -> RefusedBy {
        match self {
            Self::Token(_) | Self::Changed | Self::Panic(_) => RefusedBy::Token,
            Self::Role(_) => RefusedBy::Role,
        }
    }

    /// One line for the log; `None` where only `operation_debug` asks for it.
    pub(crate) fn always_told(self) -> bool {
        matches!(self, Self::Changed | Self::Panic(_))
    }

    /// What the log says.
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
