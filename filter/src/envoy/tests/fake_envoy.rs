//! An Envoy of one stream, as values: it brings a request, replies and a response, and notes what it is asked for. It can
//! refuse any one hostcall, and it can call back inside our calls. A hostcall after the stream's end fails the test.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use super::super::{Direction, HeadersAnswer, RawReply, Stream, Worker};
use super::fake_message::{FakeMessage, Pairs, raw_reply};
use super::fake_shared::FakeShared;

/// What the stream did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Answered { status: u16, details: String, headers: Pairs, body: Vec<u8> },
    Resumed(Direction),
    Called { cluster: String, headers: Pairs, body: Vec<u8>, timeout: Duration },
}

/// What came of the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered(u16),
    Delivered(u16, String),
    Hangs,
}

/// When the host goes on with what an act sets free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallsBack {
    /// When our callback has returned.
    Later,
    /// Inside the call that answers or lets a message go on; replies come later.
    WhenActedOn,
    /// Replies, too, come inside the call that asks for them.
    AtOnce,
    /// The client leaves while a call is sent.
    WithTheEnd,
}

pub(super) struct FakeEnvoy {
    pub(super) request: FakeMessage,
    pub(super) response: FakeMessage,
    pub(super) calls_back: CallsBack,
    /// Replies come between the headers and the body of the request.
    pub(super) replies_come_first: bool,
    /// By the path that was asked for; else it is 200 and JSON.
    pub(super) replies: BTreeMap<String, Option<RawReply>>,
    pub(super) attributes: BTreeMap<String, String>,
    /// Of all streams that are given the same.
    pub(super) shared: FakeShared,
    pub(super) now: Cell<Duration>,
    pub(super) refuses: Option<usize>,
    pub(super) hostcalls: RefCell<Vec<&'static str>>,
    pub(super) acts: RefCell<Vec<Act>>,
    // The table of an edge, for one stream.
    stream: RefCell<Option<Rc<Stream<Rc<Self>>>>>,
    pub(super) pending: RefCell<VecDeque<(u32, String)>>,
    pub(super) last_token: Cell<u32>,
    pub(super) answered: Cell<bool>,
}

impl FakeEnvoy {
    /// An Envoy that will bring a request: method, path, body.
    pub(super) fn new(method: &str, path: &str, body: &[&'static str]) -> Self {
        let headers = [(":method", method), (":path", path), (":authority", "gateway"), (":scheme", "http")];
        let response = [(":status", "200"), ("content-type", "application/json")];
        Self {
            request: FakeMessage::new(&headers, body),
            response: FakeMessage::new(&response, &["{\"a\":", "1}"]),
            calls_back: CallsBack::Later,
            replies_come_first: false,
            replies: BTreeMap::new(),
            attributes: [("source.address".to_owned(), "192.0.2.1:1234".to_owned())].into(),
            shared: FakeShared::default(),
            now: Cell::default(),
            refuses: None,
            hostcalls: RefCell::default(),
            acts: RefCell::default(),
            stream: RefCell::default(),
            pending: RefCell::default(),
            last_token: Cell::default(),
            answered: Cell::default(),
        }
    }

    /// The hostcall with this number is refused.
    pub(super) fn refusing(self, number: Option<usize>) -> Self {
        Self { refuses: number, ..self }
    }

    /// Its data is that of another, too.
    pub(super) fn sharing_with(self, shared: &FakeShared) -> Self {
        Self { shared: shared.clone(), ..self }
    }

    /// The stream begins.
    pub(super) fn open(self, worker: &Worker) -> Rc<Self> {
        let envoy = Rc::new(self);
        let stream = worker.stream(7, Rc::clone(&envoy)).unwrap();
        envoy.stream.replace(Some(Rc::new(stream)));
        envoy
    }

    /// Brings everything, to the end of the stream.
    pub(super) fn play(self, worker: &Worker) -> (Outcome, Rc<Self>) {
        let envoy = self.open(worker);
        envoy.bring_request();
        envoy.bring_replies();
        envoy.bring_body(Direction::Request);
        envoy.tick(worker);
        envoy.bring_response();
        envoy.bring_replies();
        envoy.bring_body(Direction::Response);
        envoy.tick(worker);
        let outcome = envoy.outcome();
        envoy.end();
        (outcome, envoy)
    }

    pub(super) fn stream(&self) -> Option<Rc<Stream<Rc<Self>>>> {
        self.stream.borrow().clone()
    }

    pub(super) fn is_gone(&self) -> bool {
        self.stream.borrow().is_none()
    }

    pub(super) fn answers(&self) -> Vec<(u16, String)> {
        let acts = self.acts.borrow();
        let answers = acts.iter().filter_map(|act| match act {
            Act::Answered { status, body, .. } => Some((*status, String::from_utf8(body.clone()).unwrap())),
            Act::Resumed(_) | Act::Called { .. } => None,
        });
        answers.collect()
    }

    pub(super) fn pending(&self) -> Vec<u32> {
        self.pending.borrow().iter().map(|(token, _)| *token).collect()
    }

    pub(super) fn outcome(&self) -> Outcome {
        let status = self.response.header(":status");
        match self.answers().last() {
            Some((status, _)) if self.answered.get() => Outcome::Answered(*status),
            _ if self.response.open.get() => Outcome::Delivered(status[0].parse().unwrap(), self.response.sent()),
            _ => Outcome::Hangs,
        }
    }

    // ---- what it brings

    pub(super) fn bring_request(&self) {
        let Some(stream) = self.stream() else { return };
        self.request.came.set(true);
        let answer = stream.request_headers(self.request.pieces.is_empty() && !self.request.trailers);
        self.request.note(answer == HeadersAnswer::GoOn);
        if self.replies_come_first {
            self.bring_replies();
        }
        self.bring_body(Direction::Request);
    }

    pub(super) fn bring_response(&self) {
        let Some(stream) = self.stream() else { return };
        if self.answered.get() || !self.request.open.get() || self.response.came.replace(true) {
            return;
        }
        let answer = stream.response_headers(self.response.pieces.is_empty() && !self.response.trailers);
        self.response.note(answer == HeadersAnswer::GoOn);
        self.bring_body(Direction::Response);
    }

    /// The pieces that have not come yet.
    pub(super) fn bring_body(&self, direction: Direction) {
        let message = self.message(direction);
        if direction == Direction::Response && !message.came.get() {
            return;
        }
        while message.brought.get() < message.pieces.len() && !message.is_stopped() {
            self.bring_one(direction);
        }
        if message.take_trailers()
            && let Some(stream) = self.stream().filter(|_| !self.answered.get())
        {
            let answer = match direction {
                Direction::Request => stream.request_trailers(),
                Direction::Response => stream.response_trailers(),
            };
            message.note(answer == HeadersAnswer::GoOn);
        }
    }

    /// The next piece.
    pub(super) fn bring_one(&self, direction: Direction) {
        let message = self.message(direction);
        let piece = message.pieces[message.brought.get()];
        message.brought.set(message.brought.get() + 1);
        let ends = message.brought.get() == message.pieces.len() && !message.trailers;
        let Some(stream) = self.stream().filter(|_| !self.answered.get()) else { return };
        let shown = message.takes(piece);
        let answer = match direction {
            Direction::Request => stream.request_body(shown, ends),
            Direction::Response => stream.response_body(shown, ends),
        };
        message.note_piece(answer);
    }

    /// The worker's timer: bodies that can be had whole are.
    pub(super) fn tick(&self, worker: &Worker) {
        for _ in worker.take_whole() {
            self.stream().unwrap().body_is_whole();
        }
    }

    /// A reply to each call, until no call is out.
    pub(super) fn bring_replies(&self) {
        while let Some((token, path)) = self.next_call() {
            if let Some(stream) = self.stream() {
                self.bring_reply(&stream, token, &path);
            }
        }
    }

    fn next_call(&self) -> Option<(u32, String)> {
        self.pending.borrow_mut().pop_front()
    }

    pub(super) fn bring_reply(&self, stream: &Stream<Rc<Self>>, token: u32, path: &str) {
        let json = || Some(raw_reply(&[(":status", "200"), ("content-type", "application/json")], "{\"b\":2}"));
        stream.reply(token, || {
            self.hostcall("read a reply")?;
            Ok(self.replies.get(path).map_or_else(json, |known| {
                known.as_ref().map(|reply| RawReply { headers: reply.headers.clone(), body: reply.body.clone() })
            }))
        });
    }

    /// The stream ends, if it has not yet: as an edge, it lets go of the stream first.
    pub(super) fn end(&self) {
        if let Some(stream) = self.stream() {
            stream.complete();
            self.stream.replace(None);
            stream.close();
        }
    }

    pub(super) fn message(&self, direction: Direction) -> &FakeMessage {
        match direction {
            Direction::Request => &self.request,
            Direction::Response => &self.response,
        }
    }
}
