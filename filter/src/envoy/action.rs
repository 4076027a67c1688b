//! What is to be done on a stream, as a value. The action is carried out when no state is borrowed any more.

use crate::http::Response;
use crate::pipeline::Input;

/// What is to be done on a stream.
#[derive(Debug)]
pub(super) enum Action {
    /// The message that is under way stays as it is: held, or already on its way.
    Stay,
    /// The message may go on.
    GoOn,
    /// The client gets this answer in the place of any response.
    Answer(LocalAnswer),
}

/// An answer that the module itself makes.
#[derive(Debug)]
pub(super) struct LocalAnswer {
    pub(super) response: Response,
    /// The reason in Envoy's access log.
    pub(super) details: &'static str,
}

/// What an event on a stream means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// The exchange must be told of the event.
    Input(Input),
    /// The event does not concern the exchange.
    Action(Action),
}
