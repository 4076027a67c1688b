//! The backends' part of an exchange: fork or sequence, each leg from its `pre` to its `post`, and the merge. Legs own their
//! requests and stages and report events; only the exchange decides what follows.

mod conclusion;
mod incoming;
mod leg;
mod martian;
mod merge;
mod outgoing;
mod propagated;
mod race;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::basis::Basis;
use super::failure::{Failure, OrBroken};
use super::lane::{Lane, backend_of};
use super::messages::Messages;
use super::rate::{Draw, Whose};
use super::stage::{Answer, StageEvent, StageTask};
use super::waits::{Owner, Reader, Reply, Served, Waits};
use super::watch::RefusedBy;
use crate::bindings::{ProxyRequest, ProxyResponse};
use crate::config::Endpoint;
use crate::http::{Body, Response};
use conclusion::conclude;
use leg::{Leaving, Leg, LegList, LegState, Outcome, outcome_of};
use race::Race;

pub(crate) use conclusion::LegsEvent;
pub(crate) use leg::Sent;

/// The backends of one exchange.
pub(crate) struct Legs {
    // The proxy's request; each leg makes its own request from it.
    shared: Rc<RefCell<ProxyRequest>>,
    // In the order of the backends, with one leg for each call of a backend.
    legs: LegList,
    // One race for each backend; empty if each backend gets one call.
    races: Vec<Race>,
    // Whether the copy for the shadow backends has been taken.
    has_parted: bool,
    // The leg that asks for a token, and the legs that begin after it.
    drawing: Option<Range<usize>>,
    // Whether the only leg's request has left by Envoy's route.
    is_routed: bool,
}

type Report = Result<LegsEvent, Failure>;
type Decided = Result<Option<Outcome>, Failure>;

impl Legs {
    /// The legs of an exchange, before the first has begun.
    pub(crate) fn new(request: Rc<RefCell<ProxyRequest>>) -> Self {
        let legs = LegList::new();
        Self { shared: request, legs, races: Vec::new(), has_parted: false, drawing: None, is_routed: false }
    }

    /// A request of its own with the same content, for a shadow.
    pub(crate) fn request_copy(&self) -> Rc<RefCell<ProxyRequest>> {
        Rc::new(RefCell::new(self.shared.borrow().clone()))
    }

    /// The length in bytes of the body that the backends get.
    pub(crate) fn body_bytes(&self) -> usize {
        self.shared.borrow().payload.body.bytes().len()
    }

    /// The place that the request on Envoy's route was sent to, if one was. Then a response is held, to be edited.
    pub(crate) fn routed(&self) -> Option<&Sent> {
        if self.is_routed { self.legs.get(leg::ROUTED)?.sent.as_ref() } else { None }
    }

    /// The same, at the end of the legs.
    pub(crate) fn take_routed(&mut self) -> Option<Sent> {
        if self.is_routed { self.legs.get_mut(leg::ROUTED)?.sent.take() } else { None }
    }

    /// Begins all legs at once, or the first of a sequence. If several backends, or shadow backends, get the client's body, it
    /// must be read first; the shadow leaves first.
    pub(crate) fn fork(&mut self, basis: &Basis, waits: &mut Waits) -> Report {
        if !self.legs.is_empty() {
            return Ok(LegsEvent::Waits);
        }
        let (endpoint, _) = basis.endpoint()?;
        let backends = endpoint.backends.len();
        let is_copied = backends > 1 || endpoint.concurrent_calls > 1 || endpoint.shadow.is_some();
        if is_copied && self.shared.borrow().payload.body == Body::Unread {
            waits.read(Reader::Fork);
            return Ok(LegsEvent::Waits);
        }
        if endpoint.shadow.is_some() && !std::mem::replace(&mut self.has_parted, true) {
            return Ok(LegsEvent::Parts);
        }
        let at_once = if endpoint.is_sequence() { 1 } else { backends };
        for backend in 0..at_once {
            self.make_legs(endpoint, backend)?;
        }
        self.start_legs(basis, waits, 0..self.legs.len())
    }

    /// Takes the client's body, and begins.
    pub(crate) fn fork_with(&mut self, basis: &Basis, waits: &mut Waits, body: Vec<u8>) -> Report {
        self.shared.borrow_mut().payload.body = Body::Bytes(body);
        self.fork(basis, waits)
    }

    fn make_legs(&mut self, endpoint: &Endpoint, index: usize) -> Result<(), Failure> {
        let backend = endpoint.backends.get(index).or_broken("no such backend")?;
        let calls = endpoint.concurrent_calls;
        if calls > 1 {
            self.races.push(Race::new(calls));
        }
        for call in 1..=calls {
            // In KrakenD, the last call of an only backend gets the very request that the proxy's scripts hold.
            let is_own = endpoint.backends.len() > 1 || backend.input_headers.is_some() || call < calls;
            let request = if is_own { self.request_copy() } else { Rc::clone(&self.shared) };
            self.legs.push(Leg::new(request));
        }
        Ok(())
    }

    // Sets the parameters of a later backend from an earlier backend's response.
    fn propagate(&self, endpoint: &Endpoint, index: usize) -> Result<(), Failure> {
        let backend = endpoint.backends.get(index).or_broken("no such backend")?;
        let response = |earlier: usize| {
            let outcome = outcome_of(&self.legs, endpoint, earlier).filter(|_| earlier < index)?;
            outcome.as_ref().ok().map(Rc::clone)
        };
        let found = propagated::parameters(backend, &endpoint.propagated, response, endpoint.limits.body_bytes)?;
        self.shared.borrow_mut().params.extend(found);
        Ok(())
    }

    // Starts the legs in this range, except those that have ended.
    fn start_legs(&mut self, basis: &Basis, waits: &mut Waits, legs: Range<usize>) -> Report {
        let end = legs.end;
        for index in legs {
            // A call of the same backend may have ended at once.
            if self.legs.get(index).is_none_or(Leg::is_over) {
                continue;
            }
            match self.start_leg(basis, waits, index..end)? {
                LegsEvent::Waits => {}
                event => return Ok(event),
            }
        }
        Ok(LegsEvent::Waits)
    }

    /// Takes the answer whether there was a token for the leg that asked for one.
    pub(crate) fn take_drawn(&mut self, basis: &Basis, waits: &mut Waits, is_there: bool) -> Report {
        let Range { start, end } = self.drawing.take().or_broken("a token for no leg")?;
        let report = if is_there {
            self.begin_pre(basis, waits, Lane::of(start, basis)?)
        } else {
            basis.program.ledger.refused(RefusedBy::Rate);
            self.end_leg(basis, waits, Lane::of(start, basis)?, Err(Failure::rate_limited()))
        };
        match report? {
            LegsEvent::Waits => self.start_legs(basis, waits, start.saturating_add(1)..end),
            event => Ok(event),
        }
    }

    // Starts the first leg of this range.
    fn start_leg(&mut self, basis: &Basis, waits: &mut Waits, legs: Range<usize>) -> Report {
        let lane @ Lane { backend, plan, .. } = Lane::of(legs.start, basis)?;
        let leg = self.legs.get_mut(lane.leg).or_broken("no such leg")?;
        let addressed = outgoing::address(&mut leg.request.borrow_mut(), backend, plan);
        if let Err(failure) = addressed.and_then(|()| leg.ask_breaker(plan, basis.now)) {
            return self.end_leg(basis, waits, lane, Err(failure));
        }
        // KrakenD asks for the rate before the backend's scripts.
        if let Some(rate) = backend.rate.as_deref().copied() {
            self.drawing = Some(legs);
            return Ok(LegsEvent::Draws(Draw { rate, whose: Whose::Everybody }));
        }
        self.begin_pre(basis, waits, lane)
    }

    fn begin_pre(&mut self, basis: &Basis, waits: &mut Waits, lane: Lane<'_>) -> Report {
        let Some(stage) = &lane.plan.stage else { return self.send(basis, waits, lane) };
        let leg = self.legs.get_mut(lane.leg).or_broken("no such leg")?;
        let messages = Messages::of_proxy(&leg.request);
        let task = leg.task.insert(Box::new(StageTask::new(stage, messages, basis)));
        let event = task.begin_pre(basis);
        self.serve(basis, waits, lane, event)
    }

    /// Takes the answers that a leg's stage waits for.
    pub(crate) fn answer(&mut self, basis: &Basis, waits: &mut Waits, index: usize, answers: Vec<Answer>) -> Report {
        let event = self.task(index)?.answer(answers);
        self.serve(basis, waits, Lane::of(index, basis)?, event)
    }

    /// Takes the body that a leg's stage needs.
    pub(crate) fn take_body(&mut self, basis: &Basis, waits: &mut Waits, index: usize, bytes: Vec<u8>) -> Report {
        let event = self.task(index)?.take_body(bytes);
        self.serve(basis, waits, Lane::of(index, basis)?, event)
    }

    /// Ends the exchange because the body that a leg's stage needs is too large.
    pub(crate) fn refuse_body(&mut self, basis: &Basis, index: usize, failure: Failure) -> Report {
        self.task(index)?.give_up(&failure);
        let Lane { backend, .. } = Lane::of(index, basis)?;
        basis.report(&failure, self.legs.get(index).map(|leg| leg.label(backend, &failure)));
        Ok(LegsEvent::Failed(Box::new(failure)))
    }

    fn task(&mut self, index: usize) -> Result<&mut StageTask, Failure> {
        self.legs.get_mut(index).and_then(|leg| leg.task.as_deref_mut()).or_broken("a leg without a stage")
    }

    // Acts on an event of a leg's stage.
    fn serve(&mut self, basis: &Basis, waits: &mut Waits, lane: Lane<'_>, event: StageEvent) -> Report {
        let served = waits.serve(basis, Owner::Leg(lane.leg), self.task(lane.leg)?, event);
        let leg = self.legs.get(lane.leg).or_broken("no such leg")?;
        match (served, &leg.state) {
            (Ok(Served::Waits), _) => Ok(LegsEvent::Waits),
            (Err(failure), _) => self.end_leg(basis, waits, lane, Err(failure)),
            (Ok(Served::Ended), LegState::Pre) if leg.task.as_ref().is_some_and(|task| task.skips_next()) => {
                self.begin_post(basis, waits, lane, ProxyResponse::empty())
            }
            (Ok(Served::Ended), LegState::Pre) => self.send(basis, waits, lane),
            (Ok(Served::Ended), LegState::Post(response)) => {
                let response = Rc::clone(response);
                self.end_leg(basis, waits, lane, Ok(response))
            }
            (Ok(Served::Ended), LegState::Away(_) | LegState::Ended(_) | LegState::Lost) => {
                Err(Failure::broken("a script ended that was not running"))
            }
        }
    }

    // Sends by Envoy's route if there is one backend with one call. Sends by a call if there are several, or if the route
    // cannot serve: it cannot give a body to a request that came without one, and a shadow's response goes to no client.
    fn send(&mut self, basis: &Basis, waits: &mut Waits, lane: Lane<'_>) -> Report {
        let Lane { endpoint, backend, .. } = lane;
        let leg = self.legs.get_mut(lane.leg).or_broken("no such leg")?;
        let Leaving { outgoing, payload, timeout, is_alone } = match leg.leave(basis, endpoint, backend) {
            Ok(leaving) => leaving,
            Err(failure) => return self.end_leg(basis, waits, lane, Err(failure)),
        };
        let client = basis.client.as_ref().or_broken("no request of a client")?;
        let gains_a_body = client.body == Body::Absent && !payload.body.bytes().is_empty();
        if is_alone && !gains_a_body {
            let routed = Box::new(outgoing::routed(client, outgoing, payload, backend.encoding, timeout));
            self.is_routed = true;
            if let Some(watcher) = &basis.program.watcher {
                watcher.request_leaves(backend.number);
            }
            return Ok(LegsEvent::Leaves(routed));
        }
        // Of several calls, the last has the map itself, and the others have copies.
        if lane.leg.saturating_add(1) == self.legs.len()
            && let Some(leg) = self.legs.last()
        {
            outgoing::hand_on(&leg.request.borrow(), &self.shared, endpoint, backend);
        }
        waits.send(basis, outgoing::call(outgoing, &payload, timeout), lane.leg);
        Ok(LegsEvent::Waits)
    }

    /// Takes the response on Envoy's route, without its body, or the reason why there is none.
    pub(crate) fn take_response(&mut self, basis: &Basis, waits: &mut Waits, response: Reply) -> Report {
        let lane @ Lane { backend, .. } = Lane::of(leg::ROUTED, basis)?;
        let leg = self.legs.get_mut(leg::ROUTED).or_broken("no such leg")?;
        match leg.in_time(basis.now, response) {
            // The body of a redirect is read only if the client gets the redirect.
            Ok(mut response) if !leg.leads_on(&response) => {
                leg.away()?.edit(basis, backend, &mut response);
                if incoming::needs_body(backend, &response) {
                    waits.read(Reader::Backend(response));
                    return Ok(LegsEvent::Waits);
                }
                self.receive(basis, waits, lane, Ok(response))
            }
            response => self.take_reply(basis, waits, leg::ROUTED, response),
        }
    }

    /// Takes the response on Envoy's route with its body.
    pub(crate) fn take_whole(&mut self, basis: &Basis, waits: &mut Waits, response: Response, body: Vec<u8>) -> Report {
        self.receive(basis, waits, Lane::of(leg::ROUTED, basis)?, Ok(Response { body: Body::Bytes(body), ..response }))
    }

    /// Takes the reply for a leg, with its body unless nothing needs the body.
    pub(crate) fn take_reply(&mut self, basis: &Basis, waits: &mut Waits, index: usize, reply: Reply) -> Report {
        let lane @ Lane { backend, .. } = Lane::of(index, basis)?;
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        let reply = leg.in_time(basis.now, reply);
        let redirected = match &reply {
            Ok(response) => leg.redirected(basis, backend, response),
            Err(_) => Ok(None),
        };
        let last = match (redirected, reply) {
            (Ok(Some(call)), _) => {
                waits.send(basis, call, index);
                return Ok(LegsEvent::Waits);
            }
            (Err(failure), _) => Err(failure),
            (Ok(None), Ok(mut response)) => {
                leg.away()?.edit(basis, backend, &mut response);
                Ok(response)
            }
            (Ok(None), Err(error)) => Err(leg.unanswered(&error)?),
        };
        self.receive(basis, waits, lane, last)
    }

    // Takes the last response to a leg's request, or the reason why there is none.
    fn receive(&mut self, basis: &Basis, waits: &mut Waits, lane: Lane<'_>, last: Result<Response, Failure>) -> Report {
        let leg = self.legs.get(lane.leg).or_broken("no such leg")?;
        let limit = lane.endpoint.limits.body_bytes;
        let received = match last {
            Ok(response) => incoming::receive(response, leg.url()?, lane.backend, lane.plan, limit),
            Err(failure) => Err(failure),
        };
        match received {
            Ok(mut response) => {
                leg.replace_held(&mut response);
                self.begin_post(basis, waits, lane, response)
            }
            Err(failure) => self.end_leg(basis, waits, lane, Err(failure)),
        }
    }

    fn begin_post(&mut self, basis: &Basis, waits: &mut Waits, lane: Lane<'_>, response: ProxyResponse) -> Report {
        let response = Rc::new(RefCell::new(response));
        let leg = self.legs.get_mut(lane.leg).or_broken("no such leg")?;
        let Some(task) = &mut leg.task else { return self.end_leg(basis, waits, lane, Ok(response)) };
        leg.state = LegState::Post(Rc::clone(&response));
        response.borrow().data.make_real();
        let event = task.begin_post(&response);
        self.serve(basis, waits, lane, event)
    }

    fn end_leg(&mut self, basis: &Basis, waits: &mut Waits, lane: Lane<'_>, outcome: Outcome) -> Report {
        let Lane { leg: index, endpoint, backend, .. } = lane;
        self.legs.get_mut(index).or_broken("no such leg")?.tell_breaker(basis.now, outcome.is_ok());
        let outcome = incoming::queried(endpoint, backend, outcome);
        let Some(outcome) = self.decided(endpoint, waits, index, outcome)? else { return Ok(LegsEvent::Waits) };
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        if let Err(failure) = &outcome {
            basis.report(failure, Some(leg.label(backend, failure)));
        }
        let is_complete = || outcome.as_ref().is_ok_and(|response| response.borrow().complete);
        let next = (endpoint.is_sequence() && is_complete()).then(|| backend_of(index, endpoint).saturating_add(1));
        leg.state = LegState::Ended(outcome);
        if let Some(next) = next.filter(|next| *next < endpoint.backends.len()) {
            let (first, propagated) = (self.legs.len(), self.propagate(endpoint, next));
            self.make_legs(endpoint, next)?;
            return match propagated {
                Ok(()) => self.start_legs(basis, waits, first..self.legs.len()),
                Err(failure) => self.fail_legs(basis, waits, first, &failure),
            };
        }
        if !self.legs.iter().all(Leg::is_over) {
            return Ok(LegsEvent::Waits);
        }
        // Backends of a sequence that were never asked count as missing.
        conclude(basis, (0..endpoint.backends.len()).map(|backend| outcome_of(&self.legs, endpoint, backend)))
    }

    // Ends the legs from `first` on, which have just been made.
    fn fail_legs(&mut self, basis: &Basis, waits: &mut Waits, first: usize, failure: &Failure) -> Report {
        let mut report = Ok(LegsEvent::Waits);
        for index in first..self.legs.len() {
            report = self.end_leg(basis, waits, Lane::of(index, basis)?, Err(failure.clone()));
        }
        report
    }

    // The outcome of all calls of a backend when one of them has ended, if it is known.
    fn decided(&mut self, endpoint: &Endpoint, waits: &mut Waits, index: usize, outcome: Outcome) -> Decided {
        let calls = endpoint.concurrent_calls;
        if calls == 1 {
            return Ok(Some(outcome));
        }
        let backend = backend_of(index, endpoint);
        let decided = self.races.get_mut(backend).or_broken("no such race")?.ended(outcome);
        let first = backend.saturating_mul(calls);
        // Drops the other calls, or, as long as nothing is known, this one.
        for leg in first..first.saturating_add(calls) {
            if (leg == index) != decided.is_some() {
                self.legs.get_mut(leg).or_broken("no such leg")?.lose();
                waits.forget(leg);
            }
        }
        Ok(decided)
    }
}
