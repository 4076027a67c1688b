//! What a script asks for beside the exchange, and what comes back: the two values that `http_response` and the pipeline
//! hand each other.

use crate::http::Headers;

/// A side request as a script asked for it. Which cluster serves it, and how long it may take, is decided elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideRequest {
    /// As the script wrote it.
    pub method: String,
    /// As the script wrote it.
    pub url: String,
    /// Header names and values, in the script's order.
    pub headers: Headers,
    /// Empty is none.
    pub body: Vec<u8>,
}

/// What a side request brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebResponse {
    /// The status.
    pub status: u16,
    /// All headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}
