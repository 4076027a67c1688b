//! One backend's part of an exchange: its own request, its stage, and how far it has come. Where a redirect leads its request,
//! and what is kept of the request for that, is decided here.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::martian;
use super::outgoing::{self, Outgoing};
use crate::bindings::{Half, Payload, ProxyRequest, ProxyResponse};
use crate::config::{Backend, Encoding, Endpoint};
use crate::http::{Body, Call, CallError, Headers, Response, Url};
use crate::pipeline::basis::{Basis, StageLabel};
use crate::pipeline::breaker::Pass;
use crate::pipeline::failure::{Failure, OrBroken};
use crate::pipeline::format::go_text::request_error;
use crate::pipeline::program::BackendPlan;
use crate::pipeline::stage::StageTask;
use crate::pipeline::waits::{Trail, leads_on};
use crate::pipeline::watch::snapshot;

/// What a leg has come to.
pub(super) type Outcome = Result<Rc<RefCell<ProxyResponse>>, Failure>;

/// One backend's part of an exchange.
pub(super) struct Leg {
    pub(super) request: Rc<RefCell<ProxyRequest>>,
    // Boxed: most backends have none, and one under way is large.
    pub(super) task: Option<Box<StageTask>>,
    pub(super) state: LegState,
    // Through the circuit breaker of its backend, until it has come to something.
    pass: Option<Pass>,
}

/// How far a leg has come.
pub(super) enum LegState {
    /// Its request is being made; `pre` runs.
    Pre,
    /// Its request has left.
    Away(Away),
    /// Its response is here; `post` runs.
    Post(Rc<RefCell<ProxyResponse>>),
    /// It is over.
    Ended(Outcome),
    /// Another call of the same backend has come to the outcome of both, or still may.
    Lost,
}

/// A request that has left.
pub(super) struct Away {
    /// Where it is now.
    pub(super) sent: Rc<Sent>,
    /// It had a body, which is gone: Envoy has streamed it on.
    pub(super) had_body: bool,
    /// When its time is over.
    pub(super) until: Duration,
    /// The redirects that it has followed. Boxed, and made with the first: most requests meet none.
    pub(super) trail: Option<Box<Trail>>,
    /// What left, where `modifier/martian` is there to change what comes back, or has changed it.
    pub(super) edited: Option<Box<Outgoing>>,
    /// Its response has a body that the service has not sent.
    pub(super) has_new_body: bool,
}

/// A request that leaves.
pub(super) struct Leaving {
    pub(super) outgoing: Outgoing,
    pub(super) payload: Payload,
    pub(super) sent: Rc<Sent>,
    /// How long its answer may take.
    pub(super) timeout: Duration,
    /// It is the only call of the only backend, and somebody waits for it.
    pub(super) is_alone: bool,
}

/// The number of the leg that Envoy's route serves: that of an only backend.
pub(super) const ROUTED: usize = 0;

/// Where a request went, for the words of an error.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(super) method: String,
    pub(super) url: Rc<Url>,
}

impl Leg {
    /// Before its stage begins.
    pub(super) fn new(request: Rc<RefCell<ProxyRequest>>) -> Self {
        Self { request, task: None, state: LegState::Pre, pass: None }
    }

    /// Its backend's circuit breaker lets it begin, or does not.
    pub(super) fn ask_breaker(&mut self, plan: &BackendPlan, now: Duration) -> Result<(), Failure> {
        if let Some(circuit) = &plan.circuit {
            self.pass = Some(circuit.pass(now)?);
        }
        Ok(())
    }

    /// The breaker learns what has become of it.
    pub(super) fn tell_breaker(&mut self, now: Duration, is_good: bool) {
        if let Some(pass) = self.pass.take() {
            pass.ended(now, is_good);
        }
    }

    /// Its request leaves, as its scripts and `modifier/martian` have made it.
    pub(super) fn leave(
        &mut self,
        basis: &Basis,
        endpoint: &Endpoint,
        backend: &Backend,
        index: usize,
    ) -> Result<Leaving, Failure> {
        let mut outgoing = outgoing::outgoing(&self.request.borrow(), backend, basis.plugin())?;
        if basis.time_left().is_zero() {
            return Err(Failure::Timeout);
        }
        let mut payload = std::mem::replace(&mut self.request.borrow_mut().payload, Payload::absent());
        outgoing.edit(basis, basis.backend_of(index), backend, &mut payload)?;
        let edited = backend.martian.is_some().then(|| Box::new(outgoing.clone()));
        let outgoing = outgoing.authorized(basis);
        let sent = Rc::new(Sent { method: outgoing.method.clone(), url: Rc::clone(&outgoing.url) });
        let is_alone = endpoint.backends.len() == 1 && endpoint.concurrent_calls == 1 && !basis.is_shadow;
        let timeout = outgoing::time_for(endpoint, basis);
        // KrakenD copies the body for several backends, be it empty, as soon as one of them is asked to change something; for
        // several calls and for a shadow always.
        let is_copied =
            !is_alone && (!outgoing::are_safe(&endpoint.backends) || endpoint.concurrent_calls > 1 || basis.is_shadow);
        let had_body = payload.body != Body::Absent || is_copied;
        let until = basis.now.saturating_add(timeout);
        let away = Away { sent: Rc::clone(&sent), had_body, until, trail: None, edited, has_new_body: false };
        self.state = LegState::Away(away);
        Ok(Leaving { outgoing, payload, sent, timeout, is_alone })
    }

    /// What came of it, once it is over.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            LegState::Ended(outcome) => Some(outcome),
            LegState::Pre | LegState::Away(_) | LegState::Post(_) | LegState::Lost => None,
        }
    }

    /// Will nothing more come of it?
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, LegState::Ended(_) | LegState::Lost)
    }

    /// Its outcome does not matter, or no longer.
    pub(super) fn lose(&mut self) {
        self.state = LegState::Lost;
        (self.task, self.pass) = (None, None);
    }

    /// Its request, which has left.
    pub(super) fn away(&mut self) -> Result<&mut Away, Failure> {
        match &mut self.state {
            LegState::Away(away) => Ok(away),
            _ => Err(Failure::broken("a reply for a leg that has sent nothing")),
        }
    }

    /// Does a response lead elsewhere? KrakenD's client cannot send a body once more: 307 and 308 are then responses like any
    /// other.
    pub(super) fn leads_on(&self, response: &Response) -> bool {
        matches!(&self.state, LegState::Away(away) if leads_on(response, !away.had_body))
    }

    /// The call that a response leads to; none if it is no redirect, or one that is handed on.
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
                // Nothing has touched the request since it left.
                None => outgoing::outgoing(&self.request.borrow(), backend, basis.plugin())?,
            };
            let first = outgoing::call(outgoing, &Payload::absent(), left);
            away.trail = Some(Box::new(Trail::new(first, !away.had_body)));
        }
        let trail = away.trail.as_mut().or_broken("a redirect without a trail")?;
        let mut call = trail.follow(response, basis.plugin(), left).map_err(|message| Failure::Upstream { message })?;
        basis.mark(&call.url, &mut call.headers);
        away.sent = Rc::new(Sent { method: away.sent.method.clone(), url: Rc::new(call.url.clone()) });
        Ok(Some(call))
    }

    /// How the log names the place of a failure: the half only where a script failed.
    pub(super) fn label(&self, backend: &Backend, failure: &Failure) -> StageLabel {
        let half = match self.state {
            LegState::Post(_) => Half::Post,
            LegState::Pre | LegState::Away(_) | LegState::Ended(_) | LegState::Lost => Half::Pre,
        };
        StageLabel::Backend(backend.number, failure.is_of_script().then_some(half))
    }
}

impl Away {
    /// `modifier/martian` of the backend changes the response, whose body may not have come.
    pub(super) fn edit(&mut self, basis: &Basis, index: usize, backend: &Backend, response: &mut Response) {
        let Some(modifier) = backend.martian.as_ref().and_then(|martian| martian.on_response.as_ref()) else { return };
        let watched = basis.program.watcher.as_ref().map(|watcher| (watcher, snapshot::returning(response)));
        let coding: Vec<_> = response.headers.get_all("content-encoding").map(<[u8]>::to_vec).collect();
        let none = Headers::new();
        let asked = self.edited.as_ref().map_or(&none, |edited| &edited.headers);
        self.has_new_body = martian::edit_response(modifier, asked, response);
        // A body that is decoded was decompressed before, in KrakenD: nobody can hide from it how it came.
        if !self.has_new_body && backend.encoding != Encoding::NoOp {
            response.headers.set_all("content-encoding", coding);
        }
        if let Some((watcher, before)) = watched {
            watcher.martian_edits(index, before, snapshot::returning(response));
        }
    }

    /// Takes the place of the response that is held on Envoy's route, which was a redirect, or has another body now.
    pub(super) fn replace_held(&self, response: &mut ProxyResponse) {
        if self.trail.is_some() || self.has_new_body {
            let body = std::mem::replace(&mut response.payload.body, Body::Absent);
            response.payload.replace(body.into_bytes());
        }
    }
}

impl Sent {
    /// Why there is no response to it.
    pub(super) fn unanswered(&self, error: &CallError) -> Failure {
        match error {
            CallError::Timeout => Failure::Timeout,
            error => Failure::Upstream { message: request_error(&self.method, &self.url, &error.to_string()) },
        }
    }

    /// The response broke off in its middle, when the client had begun to get it: only the log can learn of it.
    pub(crate) fn report_break(&self, basis: &Basis, error: &CallError) {
        basis.report(&self.unanswered(error), Some(StageLabel::Backend(ROUTED, None)));
    }
}
