//! A request that a script makes beside the exchange, and its response: the two values that `http_response` and the pipeline
//! give each other.

use smol_str::SmolStr;

use crate::http::Headers;

/// A side request as a script asked for it. Other code decides which cluster serves it and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideRequest {
    /// As the script wrote it.
    pub method: SmolStr,
    /// As the script wrote it.
    pub url: String,
    /// Header names and values, in the script's order.
    pub headers: Headers,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
}

/// The response to a side request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebResponse {
    /// The status.
    pub status: u16,
    /// All headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}
