//! One backend of an exchange: its own request, its scripts before and after the call, and what came of it.

use super::failure::Failure;
use super::task::StageTask;
use super::upstream::Outgoing;
use crate::bindings::{Half, ProxyRequest, ProxyResponse};
use crate::http::Url;
use std::cell::RefCell;
use std::rc::Rc;

/// What a leg has come to.
pub(super) type Outcome = Result<Rc<RefCell<ProxyResponse>>, Failure>;

/// One backend's part of an exchange.
pub(super) struct Leg {
    pub(super) request: Rc<RefCell<ProxyRequest>>,
    pub(super) task: Option<StageTask>,
    pub(super) half: Half,
    /// Where its request went, for the words of an error.
    pub(super) sent: Option<Sent>,
    pub(super) response: Option<Rc<RefCell<ProxyResponse>>>,
    pub(super) outcome: Option<Outcome>,
}

/// What left.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: Rc<Url>,
}

impl Leg {
    pub(super) fn new(request: Rc<RefCell<ProxyRequest>>) -> Leg {
        Leg { request, task: None, half: Half::Pre, sent: None, response: None, outcome: None }
    }

    pub(super) fn note_sent(&mut self, outgoing: &Outgoing) {
        self.sent = Some(Sent { method: outgoing.method.clone(), url: Rc::clone(&outgoing.url) });
    }
}
