//! Requests and responses as people and tools read them: plain text, without the headers that are only for Envoy.

use host_sim::Headers;
use serde::Serialize;

/// A response as the client gets it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Message {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn new(response: &host_sim::Response) -> Self {
        Self { status: response.status(), headers: pairs(&response.headers), body: response.text() }
    }
}

// Headers between the filter and Envoy: no backend and no client sees them.
const INTERNAL: [&str; 5] = [
    "x-lua-modifier-cluster",
    "x-lua-modifier-lineage",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-original-path",
    "x-forwarded-proto",
];

/// The headers without pseudo-headers and without those between filter and Envoy.
pub(crate) fn pairs(headers: &Headers) -> Vec<(String, String)> {
    let named = headers.iter().filter(|(name, _)| !name.starts_with(':') && !INTERNAL.contains(name));
    named.map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
}
