//! What is known of a stream, and what is to be done when something happens on it. Asks and edits through [`StreamAccess`], and
//! never acts: that is `stream.rs`, which lends the state to nobody meanwhile. Asks only about Envoy: has the message ended,
//! is it held, may it still be edited?

use super::body_state::BodyState;
use super::body_watch::BodyWatch;
use super::host::{Direction, Refusal, StreamAccess};
use super::local_replies::local_failure;
use super::messages;
use crate::http::{Body, CallError, Headers, Response};
use crate::pipeline::{Departure, Exchange, Input, Output, Program, Ticket};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// What is to be done on a stream.
#[derive(Debug)]
pub(super) enum Action {
    /// The message that is under way stays, held or on its way as it is.
    Stay,
    /// It may go on.
    GoOn,
    /// The client gets this in the place of any response.
    Answer(LocalAnswer),
}

/// What it means that something came.
#[derive(Debug)]
pub(super) enum Meaning {
    /// The exchange is to be told.
    Input(Input),
    /// It is none of the exchange's business.
    Action(Action),
}

/// An answer of ours.
#[derive(Debug)]
pub(super) struct LocalAnswer {
    pub(super) response: Response,
    /// For Envoy's access log.
    pub(super) details: &'static str,
}

/// A stream and the exchange that it belongs to.
pub(super) struct StreamState {
    number: u64,
    pub(super) exchange: Exchange,
    watch: Rc<BodyWatch>,
    // As it came, to tell what has changed. The request is the exchange's.
    pub(super) response: Option<OriginalResponse>,
    // Where the request went.
    pub(super) cluster: String,
    // By their tokens.
    tickets: BTreeMap<u32, Ticket>,
    // Which message is under way.
    side: Direction,
    request_body: BodyState,
    response_body: BodyState,
    pub(super) answered: bool,
    // Envoy takes the content type away from an answer without a body; it can be given back when the answer passes by.
    pub(super) content_type: Option<Vec<u8>>,
}

/// What a response was before anybody changed it.
pub(super) struct OriginalResponse {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) has_body: bool,
}

impl StreamState {
    pub(super) fn new(number: u64, program: &Rc<Program>, watch: &Rc<BodyWatch>) -> Self {
        Self {
            number,
            exchange: Exchange::new(program),
            watch: Rc::clone(watch),
            response: None,
            cluster: String::new(),
            tickets: BTreeMap::new(),
            side: Direction::Request,
            request_body: BodyState::default(),
            response_body: BodyState::default(),
            answered: false,
            content_type: None,
        }
    }

    // ---- what the host brings

    pub(super) fn request_headers(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        self.request_body.ended = ends;
        match messages::request(host, ends) {
            Ok(request) => Meaning::Input(Input::Request(request)),
            Err(refusal) => {
                log::error!("Envoy did not hand over the headers of a request: {refusal}");
                Meaning::Action(self.fail("lua_modifier"))
            }
        }
    }

    pub(super) fn request_body(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.side == Direction::Request { self.body_came(host, ends) } else { Meaning::Action(Action::GoOn) }
    }

    pub(super) fn response_headers(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.answered {
            self.give_back_content_type(host);
            return Meaning::Action(Action::GoOn);
        }
        self.side = Direction::Response;
        self.response_body.ended = ends;
        if !self.exchange.awaits_response() {
            return Meaning::Action(Action::GoOn);
        }
        let body = if ends { Body::Absent } else { Body::Unread };
        let response = match host.headers(Direction::Response) {
            Ok(pairs) => Ok(messages::response(pairs, body)),
            Err(refusal) => Err(CallError::Failed(refusal.to_string())),
        };
        self.response = response.as_ref().ok().map(|response| OriginalResponse {
            status: response.status,
            headers: response.headers.clone(),
            has_body: !ends,
        });
        // An answer that Envoy makes in an upstream's place is never a success.
        let suspect = response.as_ref().map_or(true, |response| response.status >= 400);
        let input = match suspect.then(|| local_failure(host, &self.cluster)).flatten() {
            Some(failure) => Err(failure),
            None => response,
        };
        Meaning::Input(Input::Response(input))
    }

    pub(super) fn response_body(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.answered && self.side == Direction::Request {
            return Meaning::Action(Action::GoOn); // our own answer passes by
        }
        self.response_body.ended |= ends;
        if self.response_body.held { self.body_came(host, ends) } else { Meaning::Action(Action::GoOn) }
    }

    fn body_came(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        self.forget_body();
        let body = self.body();
        body.ended |= ends;
        let held = body.held;
        if self.answered {
            return Meaning::Action(Action::Stay);
        }
        if !held {
            return Meaning::Action(Action::GoOn);
        }
        if !ends {
            return Meaning::Action(Action::Stay);
        }
        if let Some(bytes) = self.body().replacement.take() {
            return Meaning::Action(self.replace_body(host, &bytes));
        }
        if !self.body().reading {
            return Meaning::Action(Action::Stay);
        }
        match self.take_body(host) {
            Ok(bytes) => Meaning::Input(Input::Body(bytes)),
            Err(action) => Meaning::Action(action),
        }
    }

    /// The time of a body that is waited for is over.
    pub(super) fn body_is_late(&mut self) -> Action {
        self.fail("lua_modifier_no_body")
    }

    /// The stream is through, whether it came to its end or broke off.
    pub(super) fn complete(&mut self, host: &impl StreamAccess) {
        // Envoy itself answers for an upstream that breaks off in the middle of its response, or leaves the client half of it.
        let broke_off = self.side == Direction::Response && !self.response_body.ended && !self.answered;
        if broke_off && let Some(failure) = local_failure(host, &self.cluster) {
            self.exchange.broke_off(&failure);
        }
    }

    // ---- calls

    pub(super) fn sent(&mut self, token: u32, ticket: Ticket) {
        self.tickets.insert(token, ticket);
    }

    pub(super) fn take_ticket(&mut self, token: u32) -> Option<Ticket> {
        self.tickets.remove(&token)
    }

    // ---- through the exchange

    /// Tells the exchange.
    pub(super) fn tell(&mut self, host: &impl StreamAccess, input: Input) -> Output {
        if self.answered { Output::Wait } else { self.exchange.handle(host.now(), input) }
    }

    /// The exchange wants the body of the message that is under way: all of it, if it has come.
    pub(super) fn read_body(&mut self, host: &impl StreamAccess) -> Result<Option<Vec<u8>>, Action> {
        if self.body().ended {
            return self.take_body(host).map(Some);
        }
        self.body().reading = true;
        self.expect_body(host.now());
        Ok(None)
    }

    /// What the exchange wanted leaves for good.
    pub(super) fn depart(&mut self, host: &impl StreamAccess, departure: Departure) -> Action {
        match departure {
            Departure::Send(routed) => self.send(host, routed),
            Departure::Deliver(response) => self.deliver(host, response),
            Departure::Answer(response) => self.answer(response, "lua_modifier"),
        }
    }

    fn take_body(&mut self, host: &impl StreamAccess) -> Result<Vec<u8>, Action> {
        self.body().reading = false;
        host.body(self.side).map_err(|refusal: Refusal| {
            log::error!("Envoy did not hand over the body: {refusal}");
            self.fail("lua_modifier")
        })
    }

    // ---- holding

    /// A callback of the message itself has been answered.
    pub(super) fn answered_callback(&mut self, direction: Direction, goes_on: bool) {
        self.body_of(direction).held = !goes_on;
    }

    /// Which message the host must be told to resume; none where it is not held, or nothing may follow our answer.
    pub(super) fn release(&mut self) -> Option<Direction> {
        let releases = self.body().held && !self.answered;
        releases.then(|| {
            self.body().held = false;
            self.side
        })
    }

    pub(super) fn body(&mut self) -> &mut BodyState {
        self.body_of(self.side)
    }

    fn body_of(&mut self, direction: Direction) -> &mut BodyState {
        match direction {
            Direction::Request => &mut self.request_body,
            Direction::Response => &mut self.response_body,
        }
    }

    pub(super) fn side(&self) -> Direction {
        self.side
    }

    pub(super) fn expect_body(&self, now: Duration) {
        let until = now.saturating_add(self.exchange.time_left(now));
        self.watch.expect(self.number, until, self.exchange.name());
    }

    pub(super) fn forget_body(&self) {
        self.watch.forget(self.number);
    }
}

impl Drop for StreamState {
    fn drop(&mut self) {
        self.forget_body();
    }
}
