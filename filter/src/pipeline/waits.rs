//! The part of an exchange that waits: what stages ask for, and how the answers find their way back to them.

use super::calls::{SideCall, Step};
use super::exchange::{Exchange, Next, Phase, Reading};
use super::failure::Failure;
use super::flights::{Flight, Owner, Purpose};
use super::port::Ticket;
use super::task::{Answer, Asked, StageTask, Turn};
use super::upstream;
use crate::http::{Body, CallError, Response};
use std::rc::Rc;

impl Exchange {
    /// Serves a stage until it has ended (`Some`) or must wait for something from outside.
    pub(super) fn drive(&mut self, owner: Owner, mut turn: Turn) -> Option<Result<(), Failure>> {
        loop {
            match turn {
                Turn::Done => return Some(Ok(())),
                Turn::Failed(failure) => return Some(Err(failure)),
                Turn::ReadBody => {
                    self.reading = Some(Reading::Stage(owner));
                    return None;
                }
                Turn::Ask(asked) => {
                    let answers = self.ask(owner, asked)?;
                    turn = self.task(owner)?.answer(answers);
                }
            }
        }
    }

    fn task(&mut self, owner: Owner) -> Option<&mut StageTask> {
        match owner {
            Owner::Main => self.stage.as_mut(),
            Owner::Leg(index) => self.legs.get_mut(index)?.task.as_mut(),
        }
    }

    // Lets the calls leave; gives the answers at once where none of them can.
    fn ask(&mut self, owner: Owner, asked: Vec<Asked>) -> Option<Vec<Answer>> {
        let left = self.left();
        let program = Rc::clone(&self.program);
        self.flights.expect(owner, asked.len());
        let mut answers = None;
        for (place, asked) in asked.into_iter().enumerate() {
            match asked {
                Asked::Source(call) => {
                    self.flights.send(self.now, call, Flight { owner, purpose: Purpose::Source(place) })
                }
                Asked::Side(_) if left.is_zero() => {
                    let late = Answer::Side(Err(CallError::Timeout.to_string()));
                    answers = self.flights.answer(owner, place, late);
                }
                Asked::Side(request) => match SideCall::new(&request, &program.config.plugin, left) {
                    Ok(side) => self.flights.send(
                        self.now,
                        side.call(),
                        Flight { owner, purpose: Purpose::Side(Box::new(side), place) },
                    ),
                    Err(why) => answers = self.flights.answer(owner, place, Answer::Side(Err(why))),
                },
            }
        }
        answers
    }

    /// A call has come back.
    pub(super) fn reply(&mut self, ticket: Ticket, reply: Result<Response, CallError>) -> Next {
        let (Flight { owner, purpose }, reply) = self.flights.landed(self.now, ticket, reply)?;
        let (place, answer) = match purpose {
            Purpose::Backend => {
                let Owner::Leg(index) = owner else { return None };
                return self.backend_reply(index, reply);
            }
            Purpose::Source(place) => (place, Answer::Source(reply)),
            Purpose::Side(mut side, place) => {
                let (left, limit) = (self.left(), self.limits().body_bytes);
                match side.reply(reply, &self.program.config.plugin, limit, left) {
                    Step::Over(answer) => (place, Answer::Side(answer)),
                    Step::Again(call) => {
                        self.flights.send(self.now, call, Flight { owner, purpose: Purpose::Side(side, place) });
                        return None;
                    }
                }
            }
        };
        let answers = self.flights.answer(owner, place, answer)?;
        let turn = self.task(owner)?.answer(answers);
        self.go_on(owner, turn)
    }

    /// The body that was asked for.
    pub(super) fn body(&mut self, bytes: Vec<u8>) -> Next {
        let reading = self.reading.take()?;
        let limit = self.limits().body_bytes;
        let of_request = !self.routed;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            let failure = Failure::TooLarge { of_request, limit };
            if let Reading::Stage(owner) = reading
                && let Some(task) = self.task(owner)
            {
                task.over(Some(&failure));
            }
            match reading {
                Reading::Stage(Owner::Leg(index)) => self.report_at(&failure, self.leg_stage(index, &failure)),
                _ => self.report(&failure),
            }
            return match self.phase {
                Phase::Service | Phase::Endpoint => self.leave(Err(failure)),
                _ => self.fail(&failure),
            };
        }
        match reading {
            Reading::Stage(owner) => {
                let turn = self.task(owner)?.body(bytes);
                self.go_on(owner, turn)
            }
            Reading::Fork => {
                self.request.as_ref()?.borrow_mut().payload.body = Body::Bytes(bytes);
                self.fork()
            }
            Reading::Backend => {
                let response = self.arrived.take()?;
                self.backend_reply(0, Ok(Response { body: Body::Bytes(bytes), ..response }))
            }
        }
    }

    /// Envoy's route has brought a response, or none.
    pub(super) fn response(&mut self, response: Result<Response, CallError>) -> Next {
        if !self.awaits_response() {
            return None;
        }
        let program = Rc::clone(&self.program);
        let (backend, _) = program.backend(self.endpoint, 0)?;
        match response {
            Ok(response) if upstream::needs_body(backend, &response) => {
                self.arrived = Some(response);
                self.reading = Some(Reading::Backend);
                None
            }
            response => self.backend_reply(0, response),
        }
    }

    fn go_on(&mut self, owner: Owner, turn: Turn) -> Next {
        match owner {
            Owner::Main => self.main(turn),
            Owner::Leg(index) => self.leg(index, turn),
        }
    }
}
