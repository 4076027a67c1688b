//! Whole exchanges: a random configuration with random scripts, and all events that a request can meet, in any order, also
//! wrong events: replies that come twice, too late, or without a call. In every case there is exactly one answer, it comes, and
//! the messages that leave can be sent.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use lua_modifier::http::{CallError, Headers, Response, is_token};
use lua_modifier::pipeline::{Exchange, Input, Output, Program, Ticket};
use serde_json::Value;

use crate::message::{body, reply, request, source};
use crate::program::program;

pub(crate) fn run(data: &[u8]) {
    let mut bytes = Unstructured::new(data);
    let Ok(Some((program, config))) = program(&mut bytes) else { return };
    let mut plays = Vec::new();
    for _ in 0..MOST_SURPRISES {
        if bytes.is_empty() || plays.len() == MOST_EXCHANGES {
            break;
        }
        let Ok(()) = surprise(&mut bytes, &mut plays, || Play::new(&program, &config)) else { break };
    }
    for mut play in plays {
        play.ends(&mut bytes);
    }
}

const MOST_EXCHANGES: usize = 12;
const MOST_SURPRISES: usize = 200;
const MOST_STEPS: usize = 500;

/// Brings a new request, or an event for an exchange that is under way.
fn surprise<'a>(
    bytes: &mut Unstructured<'_>,
    plays: &mut Vec<Play<'a>>,
    another: impl FnOnce() -> Play<'a>,
) -> Result<()> {
    let under_way: Vec<usize> = (0..plays.len()).filter(|index| !plays[*index].over).collect();
    if under_way.is_empty() || bytes.ratio(1, 8)? {
        let mut play = another();
        play.happens(Input::Request(request(bytes)?));
        let apart = play.apart.take();
        plays.push(play);
        plays.extend(apart.map(Play::begun));
        return Ok(());
    }
    let play = &mut plays[*bytes.choose(&under_way)?];
    let input = if bytes.ratio(3, 4)? { play.due(bytes)? } else { any(bytes)? };
    play.happens(input);
    let apart = play.apart.take();
    plays.extend(apart.map(Play::begun));
    Ok(())
}

/// One exchange, and the events that it waits for.
struct Play<'a> {
    exchange: Exchange,
    config: &'a Value,
    now: Duration,
    calls: BTreeMap<Ticket, String>, // the authority of each call
    used: BTreeSet<Ticket>,
    reads: bool,
    /// The exchange has asked for the payload that Envoy has verified.
    verifies: bool,
    /// The exchange has asked for a token from a bucket.
    draws: bool,
    sent: bool,
    awaits: bool,
    over: bool,
    /// The exchange's shadow, which has not begun.
    apart: Option<Box<Self>>,
    is_shadow: bool,
}

impl<'a> Play<'a> {
    fn new(program: &Rc<Program>, config: &'a Value) -> Self {
        Self::of(Exchange::new(program), config)
    }

    fn of(exchange: Exchange, config: &'a Value) -> Self {
        Play {
            exchange,
            config,
            now: Duration::ZERO,
            calls: BTreeMap::new(),
            used: BTreeSet::new(),
            reads: false,
            verifies: false,
            draws: false,
            sent: false,
            awaits: false,
            over: false,
            apart: None,
            is_shadow: false,
        }
    }

    /// Begins a shadow, which goes its own way.
    fn begun(mut shadow: Box<Self>) -> Self {
        shadow.happens(Input::ShadowApart);
        *shadow
    }

    /// Brings the events that the exchange waits for, until there is an answer.
    fn ends(&mut self, bytes: &mut Unstructured<'_>) {
        for _ in 0..MOST_STEPS {
            if self.over {
                // Later replies have no effect.
                self.happens(Input::Reply(Ticket(0), Err(CallError::Timeout)));
                return;
            }
            let Ok(input) = self.due(bytes) else { return };
            self.happens(input);
        }
        panic!("there is no end to {}", self.config);
    }

    /// One event that the exchange waits for.
    fn due(&self, bytes: &mut Unstructured<'_>) -> Result<Input> {
        if self.verifies {
            return Ok(Input::Verified(bytes.arbitrary()?));
        }
        if self.draws {
            return Ok(Input::Drawn(bytes.arbitrary()?));
        }
        if self.reads {
            return asked_body(bytes);
        }
        if self.awaits {
            return Ok(Input::Response(reply(bytes, false)?));
        }
        let calls: Vec<(&Ticket, &String)> = self.calls.iter().collect();
        assert!(!calls.is_empty(), "it waits for nothing: {}", self.config);
        let (ticket, authority) = *bytes.choose(&calls)?;
        let is_source = authority == "sources" && bytes.ratio(15, 16)?;
        Ok(Input::Reply(*ticket, if is_source { Ok(source(bytes)?) } else { reply(bytes, true)? }))
    }

    fn happens(&mut self, input: Input) {
        self.now += Duration::from_millis(20);
        match &input {
            Input::Body(_) | Input::BodyTooLarge => self.reads = false,
            Input::Verified(_) => self.verifies = false,
            Input::Drawn(_) => self.draws = false,
            Input::Reply(ticket, _) => drop(self.calls.remove(ticket)),
            Input::Response(_) => self.awaits = false,
            Input::Request(_) | Input::ShadowApart => {}
        }
        let was_over = self.over;
        let output = self.exchange.handle(self.now, input);
        assert!(!was_over || output == Output::Wait, "after its end: {output:?} of {}", self.config);
        match output {
            Output::ReadBody => self.reads = true,
            Output::ReadVerified(_) => self.verifies = true,
            Output::Draw(_) => self.draws = true,
            Output::Send(routed) => {
                assert!(!self.sent, "sent twice: {}", self.config);
                self.sent = true;
                self.awaits = routed.cluster.is_some();
                self.over = !self.awaits;
                if self.awaits {
                    self.leaves(&routed.request.method, &routed.request.path, &routed.request.headers);
                }
            }
            Output::Call(calls) => {
                assert!(!calls.is_empty(), "no call: {}", self.config);
                for (ticket, call) in calls {
                    assert!(self.used.insert(ticket), "{ticket:?} twice: {}", self.config);
                    self.leaves(&call.method, &call.url.path_and_query(), &call.headers);
                    self.calls.insert(ticket, call.url.authority.into());
                }
            }
            Output::Shadow => {
                assert!(!self.is_shadow, "a shadow's shadow: {}", self.config);
                let Some(shadow) = self.exchange.shadow() else { panic!("no shadow where one was offered") };
                self.apart = Some(Box::new(Play { is_shadow: true, now: self.now, ..Self::of(shadow, self.config) }));
                return self.happens(Input::ShadowApart);
            }
            Output::Wait => {}
            Output::Deliver(response) => {
                assert!(self.sent, "delivered what was not asked for: {}", self.config);
                self.answers(&response);
            }
            Output::Answer(response) => self.answers(&response),
        }
        assert!(!self.is_shadow || !self.sent, "a shadow along the route: {}", self.config);
        self.over |= self.is_shadow && self.exchange.is_over();
    }

    fn answers(&mut self, response: &Response) {
        self.over = true;
        assert_eq!(response.headers.fault(), None, "{response:?} of {}", self.config);
    }

    fn leaves(&self, method: &str, path: &str, headers: &Headers) {
        let one_line = path.bytes().all(|byte| (0x21..0x7f).contains(&byte));
        assert!(is_token(method) && one_line, "{method:?} {path:?} of {}", self.config);
        assert_eq!(headers.fault(), None, "{headers:?} of {}", self.config);
    }
}

/// Any event, asked for or not. Only a second request cannot happen: a stream has one.
fn any(bytes: &mut Unstructured<'_>) -> Result<Input> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => asked_body(bytes)?,
        1 => Input::Response(reply(bytes, false)?),
        _ => Input::Reply(Ticket(bytes.int_in_range(0..=9)?), reply(bytes, true)?),
    })
}

/// The result of reading a body, mostly the body.
fn asked_body(bytes: &mut Unstructured<'_>) -> Result<Input> {
    Ok(if bytes.ratio(1, 16)? { Input::BodyTooLarge } else { Input::Body(body(bytes)?.bytes().to_vec()) })
}
