//! What is known of a stream, and what is to be done when something happens on it. Asks and edits through [`StreamAccess`], and
//! never acts: that is `stream.rs`, which lends the state to nobody meanwhile. Asks only about Envoy: has the message ended,
//! is it held, may it still be edited?

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::action::{Action, Meaning};
use super::body_watch::BodyWatch;
use super::held_messages::HeldMessages;
use super::host::{Direction, StreamAccess};
use super::local_replies::local_failure;
use super::messages;
use crate::http::{Body, CallError};
use crate::pipeline::{Departure, Exchange, Input, Output, Program, Ticket};

/// A stream and the exchange that it belongs to.
pub(super) struct StreamState {
    number: u64,
    exchange: Exchange,
    watch: Rc<BodyWatch>,
    // By their tokens.
    tickets: BTreeMap<u32, Ticket>,
    messages: HeldMessages,
}

impl StreamState {
    pub(super) fn new(number: u64, program: &Rc<Program>, watch: &Rc<BodyWatch>) -> Self {
        Self {
            number,
            exchange: Exchange::new(program),
            watch: Rc::clone(watch),
            tickets: BTreeMap::new(),
            messages: HeldMessages::new(),
        }
    }

    // ---- what the host brings

    pub(super) fn request_headers(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        self.messages.body_of(Direction::Request).ended = ends;
        match messages::request(host, ends) {
            Ok(request) => Meaning::Input(Input::Request(request)),
            Err(refusal) => {
                log::error!("Envoy did not hand over the headers of a request: {refusal}");
                Meaning::Action(self.fail("lua_modifier"))
            }
        }
    }

    pub(super) fn request_body(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.messages.side == Direction::Request {
            self.body_came(host, ends)
        } else {
            Meaning::Action(Action::GoOn)
        }
    }

    pub(super) fn response_headers(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.messages.answered {
            self.messages.give_back_content_type(host);
            return Meaning::Action(Action::GoOn);
        }
        self.messages.side = Direction::Response;
        self.messages.body().ended = ends;
        if !self.exchange.awaits_response() {
            return Meaning::Action(Action::GoOn);
        }
        let body = if ends { Body::Absent } else { Body::Unread };
        let response = match host.headers(Direction::Response) {
            Ok(pairs) => Ok(messages::response(pairs, body)),
            Err(refusal) => Err(CallError::Failed(refusal.to_string())),
        };
        if let Ok(response) = &response {
            self.messages.note_response(response);
        }
        // An answer that Envoy makes in an upstream's place is never a success.
        let suspect = response.as_ref().map_or(true, |response| response.status >= 400);
        let input = match suspect.then(|| local_failure(host, &self.messages.cluster)).flatten() {
            Some(failure) => Err(failure),
            None => response,
        };
        Meaning::Input(Input::Response(input))
    }

    pub(super) fn response_body(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.messages.answered && self.messages.side == Direction::Request {
            return Meaning::Action(Action::GoOn); // our own answer passes by
        }
        let body = self.messages.body_of(Direction::Response);
        body.ended |= ends;
        if body.held { self.body_came(host, ends) } else { Meaning::Action(Action::GoOn) }
    }

    fn body_came(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        self.forget_body();
        let messages = &mut self.messages;
        messages.body().ended |= ends;
        if messages.answered {
            return Meaning::Action(Action::Stay);
        }
        if !messages.body().held {
            return Meaning::Action(Action::GoOn);
        }
        if !ends {
            return Meaning::Action(Action::Stay);
        }
        if let Some(bytes) = messages.body().replacement.take() {
            return Meaning::Action(messages.replace_body(host, &bytes));
        }
        if !messages.body().reading {
            return Meaning::Action(Action::Stay);
        }
        match messages.take_body(host) {
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
        let messages = &mut self.messages;
        let broke_off = messages.side == Direction::Response && !messages.body().ended && !messages.answered;
        if broke_off && let Some(failure) = local_failure(host, &self.messages.cluster) {
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

    /// The tokens whose replies are not waited for any more.
    pub(super) fn take_tokens(&mut self) -> impl Iterator<Item = u32> {
        std::mem::take(&mut self.tickets).into_keys()
    }

    // ---- through the exchange

    /// Tells the exchange.
    pub(super) fn tell(&mut self, host: &impl StreamAccess, input: Input) -> Output {
        if self.messages.answered { Output::Wait } else { self.exchange.handle(host.now(), input) }
    }

    /// The exchange wants the body of the message that is under way: all of it, if it has come.
    pub(super) fn read_body(&mut self, host: &impl StreamAccess) -> Result<Option<Vec<u8>>, Action> {
        let body = self.messages.body();
        if body.ended {
            return self.messages.take_body(host).map(Some);
        }
        body.reading = true;
        self.expect_body(host.now());
        Ok(None)
    }

    /// What the exchange wanted leaves for good.
    pub(super) fn depart(&mut self, host: &impl StreamAccess, departure: Departure) -> Action {
        let action = match (departure, self.exchange.client()) {
            (Departure::Send(routed), Some(client)) => self.messages.send(host, client, routed),
            (Departure::Send(_), None) => Action::GoOn,
            (Departure::Deliver(response), _) => self.messages.deliver(host, response),
            (Departure::Answer(response), _) => self.messages.answer(response, "lua_modifier"),
        };
        match action {
            Action::Answer(_) => self.forget_body(),
            // The body that is to be replaced must come first.
            Action::Stay if self.messages.body().replacement.is_some() => self.expect_body(host.now()),
            Action::Stay | Action::GoOn => {}
        }
        action
    }

    /// Ends the stream with an answer that says nothing but that it failed.
    pub(super) fn fail(&mut self, details: &'static str) -> Action {
        self.forget_body();
        self.messages.fail(details)
    }

    // ---- holding

    /// A callback of the message itself has been answered.
    pub(super) fn answered_callback(&mut self, direction: Direction, goes_on: bool) {
        self.messages.body_of(direction).held = !goes_on;
    }

    /// Which message the host must be told to resume, if any.
    pub(super) fn release(&mut self) -> Option<Direction> {
        self.messages.release()
    }

    fn expect_body(&self, now: Duration) {
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
