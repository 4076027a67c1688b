//! The part of an exchange that goes to the backends and comes back: legs, how their requests leave, and their merge.

use super::exchange::{Exchange, Next, Phase, Reading};
use super::failure::Failure;
use super::flights::{Flight, Owner, Purpose};
use super::leg::{Leg, Outcome, Sent};
use super::merge::{Part, merge};
use super::port::{Output, Routed};
use super::task::{Messages, StageTask, Turn};
use super::{router, sequential, upstream};
use crate::bindings::{Half, Payload, ProxyRequest, ProxyResponse, take};
use crate::config::{Backend, Endpoint, Piece};
use crate::http::{Body, Call, CallError, Response, Url};
use std::cell::RefCell;
use std::rc::Rc;

impl Exchange {
    /// Begins the legs: all at once, or the first of a sequence.
    pub(super) fn fork(&mut self) -> Next {
        let (endpoint, _) = self.endpoint()?;
        let (backends, is_sequence) = (endpoint.backends.len(), is_sequence(endpoint));
        let unread = self.request.as_ref()?.borrow().payload.body == Body::Unread;
        if backends > 1 && unread {
            self.reading = Some(Reading::Fork);
            return None;
        }
        let at_once = if is_sequence { 1 } else { backends };
        for index in 0..at_once {
            self.make_leg(index)?;
        }
        for index in 0..at_once {
            let next = self.start_leg(index);
            if next.is_some() || self.phase != Phase::Legs {
                return next;
            }
        }
        None
    }

    fn make_leg(&mut self, index: usize) -> Option<()> {
        let (endpoint, _) = self.endpoint()?;
        let backend = endpoint.backends.get(index)?;
        let shared = Rc::clone(self.request.as_ref()?);
        let request = if endpoint.backends.len() == 1 && backend.input_headers.is_none() {
            // KrakenD hands an only backend the very request that the proxy's scripts hold.
            shared
        } else {
            self.fill_from_earlier(backend, &shared, index);
            Rc::new(RefCell::new(shared.borrow().clone()))
        };
        self.legs.push(Leg::new(request));
        Some(())
    }

    // `{resp0_field}` in a later pattern, where backends are called one after the other.
    fn fill_from_earlier(&self, backend: &Backend, request: &Rc<RefCell<ProxyRequest>>, index: usize) {
        for piece in &backend.url_pattern.pieces {
            let Piece::Response { key, backend: earlier, path } = piece else { continue };
            let done = self.legs.get(*earlier).filter(|_| *earlier < index).and_then(|leg| leg.outcome.as_ref());
            let value = done.and_then(|outcome| sequential::value(&outcome.as_ref().ok()?.borrow().data, path));
            if let Some(value) = value {
                request.borrow_mut().params.insert(key.clone(), value.into_bytes());
            }
        }
    }

    fn start_leg(&mut self, index: usize) -> Next {
        let program = Rc::clone(&self.program);
        let (backend, plan) = program.backend(self.endpoint, index)?;
        let request = Rc::clone(&self.legs.get(index)?.request);
        if let Err(failure) = upstream::address(&mut request.borrow_mut(), backend, plan) {
            return self.end_leg(index, Err(failure));
        }
        let Some(stage) = &plan.stage else { return self.send(index) };
        let mut task = StageTask::new(stage, Messages { context: None, request: Some(request) }, self.limits());
        let turn = task.pre(&program.config.plugin, self.left());
        self.legs.get_mut(index)?.task = Some(task);
        self.leg(index, turn)
    }

    /// A leg's scripts have come to a new point.
    pub(super) fn leg(&mut self, index: usize, turn: Turn) -> Next {
        let ended = self.drive(Owner::Leg(index), turn)?;
        let leg = self.legs.get(index)?;
        match (ended, leg.half) {
            (Err(failure), _) => self.end_leg(index, Err(failure)),
            (Ok(()), Half::Pre) if leg.task.as_ref().is_some_and(|task| task.plan().skip_next) => {
                self.leg_post(index, ProxyResponse::empty())
            }
            (Ok(()), Half::Pre) => self.send(index),
            (Ok(()), Half::Post) => {
                let response = leg.response.clone()?;
                self.end_leg(index, Ok(response))
            }
        }
    }

    // By Envoy's route where there is one backend; by a call where there are several, or where the route cannot serve: it
    // cannot give a body to a request that came without one.
    fn send(&mut self, index: usize) -> Next {
        let program = Rc::clone(&self.program);
        let (backend, _) = program.backend(self.endpoint, index)?;
        let request = Rc::clone(&self.legs.get(index)?.request);
        let outgoing = match upstream::outgoing(&request.borrow(), backend, &program.config.plugin) {
            Ok(outgoing) => outgoing,
            Err(failure) => return self.end_leg(index, Err(failure)),
        };
        let left = self.left();
        if left.is_zero() {
            return self.end_leg(index, Err(Failure::Timeout));
        }
        self.legs.get_mut(index)?.note_sent(&outgoing);
        let payload = std::mem::replace(&mut request.borrow_mut().payload, Payload::absent());
        let only = self.endpoint()?.0.backends.len() == 1;
        let client = self.client.as_ref()?;
        let gains_a_body = client.body == Body::Absent && !payload.body.bytes().is_empty();
        if only && !gains_a_body {
            let routed = upstream::routed(client, outgoing, payload, backend.encoding);
            self.routed = true;
            if let Some(watch) = &program.watch {
                watch.routes();
            }
            return Some(Output::Send(Routed { timeout: Some(left), ..routed }));
        }
        self.share_request(&request, backend);
        // KrakenD gives several backends 85 % of the endpoint's time, so that there is still some to answer in.
        let timeout = if only { left } else { left.mul_f64(0.85) };
        let mut headers = outgoing.headers;
        headers.retain(|name, _| !router::frames_the_body(name));
        let body = payload.body.bytes().to_vec();
        let url = Url::clone(&outgoing.url);
        let call = Call { cluster: outgoing.cluster, method: outgoing.method, url, headers, body, timeout };
        self.flights.send(self.now, call, Flight { owner: Owner::Leg(index), purpose: Purpose::Backend });
        None
    }

    // KrakenD's sequence of GETs hands one map of headers from backend to backend: what one's script sets, the next one sees.
    fn share_request(&self, request: &Rc<RefCell<ProxyRequest>>, backend: &Backend) {
        let Some((endpoint, _)) = self.endpoint() else { return };
        let safe = endpoint.backends.iter().all(|backend| matches!(backend.method.as_str(), "GET" | "HEAD"));
        if let (Some(shared), true, None) = (&self.request, safe && is_sequence(endpoint), &backend.input_headers) {
            shared.borrow_mut().headers = request.borrow().headers.clone();
            shared.borrow_mut().params = request.borrow().params.clone();
        }
    }

    /// What came back for a leg, with its body unless nobody needs it.
    pub(super) fn backend_reply(&mut self, index: usize, reply: Result<Response, CallError>) -> Next {
        let program = Rc::clone(&self.program);
        let (backend, plan) = program.backend(self.endpoint, index)?;
        let sent = self.legs.get(index)?.sent.clone()?;
        let received = match reply {
            Ok(response) => upstream::receive(response, &sent.url, backend, plan, self.limits().body_bytes),
            Err(error) => Err(unanswered(&sent, &error)),
        };
        match received {
            Ok(response) => self.leg_post(index, response),
            Err(failure) => self.end_leg(index, Err(failure)),
        }
    }

    /// The route's response broke off in its middle. Nobody can be answered any more; the log learns of it.
    pub fn broke_off(&self, error: &CallError) {
        if let Some(sent) = self.legs.first().and_then(|leg| leg.sent.as_ref()) {
            let failure = unanswered(sent, error);
            self.report_at(&failure, self.leg_stage(0, &failure));
        }
    }

    fn leg_post(&mut self, index: usize, response: ProxyResponse) -> Next {
        let response = Rc::new(RefCell::new(response));
        let leg = self.legs.get_mut(index)?;
        leg.half = Half::Post;
        leg.response = Some(Rc::clone(&response));
        let Some(task) = &mut leg.task else { return self.end_leg(index, Ok(response)) };
        response.borrow().data.make_real();
        let turn = task.post(&response);
        self.leg(index, turn)
    }

    fn end_leg(&mut self, index: usize, outcome: Outcome) -> Next {
        if let Err(failure) = &outcome {
            self.report_at(failure, self.leg_stage(index, failure));
        }
        let complete = outcome.as_ref().is_ok_and(|response| response.borrow().complete);
        self.legs.get_mut(index)?.outcome = Some(outcome);
        let (endpoint, _) = self.endpoint()?;
        let next = index.saturating_add(1);
        if is_sequence(endpoint) && complete && next < endpoint.backends.len() {
            self.make_leg(next)?;
            return self.start_leg(next);
        }
        let all_ended = self.legs.iter().all(|leg| leg.outcome.is_some());
        if all_ended { self.merge_legs() } else { None }
    }

    // A backend's stage, and which of its scripts failed, if one did.
    pub(super) fn leg_stage(&self, index: usize, failure: &Failure) -> Option<String> {
        let half = match self.legs.get(index)?.half {
            _ if !failure.is_of_script() => "",
            Half::Pre => ".pre",
            Half::Post => ".post",
        };
        Some(format!("backend_{index}{half}"))
    }

    fn merge_legs(&mut self) -> Next {
        let (endpoint, _) = self.endpoint()?;
        let (backends, is_sequence) = (endpoint.backends.len(), is_sequence(endpoint));
        let mut outcomes: Vec<Option<Outcome>> = self.legs.iter_mut().map(|leg| leg.outcome.take()).collect();
        if backends == 1 || is_sequence && matches!(outcomes.first(), Some(Some(Err(_)))) {
            return match outcomes.first_mut().and_then(Option::take)? {
                Ok(response) => self.conclude(Some(take(&response)), Vec::new()),
                Err(failure) => self.conclude(None, vec![failure]),
            };
        }
        outcomes.resize_with(backends, || None);
        let failures: Vec<Failure> =
            outcomes.iter().flatten().filter_map(|outcome| outcome.as_ref().err().cloned()).collect();
        let responses: Vec<_> = outcomes.into_iter().map(|outcome| outcome.and_then(Result::ok)).collect();
        let parts = responses.iter().map(|response| {
            let response = response.as_ref()?.borrow();
            Some(Part { data: response.data.clone(), is_complete: response.complete })
        });
        let Some(merged) = merge(parts) else { return self.conclude(None, vec![Failure::All(failures)]) };
        let only = merged.only.and_then(|only| responses.get(only)?.clone());
        let mut response = only.map_or_else(ProxyResponse::empty, |only| only.borrow().clone());
        response.data = merged.data;
        response.complete = merged.is_complete;
        response.named_errors =
            responses.iter().flatten().flat_map(|part| part.borrow().named_errors.clone()).collect();
        self.conclude(Some(response), failures)
    }

    fn conclude(&mut self, response: Option<ProxyResponse>, failures: Vec<Failure>) -> Next {
        let response = match &self.endpoint()?.1.static_data {
            Some(data) => data.apply(response, !failures.is_empty()),
            None => response,
        };
        match (response, failures.first()) {
            (Some(response), None) => self.proxy_post(Rc::new(RefCell::new(response))),
            // KrakenD: with a failed backend the others' data is answered, and the proxy's post does not run.
            (Some(response), Some(_)) => self.finish(response),
            (None, Some(failure)) => self.fail(failure),
            (None, None) => None,
        }
    }
}

fn unanswered(sent: &Sent, error: &CallError) -> Failure {
    match error {
        CallError::Timeout => Failure::Timeout,
        error => Failure::Upstream { message: upstream::verb_error(&sent.method, &sent.url, &error.to_string()) },
    }
}

fn is_sequence(endpoint: &Endpoint) -> bool {
    endpoint.sequential && endpoint.backends.len() > 1
}
