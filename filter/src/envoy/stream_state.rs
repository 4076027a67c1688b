//! The state of a stream, and the decision what to do when something happens on it. Reads and edits through [`StreamAccess`],
//! and never acts: `stream.rs` does, while the state is not borrowed. Asks only about Envoy: has the message ended, is it held,
//! may it still be edited?

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::action::{Action, Meaning};
use super::body_watch::{BodyWatch, Late};
use super::held_messages::HeldMessages;
use super::host::{BodyAnswer, Direction, StreamAccess};
use super::local_replies::local_failure;
use super::messages;
use crate::http::{Body, CallError};
use crate::pipeline::{Departure, Exchange, Input, Output, Program, Ticket};

/// The part of a body that has come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Came {
    /// A piece. `shown`: the bytes that the host shows; `ends`: this is the last piece.
    Piece { shown: usize, ends: bool },
    /// The trailers after the body.
    Trailers,
}

/// A stream and its exchange.
pub(super) struct StreamState {
    number: u64,
    exchange: Exchange,
    watch: Rc<BodyWatch>,
    // The tickets of the calls that are out, by the calls' tokens.
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

    pub(super) fn request_body(&mut self, host: &impl StreamAccess, came: Came) -> Meaning {
        if self.messages.side == Direction::Request {
            self.body_came(host, came)
        } else {
            Meaning::Action(Action::GoOn)
        }
    }

    pub(super) fn response_headers(&mut self, host: &impl StreamAccess, ends: bool) -> Meaning {
        if self.messages.answered {
            self.messages.give_back_content_type(host);
            return Meaning::Action(Action::GoOn);
        }
        if self.messages.side == Direction::Request && self.messages.body().held {
            return Meaning::Action(self.answered_by_envoy(host));
        }
        self.messages.side = Direction::Response;
        self.messages.body().ended = ends;
        if !self.exchange.awaits_response() {
            return Meaning::Action(Action::GoOn);
        }
        let body = if ends { Body::Absent } else { Body::Unread };
        let mut response = match host.headers(Direction::Response) {
            Ok(pairs) => Ok(messages::response(pairs, body)),
            Err(refusal) => Err(CallError::Failed(refusal.to_string())),
        };
        if let Ok(response) = &mut response {
            self.messages.note_response(response);
        }
        // An answer that Envoy makes in the place of an upstream always has an error status.
        let suspect = response.as_ref().map_or(true, |response| response.status >= 400);
        let input = match suspect.then(|| local_failure(host, &self.messages.cluster)).flatten() {
            Some(failure) => Err(failure),
            None => response,
        };
        Meaning::Input(Input::Response(input))
    }

    // Envoy has answered a request that is still held, because of a body that it cannot hold or of a timeout of its own. Nothing
    // was sent to a backend, even if the exchange is over and only the body that it replaces was to come: so no failure of a
    // backend is told, and the answer passes by as it is.
    fn answered_by_envoy(&mut self, host: &impl StreamAccess) -> Action {
        if let Some(failure) = local_failure(host, &self.messages.cluster) {
            log::error!("{} Envoy answered while the request was held: {failure}", self.exchange.name());
        }
        self.forget_body();
        self.messages.answered = true;
        Action::GoOn
    }

    pub(super) fn response_body(&mut self, host: &impl StreamAccess, came: Came) -> Meaning {
        if self.messages.answered && self.messages.side == Direction::Request {
            return Meaning::Action(Action::GoOn); // the answer passes by
        }
        let body = self.messages.body_of(Direction::Response);
        body.ended |= !matches!(came, Came::Piece { ends: false, .. });
        if body.held { self.body_came(host, came) } else { Meaning::Action(Action::GoOn) }
    }

    fn body_came(&mut self, host: &impl StreamAccess, came: Came) -> Meaning {
        self.forget_body();
        let messages = &mut self.messages;
        let body = messages.body();
        match came {
            Came::Piece { shown, ends } => body.piece_came(shown, ends),
            Came::Trailers => body.ended = true,
        }
        if messages.answered {
            return Meaning::Action(Action::Stay);
        }
        let body = messages.body();
        if !body.held {
            return Meaning::Action(Action::GoOn);
        }
        if !body.is_wanted() {
            return Meaning::Action(Action::Stay);
        }
        if body.is_in_sight() {
            return self.body_in_sight(host);
        }
        // The answer to this piece (`Hold`) brings all pieces into sight: for the next callback, or, after the last piece, for
        // the next tick.
        match came {
            Came::Piece { ends: false, .. } => {}
            Came::Piece { ends: true, .. } => self.watch.is_whole(self.number),
            Came::Trailers => return Meaning::Action(messages.fail_out_of_sight(self.exchange.body_limit())),
        }
        Meaning::Action(Action::Stay)
    }

    /// The body that the exchange waits for, or that is replaced, has ended, and the callback of its last piece has returned.
    pub(super) fn body_is_whole(&mut self, host: &impl StreamAccess) -> Meaning {
        let answered = self.messages.answered;
        let body = self.messages.body();
        let is_whole = body.ended && body.held && body.is_wanted() && body.is_in_sight() && !answered;
        if is_whole { self.body_in_sight(host) } else { Meaning::Action(Action::Stay) }
    }

    // Hostcalls reach all pieces that have come.
    fn body_in_sight(&mut self, host: &impl StreamAccess) -> Meaning {
        let messages = &mut self.messages;
        let body = messages.body();
        if !body.ended {
            let replaced = body.replacement.is_some();
            return Meaning::Action(if replaced { messages.empty_body(host) } else { Action::Stay });
        }
        if let Some(bytes) = body.replacement.take() {
            return Meaning::Action(messages.replace_body(host, &bytes));
        }
        match messages.take_body(host) {
            Ok(bytes) => Meaning::Input(Input::Body(bytes)),
            Err(action) => Meaning::Action(action),
        }
    }

    /// The time for the body has run out.
    pub(super) fn body_is_late(&mut self) -> Action {
        self.fail("lua_modifier_no_body")
    }

    /// The stream has ended, whether its messages were complete or not.
    pub(super) fn complete(&mut self, host: &impl StreamAccess) {
        // For an upstream that breaks off in the middle of its response, Envoy itself answers, or leaves the client with a part
        // of the response.
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

    /// Takes the tokens of the calls whose replies nothing waits for any more.
    pub(super) fn take_tokens(&mut self) -> impl Iterator<Item = u32> {
        std::mem::take(&mut self.tickets).into_keys()
    }

    // ---- through the exchange

    pub(super) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Tells the exchange, unless the stream has been answered.
    pub(super) fn tell(&mut self, host: &impl StreamAccess, input: Input) -> Output {
        if self.messages.answered { Output::Wait } else { self.exchange.handle(host.now(), input) }
    }

    /// Reads the whole body of the message that is under way for the exchange; `None` if it has not ended yet.
    pub(super) fn read_body(&mut self, host: &impl StreamAccess) -> Result<Option<Input>, Action> {
        let limit = self.exchange.body_limit();
        let body = self.messages.body();
        match (body.is_in_sight(), body.ended) {
            (true, true) => self.messages.take_body(host).map(|bytes| Some(Input::Body(bytes))),
            (false, _) if body.exceeds(limit) => Ok(Some(Input::BodyTooLarge)),
            (false, true) => Err(self.messages.fail_out_of_sight(limit)),
            (_, false) => {
                body.reading = true;
                self.expect_body(host.now());
                Ok(None)
            }
        }
    }

    /// Carries out the exchange's final result.
    #[inline(never)] // V8 takes much memory to compile a large function.
    pub(super) fn depart(&mut self, host: &impl StreamAccess, departure: Departure) -> Action {
        let limit = self.exchange.body_limit();
        let action = match (departure, self.exchange.client()) {
            (Departure::Send(routed), Some(client)) => self.messages.send(host, client, *routed, limit),
            (Departure::Send(_), None) => Action::GoOn,
            (Departure::Deliver(response), _) => self.messages.deliver(host, response, limit),
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

    /// Ends the stream with an empty answer of status 500.
    pub(super) fn fail(&mut self, details: &'static str) -> Action {
        self.forget_body();
        self.messages.fail(details)
    }

    // ---- holding

    /// A callback of a message's headers or trailers has been answered.
    pub(super) fn answered_callback(&mut self, direction: Direction, goes_on: bool) {
        let body = self.messages.body_of(direction);
        if goes_on {
            body.released();
        } else {
            body.held = true;
        }
    }

    /// Says what becomes of the piece of a body whose callback runs.
    pub(super) fn answer_piece(&mut self, direction: Direction, goes_on: bool) -> BodyAnswer {
        let limit = self.exchange.body_limit();
        let answered = self.messages.answered;
        self.messages.body_of(direction).answer(goes_on, answered, limit)
    }

    /// The message that the host must be told to resume, if any.
    pub(super) fn release(&mut self) -> Option<Direction> {
        self.messages.release()
    }

    fn expect_body(&mut self, now: Duration) {
        let until = now.saturating_add(self.exchange.time_left(now));
        let late = Late { whose: self.exchange.name(), came: self.messages.body().size };
        self.watch.expect(self.number, until, late);
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
