//! What is to be done on a stream, as a value: it is done when nothing is borrowed any more.

use crate::http::Response;
use crate::pipeline::Input;

/// What is to be done on a stream.
#[derive(Debug)]
pub(super) enum Action {
    /// The message that is under way stays, held or on its way as it is.
    Stay,
    /// It may go on.
    GoOn,
    /// The client gets this in the place of any response.
    Answer(LocalAnswer),
}

/// An answer of ours.
#[derive(Debug)]
pub(super) struct LocalAnswer {
    pub(super) response: Response,
    /// For Envoy's access log.
    pub(super) details: &'static str,
}

/// What it means that something came.
#[derive(Debug)]
pub(super) enum Meaning {
    /// The exchange is to be told.
    Input(Input),
    /// It is none of the exchange's business.
    Action(Action),
}
