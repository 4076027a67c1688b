//! The engine itself, without wasm and without Envoy: outputs are carried out against the backdrop, in simulated time. Uses
//! only the engine's one door, `pipeline::Exchange`.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Once;
use std::time::Duration;

use lua_modifier::http::{self, Body, CallError};
use lua_modifier::pipeline::{Carrier, Departure, Draw, Exchange, Input, Output, Program, Routed, Ticket, carry_out};

use super::backdrop::{Backdrop, Behind, read_by_client};
use super::shared_data::InMemory;
use super::verification::Verification;
use super::{World, one_by_one};
use crate::cases::{Case, ClientRequest, LogLine, Outcome, Response};
use crate::upstreams::{Answer, Asked};
use crate::wire::arrival::Arrival;
use crate::wire::client;

/// The address of every client.
const PEER: &str = "127.0.0.1";

/// The world of the engine itself.
pub struct Natively;

impl World for Natively {
    fn name(&self) -> &'static str {
        "natively"
    }

    fn suits(&self, case: &Case) -> bool {
        !case.has_a_front()
    }

    fn play(&self, cases: &[Case]) -> Vec<Outcome> {
        hear_logs();
        one_by_one(cases, 2, |_, case| {
            catch_unwind(AssertUnwindSafe(|| play(case)))
                .unwrap_or_else(|_| Outcome::Crashed("the engine panicked".into()))
        })
    }
}

fn play(case: &Case) -> Outcome {
    let mut behind = Backdrop::new(case);
    LOG.take();
    let variable = |name: &str| case.env.get(name).map(|value| behind.at.fill(value).into_bytes());
    let configuration = behind.configuration();
    let verification = Verification::new(case, &behind.at, &configuration);
    if let Some(reason) = verification.refusal() {
        return Outcome::Refused(reason);
    }
    let program = match Program::load_in(configuration.as_bytes(), &variable, None) {
        Ok(program) => Rc::new(program),
        Err(refusal) => return Outcome::Refused(behind.at.restore(&refusal.to_string())),
    };
    program.warnings().iter().for_each(|warning| log::warn!("{warning}")); // as a worker does
    program.remarks().iter().for_each(|remark| log::info!("{remark}"));
    let (mut responses, shared) = (Vec::new(), InMemory::default());
    for request in &case.requests {
        behind.write_files(&request.write_files);
        responses.push(Play::new(&program, &mut behind, request, &verification, &shared).run());
    }
    let mut seen = behind.observation(responses);
    seen.log = LOG.take();
    seen.log.iter_mut().for_each(|line| line.text = behind.at.restore(&line.text));
    Outcome::Played(seen)
}

/// One exchange that is played.
struct Play<'p, 'c> {
    exchange: Exchange,
    behind: &'p mut Backdrop<'c>,
    request: &'p ClientRequest,
    verification: &'p Verification,
    shared: &'p InMemory,
    now: Duration,
    /// The events to come: the time, the number of the shadow that gets the event (`None` for the exchange itself), and the
    /// event.
    due: Vec<(Duration, Option<usize>, Event)>,
    /// The shadows of the exchange; `None` for one that is being played, or has ended.
    shadows: Vec<Option<Exchange>>,
    /// The body of the message that is under way: first the request's, then the response's. Envoy keeps it, whether it is read
    /// or not.
    held: Vec<u8>,
}

impl Carrier for Play<'_, '_> {
    fn tell(&mut self, input: Input) -> Option<Output> {
        Some(self.exchange.handle(self.now, input))
    }

    fn read_body(&mut self) -> Option<Input> {
        Some(Input::Body(self.held.clone()))
    }

    fn part(&mut self) {
        self.shadows.push(self.exchange.shadow());
        self.due.push((self.now, Some(self.shadows.len() - 1), Event::Begins));
    }

    fn verified(&mut self, provider: &str) -> Option<Vec<u8>> {
        self.verification.payload(provider, self.request)
    }

    fn draw(&mut self, draw: &Draw) -> bool {
        self.exchange.pool().draw(self.shared, draw, || Some(PEER.into()))
    }

    fn dispatch(&mut self, ticket: Ticket, call: http::Call) -> Vec<Input> {
        let (at, reply) = self.call(call);
        self.due.push((at, None, Event::Reply(ticket, reply)));
        Vec::new()
    }
}

/// A shadow of an exchange.
struct Shadow<'s, 'p, 'c> {
    exchange: Exchange,
    number: usize,
    of: &'s mut Play<'p, 'c>,
}

impl Carrier for Shadow<'_, '_, '_> {
    fn tell(&mut self, input: Input) -> Option<Output> {
        Some(self.exchange.handle(self.of.now, input))
    }

    fn read_body(&mut self) -> Option<Input> {
        panic!("a shadow has its body from the beginning")
    }

    fn verified(&mut self, _: &str) -> Option<Vec<u8>> {
        panic!("a shadow is of a request that was let in")
    }

    fn part(&mut self) {
        panic!("a shadow has no shadow")
    }

    fn draw(&mut self, draw: &Draw) -> bool {
        self.exchange.pool().draw(self.of.shared, draw, || panic!("no client is asked for"))
    }

    fn dispatch(&mut self, ticket: Ticket, call: http::Call) -> Vec<Input> {
        let (at, reply) = self.of.call(call);
        self.of.due.push((at, Some(self.number), Event::Reply(ticket, reply)));
        Vec::new()
    }
}

enum Event {
    Begins,
    Reply(Ticket, Result<Answer, CallError>),
    Response(Result<Answer, CallError>),
}

impl<'p, 'c> Play<'p, 'c> {
    fn new(
        program: &Rc<Program>,
        behind: &'p mut Backdrop<'c>,
        request: &'p ClientRequest,
        verification: &'p Verification,
        shared: &'p InMemory,
    ) -> Self {
        let held = client::body(request);
        let (now, due, shadows) = (Duration::ZERO, Vec::new(), Vec::new());
        Play { exchange: Exchange::new(program), behind, request, verification, shared, now, due, shadows, held }
    }

    /// Brings an event to a shadow, which gives no answer to a client.
    fn shadow(&mut self, number: usize, input: Input) {
        let Some(exchange) = self.shadows[number].take() else { return };
        let mut shadow = Shadow { exchange, number, of: self };
        assert_eq!(carry_out(&mut shadow, input), None, "nobody waits for a shadow's answer");
        let exchange = shadow.exchange;
        self.shadows[number] = Some(exchange).filter(|exchange| !exchange.is_over());
    }

    fn run(mut self) -> Result<Response, String> {
        let (mut whose, mut input, mut answer) = (None, Input::Request(self.arriving()), None);
        loop {
            match whose {
                Some(number) => self.shadow(number, input),
                None if answer.is_some() => {}
                None => match carry_out(&mut self, input) {
                    Some(Departure::Send(routed)) => match self.send(*routed) {
                        Some((at, event)) => self.due.push((at, None, event)),
                        None => return Ok(read_by_client(&self.request.method, 404, &[], Vec::new())),
                    },
                    Some(Departure::Deliver(response) | Departure::Answer(response)) => {
                        answer = Some(self.delivered(response));
                    }
                    None => {}
                },
            }
            // of several events that are due at the same time, the first one is taken: replies keep the order of the calls
            let Some(next) = (0..self.due.len()).min_by_key(|i| self.due[*i].0) else {
                return answer.ok_or("the engine waits for nothing".into());
            };
            let (at, of, event) = self.due.remove(next);
            (self.now, whose) = (at, of);
            input = match event {
                Event::Begins => Input::ShadowApart,
                Event::Reply(ticket, reply) => Input::Reply(ticket, reply.map(|answer| response(answer, true).0)),
                Event::Response(Err(error)) => Input::Response(Err(error)),
                Event::Response(Ok(answer)) => {
                    let (response, held) = response(answer, false);
                    self.held = held;
                    Input::Response(Ok(response))
                }
            };
        }
    }

    /// The client's request as an Envoy filter sees it.
    fn arriving(&self) -> http::Request {
        let Arrival { authority, path, headers } = Arrival::of(self.request);
        let mut request = http::Request {
            method: self.request.method.as_str().into(),
            authority: authority.into(),
            path: path.into(),
            headers: http::Headers::from_iter([("x-forwarded-proto", "http")]),
            body: if self.held.is_empty() { Body::Absent } else { Body::Unread },
            peer: PEER.into(),
        };
        for (name, value) in headers {
            request.headers.append(&name.to_lowercase(), value);
        }
        request
    }

    /// Sends along the route; `None` if no cluster was chosen.
    fn send(&mut self, routed: Routed) -> Option<(Duration, Event)> {
        let Routed { request, cluster, timeout } = routed;
        let body = match request.body {
            Body::Absent => Vec::new(),
            Body::Unread => std::mem::take(&mut self.held),
            Body::Bytes(bytes) => bytes,
        };
        let asked = asked(&request.method, &request.path, &request.headers, body);
        let behind = self.behind.ask(&cluster?, &request.authority, asked);
        let (at, reply) = self.in_time(behind, timeout);
        Some((at, Event::Response(reply)))
    }

    fn call(&mut self, call: http::Call) -> (Duration, Result<Answer, CallError>) {
        let authority = String::from_utf8_lossy(call.authority()).into_owned();
        let headers: http::Headers = call.other_headers().collect();
        let asked = asked(&call.method, &call.url.path_and_query(), &headers, call.body);
        let behind = self.behind.ask(&call.cluster, &authority, asked);
        self.in_time(behind, Some(call.timeout))
    }

    /// The time when an answer comes, and its content at that time.
    fn in_time(&self, behind: Behind, limit: Option<Duration>) -> (Duration, Result<Answer, CallError>) {
        let limit = limit.unwrap_or(Duration::MAX);
        match behind {
            Behind::Answer(answer) if answer.delay > limit => (self.now + limit, Err(CallError::Timeout)),
            Behind::Answer(answer) if answer.close => (self.now + answer.delay, Err(CallError::Failed("EOF".into()))),
            Behind::Answer(answer) => (self.now + answer.delay, Ok(answer)),
            Behind::Refused => (self.now, Err(CallError::Failed("connection refused".into()))),
            Behind::NoCluster => (self.now, Err(CallError::Refused("no such cluster".into()))),
        }
    }

    fn delivered(&mut self, response: http::Response) -> Response {
        let body = match response.body {
            Body::Absent => Vec::new(),
            Body::Unread => std::mem::take(&mut self.held),
            Body::Bytes(bytes) => bytes,
        };
        read_by_client(&self.request.method, response.status, &pairs(&response.headers), body)
    }
}

fn asked(method: &str, path: &str, headers: &http::Headers, body: Vec<u8>) -> Asked {
    Asked { method: method.to_owned(), path: path.to_owned(), headers: pairs(headers), body }
}

// Each byte becomes a character, as when the harness reads headers from a socket.
fn pairs(headers: &http::Headers) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_owned(), value.iter().copied().map(char::from).collect())).collect()
}

/// The response as the engine takes it, and the body that stays on the wire.
fn response(answer: Answer, whole: bool) -> (http::Response, Vec<u8>) {
    let mut headers = http::Headers::new();
    for (name, value) in &answer.headers {
        headers.append(&name.to_lowercase(), value.as_bytes());
    }
    let (body, held) = match answer.body {
        body if body.is_empty() => (Body::Absent, Vec::new()),
        body if whole => (Body::Bytes(body), Vec::new()),
        body => (Body::Unread, body),
    };
    (http::Response { status: answer.status, headers, body }, held)
}

thread_local! {
    static LOG: RefCell<Vec<LogLine>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the lines that are logged on a thread, for the case that is played there.
struct Ear;

impl log::Log for Ear {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        let line = LogLine { level: record.level().as_str().to_lowercase(), text: record.args().to_string() };
        LOG.with_borrow_mut(|log| log.push(line));
    }

    fn flush(&self) {}
}

fn hear_logs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Ear).unwrap();
        log::set_max_level(log::LevelFilter::Info);
    });
}
