//! One backend's part of an exchange: its own request, its stage, and how far it has come.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bindings::{Half, ProxyRequest, ProxyResponse};
use crate::http::{CallError, Url};
use crate::pipeline::basis::{Basis, StageLabel};
use crate::pipeline::failure::Failure;
use crate::pipeline::format::go_text::request_error;
use crate::pipeline::stage::StageTask;

/// What a leg has come to.
pub(super) type Outcome = Result<Rc<RefCell<ProxyResponse>>, Failure>;

/// One backend's part of an exchange.
pub(super) struct Leg {
    pub(super) request: Rc<RefCell<ProxyRequest>>,
    // Boxed: most backends have none, and one under way is large.
    pub(super) task: Option<Box<StageTask>>,
    pub(super) state: LegState,
}

/// How far a leg has come.
pub(super) enum LegState {
    /// Its request is being made; `pre` runs.
    Pre,
    /// Its request has left.
    Away(Rc<Sent>),
    /// Its response is here; `post` runs.
    Post(Rc<RefCell<ProxyResponse>>),
    /// It is over.
    Ended(Outcome),
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
        Self { request, task: None, state: LegState::Pre }
    }

    /// What came of it, once it is over.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            LegState::Ended(outcome) => Some(outcome),
            LegState::Pre | LegState::Away(_) | LegState::Post(_) => None,
        }
    }

    /// How the log names the place of a failure: the half only where a script failed.
    pub(super) fn label(&self, index: usize, failure: &Failure) -> StageLabel {
        let half = match self.state {
            LegState::Post(_) => Half::Post,
            LegState::Pre | LegState::Away(_) | LegState::Ended(_) => Half::Pre,
        };
        StageLabel::Backend(index, failure.is_of_script().then_some(half))
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
