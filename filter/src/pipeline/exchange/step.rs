//! What a step of an exchange has led to, whichever part of it has made the step: gate, door, stage or legs.

use super::transitions::Event;
use crate::pipeline::failure::Failure;
use crate::pipeline::gate::Passage;
use crate::pipeline::legs::LegsEvent;
use crate::pipeline::port::Output;
use crate::pipeline::token::Knock;
use crate::pipeline::waits::Served;

/// What a step has led to; a failure is none of these.
pub(super) enum Step {
    /// Something from outside must come first.
    Wait,
    /// This is to be done.
    Out(Output),
    /// The phase has come to its end.
    Event(Event),
}

pub(super) type Next = Result<Step, Failure>;

pub(super) fn knocked(knock: Knock) -> Step {
    match knock {
        Knock::Ask(provider) => Step::Out(Output::ReadVerified(provider)),
        Knock::Open => Step::Event(Event::Ended),
        Knock::Shut(refusal) => Step::Event(Event::Refused(refusal.response())),
    }
}

pub(super) fn passed(passage: Passage) -> Step {
    match passage {
        Passage::Ask(draw) => Step::Out(Output::Draw(draw)),
        Passage::Open => Step::Event(Event::Ended),
        Passage::Shut(response) => Step::Event(Event::Refused(response)),
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
