//! The result of one step of an exchange, whichever part has made the step: gate, door, stage or legs.

use super::transitions::Event;
use crate::pipeline::failure::Failure;
use crate::pipeline::gate::Passage;
use crate::pipeline::legs::LegsEvent;
use crate::pipeline::port::Output;
use crate::pipeline::token::Knock;
use crate::pipeline::waits::Served;

/// The result of a step; a failure is not among them.
pub(super) enum Step {
    /// Something from outside must come first.
    Wait,
    /// This output must be given.
    Out(Output),
    /// The phase has ended.
    Event(Event),
}

pub(super) type Next = Result<Step, Failure>;

pub(super) fn knocked(knock: Knock) -> Step {
    match knock {
        Knock::Ask(provider) => Step::Out(Output::ReadVerified(provider)),
        Knock::Open => Step::Event(Event::Ended),
        Knock::Shut(refusal) => Step::Event(Event::Refused(Box::new(refusal.response()))),
    }
}

pub(super) fn passed(passage: Passage) -> Step {
    match passage {
        Passage::Ask(draw) => Step::Out(Output::Draw(draw)),
        Passage::Open => Step::Event(Event::Ended),
        Passage::Shut(response) => Step::Event(Event::Refused(Box::new(response))),
    }
}

pub(super) fn served(served: Result<Served, Failure>) -> Next {
    served.map(|served| match served {
        Served::Ended => Step::Event(Event::Ended),
        Served::Waits => Step::Wait,
    })
}

pub(super) fn of_legs(event: Result<LegsEvent, Failure>) -> Next {
    event.map(|event| match event {
        LegsEvent::Waits => Step::Wait,
        LegsEvent::Draws(draw) => Step::Out(Output::Draw(draw)),
        LegsEvent::Parts => Step::Out(Output::Shadow),
        LegsEvent::Leaves(routed) => Step::Out(Output::Send(routed)),
        LegsEvent::Merged(response) => Step::Event(Event::Merged(response)),
        LegsEvent::Partial(response, failure) => Step::Event(Event::Partial(response, failure)),
        LegsEvent::Failed(failure) => Step::Event(Event::Failed(failure)),
    })
}
