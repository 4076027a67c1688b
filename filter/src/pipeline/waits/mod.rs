//! The things that an exchange waits for: calls that are under way, answers that are still missing, and a body that is being
//! read. Knows which stage waits, but not what the exchange does afterwards.

mod flights;
mod redirect;
mod side_call;

use super::basis::Basis;
use super::failure::Failure;
use super::lane::Lane;
use super::port::{Output, Ticket};
use super::stage::{Answer, Question, StageEvent, StageTask};
use crate::http::{Call, CallError, Response};
use flights::Flights;
use side_call::{SideCall, SideReply};

pub(crate) use flights::{Flight, Owner, Reply};
pub(crate) use redirect::{Trail, leads_on};

/// Everything that one exchange waits for.
#[derive(Default)]
pub(crate) struct Waits {
    flights: Flights,
    // The answers that each stage waits for, as far as they have come.
    answers: Vec<(Owner, Vec<Option<Answer>>)>,
    reader: Option<Reader>,
    body_is_wanted: bool,
}

/// The part of an exchange that needs the body that is being read.
#[derive(Debug)]
pub(crate) enum Reader {
    /// A stage, for its script.
    Stage(Owner),
    /// The fork: several backends get the client's body.
    Fork,
    /// The only backend's response, which Envoy's route has brought without its body.
    Backend(Response),
}

/// The state of a stage that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// The scripts of this half have run.
    Ended,
    /// Something must come from outside first.
    Waits,
}

/// The meaning of a reply for the exchange.
pub(crate) enum Landed {
    /// Nothing yet: other answers are missing, or nothing waits for the reply.
    Nothing,
    /// All answers that a stage waits for have come.
    Answers(Owner, Vec<Answer>),
    /// The reply to a leg's own request.
    Backend(usize, Reply),
}

impl Waits {
    /// Serves a stage until it has ended or must wait for something from outside.
    pub(crate) fn serve(
        &mut self,
        basis: &Basis,
        owner: Owner,
        task: &mut StageTask,
        mut event: StageEvent,
    ) -> Result<Served, Failure> {
        loop {
            match event {
                StageEvent::Ended => return Ok(Served::Ended),
                StageEvent::Failed(failure) => return Err(failure),
                StageEvent::NeedsBody => {
                    self.read(Reader::Stage(owner));
                    return Ok(Served::Waits);
                }
                StageEvent::Asks(questions) => match self.ask(basis, owner, questions) {
                    Some(answers) => event = task.answer(answers),
                    None => return Ok(Served::Waits),
                },
            }
        }
    }

    // Lets calls leave; gives the answers at once if none of the calls can leave.
    fn ask(&mut self, basis: &Basis, owner: Owner, questions: Vec<Question>) -> Option<Vec<Answer>> {
        let left = basis.time_left();
        self.forget_answers(owner);
        self.answers.push((owner, std::iter::repeat_with(|| None).take(questions.len()).collect()));
        for (number, question) in questions.into_iter().enumerate() {
            match question {
                Question::Source(call) => self.leave(basis, call, Flight::Source(owner, number)),
                Question::Side(_) if left.is_zero() => {
                    self.note(owner, number, Answer::Side(Err(CallError::Timeout.to_string())));
                }
                Question::Side(request) => match SideCall::new(request, basis.plugin(), left) {
                    Ok((side, mut call)) => {
                        basis.mark(&call.url, &mut call.headers);
                        self.leave(basis, call, Flight::Side(owner, number, Box::new(side)));
                    }
                    Err(why) => self.note(owner, number, Answer::Side(Err(why))),
                },
            }
        }
        self.take_answers(owner)
    }

    /// Lets the request of a leg leave as a call.
    pub(crate) fn send(&mut self, basis: &Basis, call: Call, leg: usize) {
        self.leave(basis, call, Flight::Backend(leg));
    }

    // The observer, if any, is told of each call.
    fn leave(&mut self, basis: &Basis, call: Call, flight: Flight) {
        if let Some(watcher) = &basis.program.watcher {
            let lane = flight.leg().and_then(|leg| Lane::of(leg, basis).ok());
            watcher.call_leaves(flight.kind(basis.is_shadow), lane.map(|lane| lane.backend.number));
        }
        self.flights.send(basis.now, call, flight);
    }

    /// Takes a reply.
    pub(crate) fn land(&mut self, basis: &Basis, ticket: Ticket, reply: Reply) -> Landed {
        let Some((flight, reply)) = self.flights.landed(basis.now, ticket, reply) else { return Landed::Nothing };
        let (owner, number, answer) = match flight {
            Flight::Backend(index) => return Landed::Backend(index, reply),
            Flight::Source(owner, number) => (owner, number, Answer::Source(reply)),
            Flight::Side(owner, number, mut side) => {
                let limit = basis.limits().body_bytes;
                match side.take_reply(reply, basis.plugin(), limit, basis.time_left()) {
                    SideReply::Answer(answer) => (owner, number, Answer::Side(answer)),
                    SideReply::Redirect(mut call) => {
                        basis.mark(&call.url, &mut call.headers);
                        self.leave(basis, call, Flight::Side(owner, number, side));
                        return Landed::Nothing;
                    }
                }
            }
        };
        self.note(owner, number, answer);
        self.take_answers(owner).map_or(Landed::Nothing, |answers| Landed::Answers(owner, answers))
    }

    fn note(&mut self, owner: Owner, number: usize, answer: Answer) {
        let answers = self.answers.iter_mut().find(|(known, _)| *known == owner);
        if let Some(slot) = answers.and_then(|(_, answers)| answers.get_mut(number)) {
            *slot = Some(answer);
        }
    }

    // All answers of a stage in their order, as soon as none is missing.
    fn take_answers(&mut self, owner: Owner) -> Option<Vec<Answer>> {
        let complete =
            |(known, answers): &(Owner, Vec<Option<Answer>>)| *known == owner && answers.iter().all(Option::is_some);
        let at = self.answers.iter().position(complete)?;
        Some(self.answers.swap_remove(at).1.into_iter().flatten().collect())
    }

    /// Asks for the body of the message that is under way.
    pub(crate) fn read(&mut self, reader: Reader) {
        self.reader = Some(reader);
        self.body_is_wanted = true;
    }

    /// Takes the part of the exchange that waits for the body; `None` if no body was asked for.
    pub(crate) fn take_reader(&mut self) -> Option<Reader> {
        self.reader.take()
    }

    /// The body or the calls to be brought from outside that have not been asked for yet.
    pub(crate) fn output(&mut self) -> Output {
        if std::mem::take(&mut self.body_is_wanted) {
            return Output::ReadBody;
        }
        match self.flights.take_leaving() {
            calls if calls.is_empty() => Output::Wait,
            calls => Output::Call(calls),
        }
    }

    /// Forgets the calls and answers of a leg.
    pub(crate) fn forget(&mut self, leg: usize) {
        self.flights.forget(leg);
        self.forget_answers(Owner::Leg(leg));
    }

    fn forget_answers(&mut self, owner: Owner) {
        self.answers.retain(|(known, _)| *known != owner);
    }

    /// Forgets everything: replies that still come have no effect.
    pub(crate) fn clear(&mut self) {
        self.flights.clear();
        self.answers.clear();
        self.reader = None;
        self.body_is_wanted = false;
    }
}
