//! The backends' part of an exchange: fork or sequence, each leg from its `pre` to its `post`, and the merge. Legs own their
//! requests and stages, and report what has become of them; only the exchange decides what follows.

mod conclusion;
mod incoming;
mod leg;
mod merge;
mod outgoing;
mod propagated;

use std::cell::RefCell;
use std::rc::Rc;

use super::basis::Basis;
use super::failure::{Failure, OrBroken};
use super::format::apply_expression;
use super::messages::Messages;
use super::port::Routed;
use super::stage::{Answer, StageEvent, StageTask};
use super::waits::{Owner, Reader, Reply, Served, Waits};
use crate::bindings::{Payload, ProxyRequest, ProxyResponse};
use crate::config::{Backend, Encoding};
use crate::http::{Body, Response};
use conclusion::conclude;
use leg::{Away, Leg, LegState, Outcome};

pub(crate) use conclusion::LegsEvent;
pub(crate) use leg::Sent;

/// The backends of one exchange.
pub(crate) struct Legs {
    // The proxy's request, of which each leg makes its own.
    shared: Rc<RefCell<ProxyRequest>>,
    legs: Vec<Leg>,
    routed: Option<Rc<Sent>>,
}

type Report = Result<LegsEvent, Failure>;

impl Legs {
    /// Before the first has begun.
    pub(crate) fn new(request: Rc<RefCell<ProxyRequest>>) -> Self {
        Self { shared: request, legs: Vec::new(), routed: None }
    }

    /// Where the request went that left by Envoy's route, if it did. Then a response is held, to be edited.
    pub(crate) fn routed(&self) -> Option<&Rc<Sent>> {
        self.routed.as_ref()
    }

    /// Begins: all at once, or the first of a sequence. Several get the client's body, which must be read before.
    pub(crate) fn fork(&mut self, basis: &Basis, waits: &mut Waits) -> Report {
        let (endpoint, _) = basis.endpoint()?;
        let backends = endpoint.backends.len();
        if backends > 1 && self.shared.borrow().payload.body == Body::Unread {
            waits.read(Reader::Fork);
            return Ok(LegsEvent::Waits);
        }
        let at_once = if endpoint.is_sequence() { 1 } else { backends };
        for index in 0..at_once {
            self.make_leg(basis, index)?;
        }
        for index in 0..at_once {
            match self.start_leg(basis, waits, index)? {
                LegsEvent::Waits => {}
                event => return Ok(event),
            }
        }
        Ok(LegsEvent::Waits)
    }

    /// The client's body is here: begins.
    pub(crate) fn fork_with(&mut self, basis: &Basis, waits: &mut Waits, body: Vec<u8>) -> Report {
        self.shared.borrow_mut().payload.body = Body::Bytes(body);
        self.fork(basis, waits)
    }

    fn make_leg(&mut self, basis: &Basis, index: usize) -> Result<(), Failure> {
        let (endpoint, _) = basis.endpoint()?;
        let (backend, _) = basis.backend(index)?;
        let request = if endpoint.backends.len() == 1 && backend.input_headers.is_none() {
            // KrakenD hands an only backend the very request that the proxy's scripts hold.
            Rc::clone(&self.shared)
        } else {
            self.propagate(backend, index);
            Rc::new(RefCell::new(self.shared.borrow().clone()))
        };
        self.legs.push(Leg::new(request));
        Ok(())
    }

    // Parameters of a later backend that stand in an earlier one's data.
    fn propagate(&self, backend: &Backend, index: usize) {
        let data = |earlier: usize| {
            let outcome = self.legs.get(earlier).filter(|_| earlier < index)?.outcome()?;
            Some(outcome.as_ref().ok()?.borrow().data.clone())
        };
        for (key, value) in propagated::parameters(backend, data) {
            self.shared.borrow_mut().params.insert(key, value.into_bytes());
        }
    }

    fn start_leg(&mut self, basis: &Basis, waits: &mut Waits, index: usize) -> Report {
        let (backend, plan) = basis.backend(index)?;
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        let addressed = outgoing::address(&mut leg.request.borrow_mut(), backend, plan);
        if let Err(failure) = addressed {
            return self.end_leg(basis, waits, index, Err(failure));
        }
        let Some(stage) = &plan.stage else { return self.send(basis, waits, index) };
        let messages = Messages::of_proxy(&leg.request);
        let task = leg.task.insert(Box::new(StageTask::new(stage, messages, basis)));
        let event = task.begin_pre(basis);
        self.serve(basis, waits, index, event)
    }

    /// All answers that a leg's stage waits for.
    pub(crate) fn answer(&mut self, basis: &Basis, waits: &mut Waits, index: usize, answers: Vec<Answer>) -> Report {
        let event = self.task(index)?.answer(answers);
        self.serve(basis, waits, index, event)
    }

    /// The body that a leg's stage needs.
    pub(crate) fn take_body(&mut self, basis: &Basis, waits: &mut Waits, index: usize, bytes: Vec<u8>) -> Report {
        let event = self.task(index)?.take_body(bytes);
        self.serve(basis, waits, index, event)
    }

    /// The body that a leg's stage needs is larger than it may be: the whole exchange fails.
    pub(crate) fn refuse_body(&mut self, basis: &Basis, index: usize, failure: Failure) -> Report {
        self.task(index)?.give_up(&failure);
        basis.report(&failure, self.legs.get(index).map(|leg| leg.label(index, &failure)));
        Ok(LegsEvent::Failed(failure))
    }

    fn task(&mut self, index: usize) -> Result<&mut StageTask, Failure> {
        self.legs.get_mut(index).and_then(|leg| leg.task.as_deref_mut()).or_broken("a leg without a stage")
    }

    // A leg's scripts have come to a new point.
    fn serve(&mut self, basis: &Basis, waits: &mut Waits, index: usize, event: StageEvent) -> Report {
        let served = waits.serve(basis, Owner::Leg(index), self.task(index)?, event);
        let leg = self.legs.get(index).or_broken("no such leg")?;
        match (served, &leg.state) {
            (Ok(Served::Waits), _) => Ok(LegsEvent::Waits),
            (Err(failure), _) => self.end_leg(basis, waits, index, Err(failure)),
            (Ok(Served::Ended), LegState::Pre) if leg.task.as_ref().is_some_and(|task| task.skips_next()) => {
                self.begin_post(basis, waits, index, ProxyResponse::empty())
            }
            (Ok(Served::Ended), LegState::Pre) => self.send(basis, waits, index),
            (Ok(Served::Ended), LegState::Post(response)) => {
                let response = Rc::clone(response);
                self.end_leg(basis, waits, index, Ok(response))
            }
            (Ok(Served::Ended), LegState::Away(_) | LegState::Ended(_)) => {
                Err(Failure::broken("a script ended that was not running"))
            }
        }
    }

    // By Envoy's route where there is one backend; by a call where there are several, or where the route cannot serve: it
    // cannot give a body to a request that came without one.
    fn send(&mut self, basis: &Basis, waits: &mut Waits, index: usize) -> Report {
        let (backend, _) = basis.backend(index)?;
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        let request = Rc::clone(&leg.request);
        let outgoing = outgoing::outgoing(&request.borrow(), backend, basis.plugin());
        let outgoing = match outgoing {
            Ok(_) if basis.time_left().is_zero() => return self.end_leg(basis, waits, index, Err(Failure::Timeout)),
            Ok(outgoing) => outgoing.authorized(basis),
            Err(failure) => return self.end_leg(basis, waits, index, Err(failure)),
        };
        let sent = Rc::new(Sent { method: outgoing.method.clone(), url: Rc::clone(&outgoing.url) });
        let payload = std::mem::replace(&mut request.borrow_mut().payload, Payload::absent());
        let backends = &basis.endpoint()?.0.backends;
        let is_only = backends.len() == 1;
        // KrakenD gives several backends 85 % of the endpoint's time, so that there is still some to answer in.
        let timeout = if is_only { basis.time_left() } else { basis.time_left().mul_f64(0.85) };
        // KrakenD copies the body for several backends, be it empty, as soon as one of them is asked to change something.
        let had_body = payload.body != Body::Absent || !(is_only || are_safe(backends));
        let until = basis.now.saturating_add(timeout);
        leg.state = LegState::Away(Away { sent: Rc::clone(&sent), had_body, until, trail: None });
        let client = basis.client.as_ref().or_broken("no request of a client")?;
        let gains_a_body = client.body == Body::Absent && !payload.body.bytes().is_empty();
        if is_only && !gains_a_body {
            let routed = outgoing::routed(client, outgoing, payload, backend.encoding);
            self.routed = Some(sent);
            if let Some(watcher) = &basis.program.watcher {
                watcher.request_leaves();
            }
            return Ok(LegsEvent::Leaves(Routed { timeout: Some(timeout), ..routed }));
        }
        self.share_request(basis, &request, backend)?;
        waits.send(basis, outgoing::call(outgoing, &payload, timeout), index);
        Ok(LegsEvent::Waits)
    }

    // KrakenD's sequence of GETs hands one map of headers from backend to backend: what one's script sets, the next one sees.
    fn share_request(
        &self,
        basis: &Basis,
        request: &Rc<RefCell<ProxyRequest>>,
        backend: &Backend,
    ) -> Result<(), Failure> {
        let (endpoint, _) = basis.endpoint()?;
        if are_safe(&endpoint.backends) && endpoint.is_sequence() && backend.input_headers.is_none() {
            let mut shared = self.shared.borrow_mut();
            shared.headers = request.borrow().headers.clone();
            shared.params = request.borrow().params.clone();
        }
        Ok(())
    }

    /// Envoy's route has brought a response, without its body, or none.
    pub(crate) fn take_response(&mut self, basis: &Basis, waits: &mut Waits, response: Reply) -> Report {
        let (backend, _) = basis.backend(leg::ROUTED)?;
        match response {
            // The body of a redirect is read only where the redirect is handed on.
            Ok(response) if !self.leads_on(&response) && incoming::needs_body(backend, &response) => {
                waits.read(Reader::Backend(response));
                Ok(LegsEvent::Waits)
            }
            response => self.take_reply(basis, waits, leg::ROUTED, response),
        }
    }

    fn leads_on(&self, response: &Response) -> bool {
        self.legs.get(leg::ROUTED).is_some_and(|leg| leg.leads_on(response))
    }

    /// What came back for the backend that Envoy's route serves, with its body.
    pub(crate) fn take_whole(&mut self, basis: &Basis, waits: &mut Waits, response: Response, body: Vec<u8>) -> Report {
        self.take_reply(basis, waits, leg::ROUTED, Ok(Response { body: Body::Bytes(body), ..response }))
    }

    /// What came back for a leg, with its body unless nothing needs it.
    pub(crate) fn take_reply(&mut self, basis: &Basis, waits: &mut Waits, index: usize, reply: Reply) -> Report {
        let (backend, plan) = basis.backend(index)?;
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        let redirected = match &reply {
            Ok(response) => leg.redirected(basis, backend, response),
            Err(_) => Ok(None),
        };
        let LegState::Away(away) = &leg.state else {
            return Err(Failure::broken("a reply for a leg that has sent nothing"));
        };
        let received = match (redirected, reply) {
            (Ok(Some(call)), _) => {
                waits.send(basis, call, index);
                return Ok(LegsEvent::Waits);
            }
            (Err(failure), _) => Err(failure),
            (Ok(None), Ok(response)) => {
                incoming::receive(response, &away.sent.url, backend, plan, basis.limits().body_bytes)
            }
            (Ok(None), Err(error)) => Err(away.sent.unanswered(&error)),
        };
        match received {
            Ok(mut response) => {
                away.replace_held(&mut response);
                self.begin_post(basis, waits, index, response)
            }
            Err(failure) => self.end_leg(basis, waits, index, Err(failure)),
        }
    }

    fn begin_post(&mut self, basis: &Basis, waits: &mut Waits, index: usize, response: ProxyResponse) -> Report {
        let response = Rc::new(RefCell::new(response));
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        leg.state = LegState::Post(Rc::clone(&response));
        let Some(task) = &mut leg.task else { return self.end_leg(basis, waits, index, Ok(response)) };
        response.borrow().data.make_real();
        let event = task.begin_post(&response);
        self.serve(basis, waits, index, event)
    }

    fn end_leg(&mut self, basis: &Basis, waits: &mut Waits, index: usize, outcome: Outcome) -> Report {
        let outcome = queried(basis, index, outcome)?;
        let leg = self.legs.get_mut(index).or_broken("no such leg")?;
        if let Err(failure) = &outcome {
            basis.report(failure, Some(leg.label(index, failure)));
        }
        let is_complete = outcome.as_ref().is_ok_and(|response| response.borrow().complete);
        leg.state = LegState::Ended(outcome);
        let (endpoint, _) = basis.endpoint()?;
        let next = index.saturating_add(1);
        if endpoint.is_sequence() && is_complete && next < endpoint.backends.len() {
            self.make_leg(basis, next)?;
            return self.start_leg(basis, waits, next);
        }
        let all_have_ended = self.legs.iter().all(|leg| leg.outcome().is_some());
        if !all_have_ended {
            return Ok(LegsEvent::Waits);
        }
        // Those of a sequence that were never asked count as missing.
        let backends = basis.endpoint()?.0.backends.len();
        conclude(basis, (0..backends).map(|index| self.legs.get(index).and_then(Leg::outcome)))
    }
}

// What `modifier/jmespath` of the backend makes of the data, behind its scripts.
fn queried(basis: &Basis, index: usize, outcome: Outcome) -> Result<Outcome, Failure> {
    let (backend, _) = basis.backend(index)?;
    let (Some(expression), Ok(response)) = (&backend.jmespath, &outcome) else { return Ok(outcome) };
    if backend.encoding == Encoding::NoOp {
        return Ok(outcome);
    }
    let found = apply_expression(expression, &response.borrow().data, &basis.limits());
    Ok(found.and_then(|data| {
        let response = Rc::clone(response);
        response.borrow_mut().data = data;
        Ok(response)
    }))
}

// Is none of them asked to change something?
fn are_safe(backends: &[Backend]) -> bool {
    backends.iter().all(|backend| matches!(backend.method.as_str(), "GET" | "HEAD"))
}
