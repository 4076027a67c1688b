//! A client's request as the checks in front of the module see it: host, method, path, and headers as in Envoy, where a header
//! that comes twice can count as one. Decides nothing.

use hyper::header::{HeaderMap, HeaderValue};
use hyper::http::request;

/// A request.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// The path with its query.
    pub(super) path: &'a str,
    /// The host that the request names. Several `host` headers become one text with commas, which is no valid host.
    pub(super) host: Vec<u8>,
    headers: &'a HeaderMap,
}

impl<'a> Asked<'a> {
    pub(super) fn new(parts: &'a request::Parts) -> Self {
        let named = parts.uri.authority().map(|authority| {
            let whole = authority.as_str();
            whole.rsplit_once('@').map_or(whole, |(_, host)| host).as_bytes().to_vec()
        });
        let headers = &parts.headers;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let host = named.unwrap_or_else(|| joined(headers, "host").unwrap_or_default());
        Self { method: parts.method.as_str(), path, host, headers }
    }

    /// Whether the host has only characters that Envoy accepts in a host.
    pub(super) fn has_plain_host(&self) -> bool {
        self.host.iter().all(u8::is_ascii_graphic)
    }

    /// All values of a header, joined by commas.
    pub(super) fn joined(&self, name: &str) -> Option<Vec<u8>> {
        joined(self.headers, name)
    }

    /// The first value of a header, as Go's `Header.Get` gives it; empty if the request lacks the header.
    pub(super) fn first(&self, name: &str) -> &[u8] {
        self.headers.get(name).map_or(&[], HeaderValue::as_bytes)
    }

    /// How often a header came.
    pub(super) fn count(&self, name: &str) -> usize {
        self.headers.get_all(name).iter().count()
    }
}

fn joined(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    (!values.is_empty()).then(|| values.join(&b','))
}
