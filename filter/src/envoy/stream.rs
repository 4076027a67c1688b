//! One stream of Envoy's: the host tells what happened, and what the state says is to be done is done here. No borrow of the
//! state outlives the step that needs it, so that a host may call back inside an act: with a body, a reply, the stream's end.

use super::body_watch::BodyWatch;
use super::host::{BodyAnswer, Direction, HeadersAnswer, Host, Refusal};
use super::local_replies;
use super::messages::{self, RawReply};
use super::stream_state::{Action, LocalAnswer, StreamState};
use crate::http::{Call, CallError, Response};
use crate::pipeline::{Input, Program, Ticket};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// One stream. An edge keeps it in an `Rc` and holds one of its own for the length of each callback: a host may delete the
/// stream inside of it.
pub struct Stream<H: Host> {
    host: H,
    state: RefCell<StreamState>,
    closed: Cell<bool>,
    // A call is being sent: a reply that comes now may belong to a token that is not known yet.
    dispatching: Cell<bool>,
    early: RefCell<Vec<(u32, Result<Response, CallError>)>>,
}

impl<H: Host> Stream<H> {
    pub(super) fn new(host: H, number: u64, program: &Rc<Program>, watch: &Rc<BodyWatch>) -> Stream<H> {
        Stream {
            host,
            state: RefCell::new(StreamState::new(number, program, watch)),
            closed: Cell::new(false),
            dispatching: Cell::new(false),
            early: RefCell::default(),
        }
    }

    /// The client's headers have come; `ends`: and nothing follows them.
    pub fn request_headers(&self, ends: bool) -> HeadersAnswer {
        self.callback(Direction::Request, |state| state.request_headers(&self.host, ends))
    }

    /// A piece of the client's body has come; `ends`: the last one.
    pub fn request_body(&self, ends: bool) -> BodyAnswer {
        self.callback(Direction::Request, |state| state.request_body(&self.host, ends)).into()
    }

    /// The client's trailers have come, and the body has ended.
    pub fn request_trailers(&self) -> HeadersAnswer {
        self.callback(Direction::Request, |state| state.request_body(&self.host, true))
    }

    /// The headers of a response have come: the upstream's, or one that Envoy made.
    pub fn response_headers(&self, ends: bool) -> HeadersAnswer {
        self.callback(Direction::Response, |state| state.response_headers(&self.host, ends))
    }

    /// A piece of the response's body has come; `ends`: the last one.
    pub fn response_body(&self, ends: bool) -> BodyAnswer {
        self.callback(Direction::Response, |state| state.response_body(&self.host, ends)).into()
    }

    /// The response's trailers have come, and its body has ended.
    pub fn response_trailers(&self) -> HeadersAnswer {
        self.callback(Direction::Response, |state| state.response_body(&self.host, true))
    }

    /// The reply to a call has come, or is known not to come (`None`). It is only read if somebody waits for it.
    pub fn reply(&self, token: u32, read: impl FnOnce() -> Result<Option<RawReply>, Refusal>) {
        if self.dispatching.get() {
            self.early.borrow_mut().push((token, local_replies::reply(read())));
            return;
        }
        let Some(ticket) = self.with(|state| state.take_ticket(token)).flatten() else { return };
        let input = Input::Reply(ticket, local_replies::reply(read()));
        if self.with(|state| state.take_in(&self.host, input)).is_some_and(|action| self.carry_out(action)) {
            self.resume();
        }
    }

    /// A body that is waited for did not come in time ([`Worker::tick`](super::Worker::tick) says so).
    pub fn body_is_late(&self) {
        if let Some(action) = self.with(StreamState::body_is_late) {
            self.carry_out(action);
        }
    }

    /// The stream is through; its attributes can still be read.
    pub fn complete(&self) {
        self.with(|state| state.complete(&self.host));
    }

    /// The stream is gone: the host is not asked for anything any more, and told nothing.
    pub fn close(&self) {
        self.with(|state| state.forget_body());
        self.closed.set(true);
    }

    // Something happened to a message: what becomes of it is the callback's answer.
    fn callback(&self, direction: Direction, happened: impl FnOnce(&mut StreamState) -> Action) -> HeadersAnswer {
        // What a stream that is gone is told comes to nothing.
        let Some(action) = self.with(happened) else { return HeadersAnswer::GoOn };
        let goes_on = self.carry_out(action);
        self.with(|state| state.answered_callback(direction, goes_on));
        if goes_on { HeadersAnswer::GoOn } else { HeadersAnswer::Hold }
    }

    // A short look at the state. Nothing in it acts, so nothing can come back while it is borrowed.
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

    // Acts until nothing is left to be done. `true`: the message may go on.
    fn carry_out(&self, mut action: Action) -> bool {
        let mut inputs = VecDeque::new();
        loop {
            match action {
                Action::GoOn => return true,
                Action::Answer(answer) => {
                    self.answer(&answer);
                    return false;
                }
                Action::Dispatch(calls) => self.dispatch(calls, &mut inputs),
                Action::Stay => {}
            }
            let Some(input) = inputs.pop_front() else { return false };
            let Some(next) = self.with(|state| state.take_in(&self.host, input)) else { return false };
            action = next;
        }
    }

    // Sends calls. The replies that came at once, and the refusals, are told next.
    fn dispatch(&self, calls: Vec<(Ticket, Call)>, inputs: &mut VecDeque<Input>) {
        for (ticket, call) in calls {
            if self.closed.get() {
                return;
            }
            self.dispatching.set(true);
            let sent = messages::dispatch(&self.host, &call);
            self.dispatching.set(false);
            match sent {
                Ok(token) => drop(self.with(|state| state.sent(token, ticket))),
                Err(error) => inputs.push_back(Input::Reply(ticket, Err(error))),
            }
            for (token, reply) in self.early.take() {
                let ticket = self.with(|state| state.take_ticket(token)).flatten();
                inputs.extend(ticket.map(|ticket| Input::Reply(ticket, reply)));
            }
        }
    }

    fn answer(&self, answer: &LocalAnswer) {
        let LocalAnswer { response, details } = answer;
        // Envoy writes the length itself.
        let framed = |name: &str| matches!(name, "content-length" | "transfer-encoding");
        let headers: Vec<(&str, &[u8])> = response.headers.iter().filter(|(name, _)| !framed(name)).collect();
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

    // Outside the callbacks of the message itself, the host must be told that it goes on.
    fn resume(&self) {
        let Some(direction) = self.with(StreamState::release).flatten() else { return };
        if let Err(refusal) = self.host.resume(direction) {
            log::error!("Envoy did not let the message go on: {refusal}");
            // It would be held for ever.
            if let Some(action) = self.with(|state| state.fail("lua_modifier_refused")) {
                self.carry_out(action);
            }
        }
    }
}
