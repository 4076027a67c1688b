//! One stream of Envoy's. The host tells what happened; the state says what is to be done, and this file does it. No borrow of
//! the state outlives the step that needs it, so that a host may call back inside an act: with a body, with a reply, or with
//! the stream's end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::action::{Action, LocalAnswer, Meaning};
use super::body_watch::BodyWatch;
use super::host::{BodyAnswer, Direction, HeadersAnswer, Host, Refusal};
use super::local_replies;
use super::messages::{self, RawReply};
use super::metadata::{self, METADATA};
use super::shadows::Shadows;
use super::stream_state::{Came, StreamState};
use crate::http::{Call, CallError, Response, frames_the_body};
use crate::pipeline::{Carrier, Draw, Input, Output, Program, Ticket, carry_out};

/// One stream. An edge keeps it in an `Rc`, and holds another `Rc` during each callback: a host may delete the stream inside
/// the callback.
pub struct Stream<H: Host> {
    host: H,
    state: RefCell<StreamState>,
    // The worker's shadows.
    shadows: Rc<Shadows>,
    closed: Cell<bool>,
    // A call is being sent: a reply that comes now may have a token that is not known yet.
    dispatching: Cell<bool>,
    early: RefCell<Vec<(u32, Result<Response, CallError>)>>,
}

impl<H: Host> Stream<H> {
    pub(super) fn new(
        host: H,
        number: u64,
        program: &Rc<Program>,
        watch: &Rc<BodyWatch>,
        shadows: &Rc<Shadows>,
    ) -> Self {
        Self {
            host,
            state: RefCell::new(StreamState::new(number, program, watch)),
            shadows: Rc::clone(shadows),
            closed: Cell::new(false),
            dispatching: Cell::new(false),
            early: RefCell::default(),
        }
    }

    /// The client's headers have come. `ends`: nothing follows them.
    pub fn request_headers(&self, ends: bool) -> HeadersAnswer {
        self.callback(Direction::Request, |state| state.request_headers(&self.host, ends))
    }

    /// A piece of the client's body has come. `shown`: the bytes that the host shows; `ends`: this is the last piece.
    pub fn request_body(&self, shown: usize, ends: bool) -> BodyAnswer {
        let came = Came::Piece { shown, ends };
        self.piece(Direction::Request, |state| state.request_body(&self.host, came))
    }

    /// The client's trailers have come, and the body has ended.
    pub fn request_trailers(&self) -> HeadersAnswer {
        self.callback(Direction::Request, |state| state.request_body(&self.host, Came::Trailers))
    }

    /// The headers of a response have come, either from the upstream or made by Envoy.
    pub fn response_headers(&self, ends: bool) -> HeadersAnswer {
        self.callback(Direction::Response, |state| state.response_headers(&self.host, ends))
    }

    /// A piece of the response's body has come. `shown`: the bytes that the host shows; `ends`: this is the last piece.
    pub fn response_body(&self, shown: usize, ends: bool) -> BodyAnswer {
        let came = Came::Piece { shown, ends };
        self.piece(Direction::Response, |state| state.response_body(&self.host, came))
    }

    /// The response's trailers have come, and its body has ended.
    pub fn response_trailers(&self) -> HeadersAnswer {
        self.callback(Direction::Response, |state| state.response_body(&self.host, Came::Trailers))
    }

    /// The reply to a call has come, or will not come (`None`). `read` is only called if the stream waits for this reply, or
    /// while a call is being sent.
    pub fn reply(&self, token: u32, read: impl FnOnce() -> Result<Option<RawReply>, Refusal>) {
        if self.dispatching.get() {
            self.early.borrow_mut().push((token, local_replies::reply(read())));
            return;
        }
        let Some(ticket) = self.with(|state| state.take_ticket(token)).flatten() else { return };
        if self.tell(Input::Reply(ticket, local_replies::reply(read()))) {
            self.resume();
        }
    }

    /// Are there shadows that must be played ([`Shadows::play`])?
    pub fn has_shadows(&self) -> bool {
        self.shadows.has_news()
    }

    /// The body that the stream waits for did not come in time ([`Worker::tick`](super::Worker::tick) says so).
    pub fn body_is_late(&self) {
        if let Some(action) = self.with(StreamState::body_is_late) {
            self.act(&action);
        }
    }

    /// The body that the stream waits for can be had whole ([`Worker::take_whole`](super::Worker::take_whole) says so).
    pub fn body_is_whole(&self) {
        if self.happens(|state| state.body_is_whole(&self.host)) {
            self.resume();
        }
    }

    /// The stream has ended; its attributes can still be read.
    pub fn complete(&self) {
        self.with(|state| state.complete(&self.host));
    }

    /// The stream is gone: the host must not be called any more. Gives the tokens of the calls whose replies nothing waits for.
    pub fn close(&self) -> Vec<u32> {
        let tokens = self.with(|state| {
            state.forget_body();
            state.take_tokens().collect()
        });
        self.closed.set(true);
        tokens.unwrap_or_default()
    }

    // Headers or trailers have come; the callback's answer says what becomes of them.
    fn callback(&self, direction: Direction, happened: impl FnOnce(&mut StreamState) -> Meaning) -> HeadersAnswer {
        let goes_on = self.happens(happened);
        self.with(|state| state.answered_callback(direction, goes_on));
        if goes_on { HeadersAnswer::GoOn } else { HeadersAnswer::Hold }
    }

    // The same for a piece of a body.
    fn piece(&self, direction: Direction, happened: impl FnOnce(&mut StreamState) -> Meaning) -> BodyAnswer {
        let goes_on = self.happens(happened);
        let gone = if goes_on { BodyAnswer::GoOn } else { BodyAnswer::Discard };
        self.with(|state| state.answer_piece(direction, goes_on)).unwrap_or(gone)
    }

    // An event of a message. Gives `true` if the message may go on.
    fn happens(&self, happened: impl FnOnce(&mut StreamState) -> Meaning) -> bool {
        // An event for a stream that is gone has no effect.
        match self.with(happened) {
            None => true,
            Some(Meaning::Input(input)) => self.tell(input),
            Some(Meaning::Action(action)) => self.act(&action),
        }
    }

    // A short look at the state. `look` never acts, so the host cannot call back while the state is borrowed.
    fn with<T>(&self, look: impl FnOnce(&mut StreamState) -> T) -> Option<T> {
        if self.closed.get() {
            return None;
        }
        match self.state.try_borrow_mut() {
            Ok(mut state) => Some(look(&mut state)),
            Err(_) => {
                log::error!("Envoy called back where it was only asked for something");
                None
            }
        }
    }

    // Tells the exchange, and carries out its answer. Gives `true` if the message may go on.
    fn tell(&self, input: Input) -> bool {
        let mut carrier = StreamCarrier { stream: self, refused: None };
        let action = match carry_out(&mut carrier, input) {
            Some(departure) => self.with(|state| state.depart(&self.host, departure)),
            None => carrier.refused,
        };
        action.is_some_and(|action| self.act(&action))
    }

    fn act(&self, action: &Action) -> bool {
        match action {
            Action::GoOn => true,
            Action::Stay => false,
            Action::Answer(answer) => {
                self.answer(answer);
                false
            }
        }
    }

    fn answer(&self, answer: &LocalAnswer) {
        let LocalAnswer { response, details } = answer;
        // Envoy writes the length itself.
        let headers: Vec<(&str, &[u8])> = response.headers.iter().filter(|(name, _)| !frames_the_body(name)).collect();
        let Err(refusal) = self.host.answer(response.status, details, &headers, response.body.bytes()) else { return };
        log::error!("Envoy refused an answer with status {}: {refusal}", response.status);
        if self.closed.get() {
            return;
        }
        // Without any answer the client would wait for ever.
        if let Err(refusal) = self.host.answer(500, "lua_modifier_refused", &[], &[]) {
            log::error!("Envoy refused a bare 500, too: {refusal}");
        }
    }

    // Outside the message's own callbacks, the host must be told that the message goes on.
    fn resume(&self) {
        let Some(direction) = self.with(StreamState::release).flatten() else { return };
        if let Err(refusal) = self.host.resume(direction) {
            log::error!("Envoy did not let the message go on: {refusal}");
            // Else the message would be held for ever.
            if let Some(action) = self.with(|state| state.fail("lua_modifier_refused")) {
                self.act(&action);
            }
        }
    }
}

/// A stream as the exchange's carrier.
struct StreamCarrier<'a, H: Host> {
    stream: &'a Stream<H>,
    // The action to take if the host did not hand over the body.
    refused: Option<Action>,
}

impl<H: Host> Carrier for StreamCarrier<'_, H> {
    fn tell(&mut self, input: Input) -> Option<Output> {
        self.stream.with(|state| state.tell(&self.stream.host, input))
    }

    fn read_body(&mut self) -> Option<Input> {
        match self.stream.with(|state| state.read_body(&self.stream.host))? {
            Ok(input) => input,
            Err(action) => {
                self.refused = Some(action);
                None
            }
        }
    }

    fn part(&mut self) {
        let stream = self.stream;
        stream.with(|state| stream.shadows.take(state.exchange(), stream.host.now()));
    }

    fn verified(&mut self, provider: &str) -> Option<Vec<u8>> {
        let all = self.stream.with(|_| self.stream.host.attribute(&METADATA).ok()).flatten()?;
        metadata::verified(&all, provider).map(<[u8]>::to_vec)
    }

    fn draw(&mut self, draw: &Draw) -> bool {
        let host = &self.stream.host;
        let address = || Some(messages::client_address(host).as_bytes().to_vec());
        self.stream.with(|state| state.exchange().pool().draw(host, draw, address)).unwrap_or(false)
    }

    fn dispatch(&mut self, ticket: Ticket, call: Call) -> Vec<Input> {
        let stream = self.stream;
        if stream.closed.get() {
            return Vec::new();
        }
        stream.dispatching.set(true);
        let sent = messages::dispatch(&stream.host, &call);
        stream.dispatching.set(false);
        let mut at_once = Vec::new();
        match sent {
            Ok(token) => drop(stream.with(|state| state.sent(token, ticket))),
            Err(error) => at_once.push(Input::Reply(ticket, Err(error))),
        }
        for (token, reply) in stream.early.take() {
            let ticket = stream.with(|state| state.take_ticket(token)).flatten();
            at_once.extend(ticket.map(|ticket| Input::Reply(ticket, reply)));
        }
        at_once
    }
}
