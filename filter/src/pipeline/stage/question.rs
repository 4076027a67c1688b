//! The questions of a stage to the outside, and the answers.

use crate::bindings::{SideRequest, WebResponse};
use crate::http::{Call, CallError, Response};

/// One question that a stage waits for.
pub(crate) enum Question {
    /// A script's side request.
    Side(SideRequest),
    /// A live source.
    Source(Call),
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The response to the side request, or the message that the script gets instead.
    Side(Result<WebResponse, String>),
    /// The reply of the source's server.
    Source(Result<Response, CallError>),
}
