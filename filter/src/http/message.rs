//! Requests, responses and side calls as values.

use std::time::Duration;

use smol_str::SmolStr;

use super::headers::Headers;
use super::names;
use super::url::Url;

/// The body of a message on its way through Envoy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The message ended with its headers.
    Absent,
    /// The body is on the wire and nothing has asked for it: it streams through untouched.
    Unread,
    /// The whole body.
    Bytes(Vec<u8>),
}

/// A request: the client's, or the one that leaves by Envoy's route. Its short texts take no memory of their own, and are cheap to
/// copy: an exchange copies them from message to message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `:method`.
    pub method: SmolStr,
    /// `:authority`.
    pub authority: SmolStr,
    /// `:path`: percent-encoded, with its query.
    pub path: SmolStr,
    /// All headers but the pseudo-headers.
    pub headers: Headers,
    /// The body, as far as it is known.
    pub body: Body,
    /// The address of the peer without its port, if the host knows it.
    pub peer: SmolStr,
}

/// A response: an upstream's, or the one that the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// `:status`.
    pub status: u16,
    /// All headers but the pseudo-headers.
    pub headers: Headers,
    /// The body, as far as it is known.
    pub body: Body,
}

/// A request that the host is asked to send beside the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The Envoy cluster that serves the URL's host.
    pub cluster: SmolStr,
    /// The method, as it is sent.
    pub method: SmolStr,
    /// The URL that the call goes to; its authority becomes `:authority`.
    pub url: Url,
    /// All headers but the pseudo-headers. A `host` header among them becomes `:authority` in the place of the URL's authority.
    pub headers: Headers,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// How long to wait for the reply.
    pub timeout: Duration,
}

/// Why a call or an upstream has no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The host refused to send the call, mostly because the cluster does not exist.
    Refused(String),
    /// The call was sent and failed: there was no connection, or the connection broke.
    Failed(String),
    /// The reply began and did not end. Envoy does not say whether the connection broke or the time ran out.
    Lost,
    /// No reply came within the time.
    Timeout,
}

impl Call {
    /// `:authority`.
    pub fn authority(&self) -> &[u8] {
        self.headers.get(names::HOST).unwrap_or(self.url.authority.as_bytes())
    }

    /// The headers that go out after the pseudo-headers.
    pub fn other_headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().filter(|(name, _)| *name != "host")
    }
}

impl Response {
    /// A response with a body of this media type.
    pub fn with_body(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = Headers::from_iter([("content-type", content_type)]);
        Self { status, headers, body: Body::Bytes(body.into()) }
    }
}

impl Body {
    /// The bytes that were read; empty if there is no body, or if it was not read.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Absent | Self::Unread => &[],
        }
    }

    /// The same bytes, by value.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Absent | Self::Unread => Vec::new(),
        }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(why) | Self::Failed(why) => f.write_str(why),
            Self::Lost => f.write_str("the connection was closed before a reply came"),
            Self::Timeout => f.write_str("context deadline exceeded"),
        }
    }
}
