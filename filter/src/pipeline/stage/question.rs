//! What a stage asks the world outside, and the answers.

use crate::bindings::{SideRequest, WebResponse};
use crate::http::{Call, CallError, Response};

/// One thing that a stage waits for.
pub(crate) enum Question {
    /// A script's side request.
    Side(SideRequest),
    /// A live source.
    Source(Call),
}

/// The answer to it.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// What the side request brought, or what the script is told in its place.
    Side(Result<WebResponse, String>),
    /// What the sources' server said.
    Source(Result<Response, CallError>),
}
