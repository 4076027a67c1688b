//! Makes the story from the host's trace, the module's events in it, and the requests that came to backends, in one order.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use host_sim::{Call, Entry, Event, LogLevel, Request, StreamId, Trace};

use super::Place;
use super::backends::{Asked, Fault};
use super::changes;
use super::messages::{Message, pairs};
use super::observed::{self, Begins, FUNCTION, Messages, Told};
use super::story::{Edited, Failure, Half, Happening, LogLine, Note, Received, Sent, Story};
use crate::document::Document;

/// A story in the making, and the data that it is made from.
pub(crate) struct Teller<'a> {
    document: &'a Document,
    trace: &'a Trace,
    /// The stream that the story is about; none: the stream of the client's own request.
    stream: Option<StreamId>,
    /// The requests that came to backends and are not in a story yet.
    asked: Rc<RefCell<Vec<Asked>>>,
    story: Story,
    began: Duration,
    /// For each stage, the half that runs now or ran last, with its place in the story.
    halves: BTreeMap<i64, Running>,
    /// Requests that the module has announced and that have not left yet.
    leaving: VecDeque<Leaving>,
    /// The backend whose request leaves along Envoy's route.
    routed: Option<i64>,
    /// The stage that began to wait last.
    asking: Option<i64>,
    /// Prints that will come as log lines too.
    printed: VecDeque<String>,
    /// Bodies that arrived, from the client or from backends.
    bodies: Rc<[String]>,
}

struct Running {
    place: usize,
    since: Duration,
    before: Messages,
}

struct Leaving {
    purpose: String,
    backend: Option<i64>,
    stage: Option<i64>,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(document: &'a Document, request: &Request, asked: Vec<Asked>, trace: &'a Trace) -> Self {
        let bodies = asked.iter().filter_map(|asked| Some(asked.answer.as_ref().ok()?.body.clone()));
        let inner = trace.events().filter_map(|event| match event {
            Event::CameBack { stream, .. } => Some(delivered(trace, *stream)?.1.text()),
            _ => None,
        });
        Teller {
            document,
            trace,
            stream: None,
            bodies: std::iter::once(request.text()).chain(bodies).chain(inner).collect(),
            asked: Rc::new(RefCell::new(asked)),
            story: Story::default(),
            began: Duration::ZERO,
            halves: BTreeMap::new(),
            leaving: VecDeque::new(),
            routed: None,
            asking: None,
            printed: VecDeque::new(),
        }
    }

    /// Tells the whole story. Lines from the module's start come first.
    pub(crate) fn tell(mut self, start: &Trace) -> Story {
        start.entries.iter().for_each(|entry| self.log(&entry.event));
        self.began = self.trace.entries.first().map(|entry| entry.at).unwrap_or_default();
        self.hear_all()
    }

    fn hear_all(mut self) -> Story {
        let inner: BTreeSet<StreamId> = self.came_back().map(|(_, stream)| stream).collect();
        let is_told = |entry: &&Entry| match self.stream {
            Some(_) => entry.stream == self.stream,
            None => entry.stream.is_none_or(|stream| !inner.contains(&stream)),
        };
        let told: Vec<&Entry> = self.trace.entries.iter().filter(is_told).collect();
        told.iter().for_each(|entry| self.hear(entry));
        self.story.response = told.iter().rev().find_map(|entry| match &entry.event {
            Event::Delivered(response) => Some(Message::new(response)),
            _ => None,
        });
        self.story
    }

    /// The gateway's requests to itself: a call's token or the stream that the request left, and the stream that it became.
    fn came_back(&self) -> impl Iterator<Item = (Result<u32, Option<StreamId>>, StreamId)> {
        self.trace.entries.iter().filter_map(|entry| match entry.event {
            Event::CameBack { token, stream } => Some((token.ok_or(entry.stream), stream)),
            _ => None,
        })
    }

    /// The story of a request that went to the gateway itself, and the answer to it.
    fn inner(&self, of: Result<u32, Option<StreamId>>, left: Duration) -> Option<(Story, Received)> {
        let (_, stream) = self.came_back().find(|(from, _)| *from == of)?;
        let teller = Teller {
            document: self.document,
            trace: self.trace,
            stream: Some(stream),
            asked: Rc::clone(&self.asked),
            story: Story::default(),
            began: self.began,
            halves: BTreeMap::new(),
            leaving: VecDeque::new(),
            routed: None,
            asking: None,
            printed: VecDeque::new(),
            bodies: Rc::clone(&self.bodies),
        };
        let story = teller.hear_all();
        let took = delivered(self.trace, stream).map_or(Duration::ZERO, |(at, _)| at.saturating_sub(left));
        let fault = story.response.is_none().then_some(Fault::Reset);
        let answer = Received { delay_ms: millis(took), rule: None, fault, response: story.response.clone() };
        Some((story, answer))
    }

    /// Takes out a request that came to a backend, so that it is told only once.
    fn take_asked(&self, is_it: impl Fn(&Asked) -> bool) -> Option<Asked> {
        let mut asked = self.asked.borrow_mut();
        let at = asked.iter().position(is_it)?;
        Some(asked.remove(at))
    }

    fn hear(&mut self, entry: &Entry) {
        match &entry.event {
            Event::ForeignCalled { name, arguments } if name == FUNCTION => {
                if let Some(told) = observed::read(arguments) {
                    self.told(told, entry.real);
                }
            }
            Event::Called(call) => self.called(call, entry.at),
            Event::CallRefused { cluster, status } => {
                let (stage, sent) = self.leaves("call", entry.at);
                self.add(stage, Sent { cluster: cluster.clone(), refused: Some(format!("{status:?}")), ..sent });
            }
            Event::Forwarded(request) => self.forwarded(request, entry),
            event => self.log(event),
        }
    }

    fn log(&mut self, event: &Event) {
        let Event::Log { level, message } = event else { return };
        // Earlier prints without a log line are dropped too: the log may show fewer lines than scripts print.
        if let Some(printed) = self.printed.iter().position(|printed| printed == message) {
            self.printed.drain(..=printed);
            return;
        }
        let level = match level {
            LogLevel::Warn => "warning".to_owned(),
            level => format!("{level:?}").to_lowercase(),
        };
        self.story.events.push(Happening::Log(LogLine { level, text: message.clone() }));
    }

    fn told(&mut self, told: Told, real: Duration) {
        match told {
            Told::Exchange { endpoint } => self.story.endpoint = endpoint,
            Told::Stage(begins) => self.begins(*begins, real),
            Told::Waits { stage } => {
                self.stops(stage, real);
                self.asking = Some(stage);
            }
            Told::Resumes { stage } => {
                if let Some(running) = self.halves.get_mut(&stage) {
                    running.since = real;
                }
            }
            Told::Print { stage, text } => {
                if let Some(half) = self.half(stage) {
                    let line = format!("{} {text}", half.name);
                    half.notes.push(Note::Print { text });
                    self.printed.push_back(line);
                }
            }
            Told::Over { stage, failure, status } => {
                self.stops(stage, real);
                let document = self.document;
                if let (Some(half), Some(message)) = (self.half(stage), failure) {
                    let place = Place::find(&message, &half.at, document);
                    half.failure = Some(Failure { message, status, place });
                }
            }
            Told::After { stage, messages, lines } => self.after(stage, &messages, lines),
            Told::Martian { backend, before, after } => {
                let changes = changes::between(&before, &after, &[]);
                self.story.events.push(Happening::Martian(Edited { backend, changes }));
            }
            Told::Sends { purpose, by, backend } => {
                if by == "call" {
                    let stage = if matches!(purpose.as_str(), "backend" | "shadow") { None } else { self.asking };
                    self.leaving.push_back(Leaving { purpose, backend, stage });
                } else {
                    // At most one request leaves along the route.
                    self.routed = backend;
                }
            }
            Told::Unknown => {}
        }
    }

    fn begins(&mut self, begins: Begins, real: Duration) {
        let Begins { stage, kind, half, name, at, scripts, messages } = begins;
        let place = self.story.events.len();
        self.story.events.push(Happening::Stage(Half { stage, kind, half, name, at, scripts, ..Half::default() }));
        self.halves.insert(stage, Running { place, since: real, before: messages });
    }

    fn half(&mut self, stage: i64) -> Option<&mut Half> {
        match self.story.events.get_mut(self.halves.get(&stage)?.place)? {
            Happening::Stage(half) => Some(half),
            _ => None,
        }
    }

    fn stops(&mut self, stage: i64, real: Duration) {
        let Some(since) = self.halves.get(&stage).map(|running| running.since) else { return };
        if let Some(half) = self.half(stage) {
            let ran = u64::try_from(real.saturating_sub(since).as_micros()).unwrap_or(u64::MAX);
            half.microseconds = half.microseconds.saturating_add(ran);
        }
    }

    fn after(&mut self, stage: i64, after: &Messages, lines: BTreeMap<String, Vec<usize>>) {
        let arrived: Vec<&str> = self.bodies.iter().map(String::as_str).collect();
        let Some(running) = self.halves.get(&stage) else { return };
        let changes = changes::between(&running.before, after, &arrived);
        if let Some(half) = self.half(stage) {
            // The edits of a failed half are not applied.
            half.changes = if half.failure.is_some() { Vec::new() } else { changes };
            half.lines = lines;
        }
    }

    /// The module's announcement of the request that leaves now, and its stage.
    fn leaves(&mut self, by: &str, at: Duration) -> (Option<i64>, Sent) {
        let told = if by == "call" { self.leaving.pop_front() } else { None };
        let purpose = if by == "call" { "call" } else { "backend" };
        let Leaving { purpose, backend, stage } =
            told.unwrap_or(Leaving { purpose: purpose.to_owned(), backend: None, stage: None });
        let left_ms = millis(at.saturating_sub(self.began));
        (stage, Sent { purpose, by: by.to_owned(), backend, left_ms, ..Sent::default() })
    }

    fn called(&mut self, call: &Call, at: Duration) {
        let (stage, sent) = self.leaves("call", at);
        let asked = self.take_asked(|asked| asked.token == Some(call.token));
        let sent = asked.map_or(sent.clone(), |asked| fill(sent, asked));
        let inner = self.inner(Ok(call.token), at);
        self.add(stage, within(sent, inner));
    }

    fn forwarded(&mut self, request: &Request, entry: &Entry) {
        let (stage, sent) = self.leaves("route", entry.at);
        let pseudo = |name: &str| request.headers.get(name).unwrap_or_default().into_owned();
        let (method, host, path) = (pseudo(":method"), pseudo(":authority"), pseudo(":path"));
        let is_it = |asked: &Asked| {
            asked.token.is_none() && (&asked.method, &asked.host, &asked.path) == (&method, &host, &path)
        };
        let sent = match self.take_asked(is_it) {
            Some(asked) => fill(Sent { backend: self.routed, ..sent }, asked),
            None => passed_on(sent, request),
        };
        let inner = self.inner(Err(entry.stream), entry.at);
        self.add(stage, within(sent, inner));
    }

    fn add(&mut self, stage: Option<i64>, sent: Sent) {
        match stage.and_then(|stage| self.half(stage)) {
            Some(half) => half.notes.push(Note::Sent(Box::new(sent))),
            None => self.story.events.push(Happening::Sent(sent)),
        }
    }
}

// If the gateway itself answered, its answer replaces the answer of a service.
fn within(sent: Sent, inner: Option<(Story, Received)>) -> Sent {
    match inner {
        Some((story, answer)) => Sent { answer: Some(answer), gateway: Some(Box::new(story)), ..sent },
        None => sent,
    }
}

/// The time at which a stream's response was delivered, and the response.
fn delivered(trace: &Trace, stream: StreamId) -> Option<(Duration, &host_sim::Response)> {
    trace.entries.iter().filter(|entry| entry.stream == Some(stream)).find_map(|entry| match &entry.event {
        Event::Delivered(response) => Some((entry.at, response)),
        _ => None,
    })
}

fn fill(sent: Sent, asked: Asked) -> Sent {
    let Asked { cluster, method, host, path, headers, body, delay, answer, rule, .. } = asked;
    let answer =
        Received { delay_ms: millis(delay), rule, fault: answer.as_ref().err().copied(), response: answer.ok() };
    Sent { cluster, method, host, path, headers, body, answer: Some(answer), ..sent }
}

// The request met no endpoint: Envoy's other routes get it, and there are none.
fn passed_on(sent: Sent, request: &Request) -> Sent {
    let pseudo = |name: &str| request.headers.get(name).unwrap_or_default().into_owned();
    Sent {
        purpose: "route".to_owned(),
        method: pseudo(":method"),
        host: pseudo(":authority"),
        path: pseudo(":path"),
        headers: pairs(&request.headers),
        body: request.text(),
        ..sent
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
