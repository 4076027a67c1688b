//! One backend's part of an exchange: its own request, its stage, and its state. Decides where a redirect leads the request,
//! and which part of the request is kept for that.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::martian;
use super::outgoing::{self, Outgoing};
use crate::bindings::{Half, Payload, ProxyRequest, ProxyResponse};
use crate::config::{Backend, Encoding, Endpoint};
use crate::http::{Body, Call, CallError, Headers, Response, Url, names};
use crate::pipeline::basis::{Basis, StageLabel};
use crate::pipeline::breaker::Pass;
use crate::pipeline::failure::{Failure, OrBroken};
use crate::pipeline::format::go_text::request_error;
use crate::pipeline::program::BackendPlan;
use crate::pipeline::stage::StageTask;
use crate::pipeline::waits::{Reply, Trail, leads_on};
use crate::pipeline::watch::snapshot;

/// The result of a leg.
pub(super) type Outcome = Result<Rc<RefCell<ProxyResponse>>, Failure>;

/// The legs of an exchange; an only one takes no memory of its own.
pub(super) type LegList = SmallVec<[Leg; 1]>;

/// The outcome of a backend, once it is known: a backend has as many legs as it gets calls.
pub(super) fn outcome_of<'a>(legs: &'a LegList, endpoint: &Endpoint, backend: usize) -> Option<&'a Outcome> {
    let calls = endpoint.concurrent_calls;
    let first = backend.saturating_mul(calls);
    legs.get(first..first.saturating_add(calls))?.iter().find_map(Leg::outcome)
}

/// One backend's part of an exchange.
pub(super) struct Leg {
    pub(super) request: Rc<RefCell<ProxyRequest>>,
    // Boxed: most backends have no stage, and a stage under way is large.
    pub(super) task: Option<Box<StageTask>>,
    pub(super) state: LegState,
    /// The place that the request was sent to, once it has left.
    pub(super) sent: Option<Sent>,
    // The pass of the backend's circuit breaker, until the leg has an outcome.
    pass: Option<Pass>,
}

/// The state of a leg.
pub(super) enum LegState {
    /// The request is being made; `pre` runs.
    Pre,
    /// The request has left.
    Away(Away),
    /// The response is here; `post` runs.
    Post(Rc<RefCell<ProxyResponse>>),
    /// The leg has ended.
    Ended(Outcome),
    /// Another call of the same backend has given the outcome of both, or still may.
    Lost,
}

/// A request that has left.
pub(super) struct Away {
    /// The request cannot be sent once more: it had a body, which Envoy has streamed on, or KrakenD has copied a body, even an
    /// empty one.
    pub(super) had_body: bool,
    /// The end of its time.
    pub(super) until: Duration,
    /// The client still sends the body, and Envoy counts the time from its end.
    pub(super) body_streams: bool,
    /// The redirects that the request has followed. Boxed, and made with the first redirect: most requests meet none.
    pub(super) trail: Option<Box<Trail>>,
    /// The request as it left, if `modifier/martian` may change the response, or has changed the request.
    pub(super) edited: Option<Box<Outgoing>>,
    /// The response has a body that the service has not sent.
    pub(super) has_new_body: bool,
}

/// A request that leaves.
pub(super) struct Leaving {
    pub(super) outgoing: Outgoing,
    pub(super) payload: Payload,
    /// The longest time that the response may take.
    pub(super) timeout: Duration,
    /// It is the only call of the only backend, and not a shadow's.
    pub(super) is_alone: bool,
}

/// The number of the leg that Envoy's route serves: the leg of an only backend.
pub(super) const ROUTED: usize = 0;

/// The place that a request was sent to, for the words of an error.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The number of the backend, as the document counts them.
    pub(super) backend: usize,
    pub(super) method: SmolStr,
    pub(super) url: Rc<Url>,
}

impl Leg {
    /// A leg whose stage has not begun.
    pub(super) fn new(request: Rc<RefCell<ProxyRequest>>) -> Self {
        Self { request, task: None, state: LegState::Pre, sent: None, pass: None }
    }

    /// Asks the backend's circuit breaker whether the leg may begin.
    pub(super) fn ask_breaker(&mut self, plan: &BackendPlan, now: Duration) -> Result<(), Failure> {
        if let Some(circuit) = &plan.circuit {
            self.pass = Some(circuit.pass(now)?);
        }
        Ok(())
    }

    /// Tells the breaker the outcome of the leg.
    pub(super) fn tell_breaker(&mut self, now: Duration, is_good: bool) {
        if let Some(pass) = self.pass.take() {
            pass.ended(now, is_good);
        }
    }

    /// Sends the request, as its scripts and `modifier/martian` have made it.
    pub(super) fn leave(&mut self, basis: &Basis, endpoint: &Endpoint, backend: &Backend) -> Result<Leaving, Failure> {
        let mut outgoing = outgoing::outgoing(&self.request.borrow(), backend, basis.plugin())?;
        if basis.time_left().is_zero() {
            return Err(Failure::Timeout);
        }
        let mut payload = std::mem::replace(&mut self.request.borrow_mut().payload, Payload::absent());
        outgoing.edit(basis, backend, &mut payload)?;
        let edited = backend.martian.is_some().then(|| Box::new(outgoing.clone()));
        outgoing.authorize(basis);
        let (method, url) = (outgoing.method.clone(), Rc::clone(&outgoing.url));
        self.sent = Some(Sent { backend: backend.number, method, url });
        let is_alone = endpoint.backends.len() == 1 && endpoint.concurrent_calls == 1 && !basis.is_shadow;
        let timeout = outgoing::time_for(endpoint, basis);
        // For several backends, KrakenD copies the body (be it empty) as soon as one backend is asked to change something; for
        // several calls and for a shadow it copies it always.
        let is_copied =
            !is_alone && (!outgoing::are_safe(&endpoint.backends) || endpoint.concurrent_calls > 1 || basis.is_shadow);
        let had_body = payload.body != Body::Absent || is_copied;
        let until = basis.now.saturating_add(timeout);
        let away = Away {
            had_body,
            until,
            body_streams: payload.body == Body::Unread,
            trail: None,
            edited,
            has_new_body: false,
        };
        self.state = LegState::Away(away);
        Ok(Leaving { outgoing, payload, timeout, is_alone })
    }

    /// A reply as KrakenD sees it, which gives up a response that comes after its time. Envoy gives up late responses itself,
    /// but a worker that was busy meanwhile reads the response before it looks at its timers.
    pub(super) fn in_time(&self, now: Duration, reply: Reply) -> Reply {
        match &self.state {
            LegState::Away(away) if reply.is_ok() && !away.body_streams && now > away.until => Err(CallError::Timeout),
            _ => reply,
        }
    }

    /// The leg's outcome, once it has ended.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            LegState::Ended(outcome) => Some(outcome),
            LegState::Pre | LegState::Away(_) | LegState::Post(_) | LegState::Lost => None,
        }
    }

    /// Has the leg ended, so that nothing more comes from it?
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, LegState::Ended(_) | LegState::Lost)
    }

    /// Drops the leg: its outcome does not matter, or no longer.
    pub(super) fn lose(&mut self) {
        self.state = LegState::Lost;
        (self.task, self.pass) = (None, None);
    }

    /// The leg's request, which has left.
    pub(super) fn away(&mut self) -> Result<&mut Away, Failure> {
        match &mut self.state {
            LegState::Away(away) => Ok(away),
            _ => Err(Failure::broken("a reply for a leg that has sent nothing")),
        }
    }

    /// The failure of a request that got no response.
    pub(super) fn unanswered(&self, error: &CallError) -> Result<Failure, Failure> {
        Ok(self.sent()?.unanswered(self.url()?, error))
    }

    /// The URL that the request was sent to last.
    pub(super) fn url(&self) -> Result<&Url, Failure> {
        let trail = match &self.state {
            LegState::Away(away) => away.trail.as_deref(),
            _ => None,
        };
        Ok(match trail {
            Some(trail) => trail.url(),
            None => &self.sent()?.url,
        })
    }

    fn sent(&self) -> Result<&Sent, Failure> {
        self.sent.as_ref().or_broken("a reply for a leg that has sent nothing")
    }

    /// Is the response a redirect to follow? KrakenD's client cannot send a body once more: with a body, 307 and 308 are
    /// ordinary responses.
    pub(super) fn leads_on(&self, response: &Response) -> bool {
        matches!(&self.state, LegState::Away(away) if leads_on(response, !away.had_body))
    }

    /// The call that a redirect leads to; `None` if the response is no redirect, or a redirect that the client gets.
    pub(super) fn redirected(
        &mut self,
        basis: &Basis,
        backend: &Backend,
        response: &Response,
    ) -> Result<Option<Call>, Failure> {
        if !self.leads_on(response) {
            return Ok(None);
        }
        let LegState::Away(away) = &mut self.state else { return Ok(None) };
        let left = away.until.saturating_sub(basis.now);
        if left.is_zero() {
            return Err(Failure::Timeout);
        }
        if away.trail.is_none() {
            let outgoing = match &away.edited {
                Some(edited) => Outgoing::clone(edited),
                // Nothing has changed the request since it left.
                None => outgoing::outgoing(&self.request.borrow(), backend, basis.plugin())?,
            };
            let first = outgoing::call(outgoing, &Payload::absent(), left);
            away.trail = Some(Box::new(Trail::new(first, !away.had_body)));
        }
        let trail = away.trail.as_mut().or_broken("a redirect without a trail")?;
        let mut call = trail.follow(response, basis.plugin(), left).map_err(|message| Failure::Upstream { message })?;
        basis.mark(&call.url, &mut call.headers);
        Ok(Some(call))
    }

    /// Makes the response replace the one that is held on Envoy's route, if that was a redirect, or if the body is a new one.
    pub(super) fn replace_held(&self, response: &mut ProxyResponse) {
        if matches!(&self.state, LegState::Away(away) if away.trail.is_some() || away.has_new_body) {
            let body = std::mem::replace(&mut response.payload.body, Body::Absent);
            response.payload.replace(body.into_bytes());
        }
    }

    /// The name of a failure's place in the log; it has the half only if a script failed.
    pub(super) fn label(&self, backend: &Backend, failure: &Failure) -> StageLabel {
        let half = match self.state {
            LegState::Pre => Half::Pre,
            LegState::Away(_) | LegState::Post(_) | LegState::Ended(_) | LegState::Lost => Half::Post,
        };
        StageLabel::Backend(backend.number, failure.is_of_script().then_some(half))
    }
}

impl Away {
    /// Lets the backend's `modifier/martian` change the response, whose body may not have come.
    pub(super) fn edit(&mut self, basis: &Basis, backend: &Backend, response: &mut Response) {
        let Some(modifier) = backend.martian.as_ref().and_then(|martian| martian.on_response.as_ref()) else { return };
        let watched = basis.program.watcher.as_ref().map(|watcher| (watcher, snapshot::returning(response)));
        let coding: Vec<_> = response.headers.get_all(names::CONTENT_ENCODING).map(<[u8]>::to_vec).collect();
        let none = Headers::new();
        let asked = self.edited.as_ref().map_or(&none, |edited| &edited.headers);
        self.has_new_body = martian::edit_response(modifier, asked, response);
        // KrakenD has already decompressed a body that is decoded, so the modifier cannot change how it is read.
        if !self.has_new_body && backend.encoding != Encoding::NoOp {
            response.headers.set_all(names::CONTENT_ENCODING, coding);
        }
        if let Some((watcher, before)) = watched {
            watcher.martian_edits(backend.number, before, snapshot::returning(response));
        }
    }
}

impl Sent {
    // The failure of a request that got no response from the URL that it was sent to last.
    fn unanswered(&self, url: &Url, error: &CallError) -> Failure {
        match error {
            CallError::Timeout => Failure::Timeout,
            error => Failure::Upstream { message: request_error(&self.method, url, &error.to_string()) },
        }
    }

    /// Reports that the response broke off after the client had begun to get it: only the log can show that.
    pub(crate) fn report_break(&self, basis: &Basis, error: &CallError) {
        basis.report(&self.unanswered(&self.url, error), Some(StageLabel::Backend(self.backend, None)));
    }
}
