//! Whole exchanges: a random configuration with random scripts, and everything that can happen to a request, in any order, also
//! what should not: replies twice, too late, never asked for. However it goes, there is one answer, it comes, and what leaves is
//! fit to be sent.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use lua_modifier::http::{Body, CallError, Headers, Request, Response, is_token};
use lua_modifier::pipeline::{Exchange, Input, Output, Program, Ticket};
use serde_json::{Value, json};

use crate::script::script;

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

/// To make a program takes far longer than to run it, most of all with the sanitizer. So most inputs meet one that is kept,
/// whose scripts are live: they come with the replies.
fn program(bytes: &mut Unstructured<'_>) -> Result<Loaded> {
    if bytes.ratio(1, 16)? {
        return Ok(load(configuration(bytes, false)?));
    }
    let shape = bytes.int_in_range(0..=SHAPES)?;
    Ok(KEPT.with_borrow_mut(|kept| kept.entry(shape).or_insert_with(|| load(shaped(shape))).clone()))
}

/// None where it is refused.
type Loaded = Option<(Rc<Program>, Rc<Value>)>;

fn load(config: Value) -> Loaded {
    let program = Program::load(config.to_string().as_bytes()).ok()?;
    Some((Rc::new(program), Rc::new(config)))
}

/// One of some configurations, always the same for a number.
fn shaped(shape: u8) -> Value {
    let mut noise = u64::from(shape) + 1;
    let choices = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.to_be_bytes()[0]
    });
    let choices: Vec<u8> = choices.take(256).collect();
    configuration(&mut Unstructured::new(&choices), true).unwrap()
}

const SHAPES: u8 = 63;

thread_local! {
    static KEPT: RefCell<HashMap<u8, Loaded>> = RefCell::default();
}

/// A request comes, or something happens to one that is under way.
fn surprise<'a>(
    bytes: &mut Unstructured<'_>,
    plays: &mut Vec<Play<'a>>,
    another: impl FnOnce() -> Play<'a>,
) -> Result<()> {
    let under_way: Vec<usize> = (0..plays.len()).filter(|index| !plays[*index].over).collect();
    if under_way.is_empty() || bytes.ratio(1, 8)? {
        let mut play = another();
        play.happens(Input::Request(request(bytes)?));
        plays.push(play);
        return Ok(());
    }
    let play = &mut plays[*bytes.choose(&under_way)?];
    let input = if bytes.ratio(3, 4)? { play.due(bytes)? } else { any(bytes)? };
    play.happens(input);
    Ok(())
}

/// One exchange, and what it waits for.
struct Play<'a> {
    exchange: Exchange,
    config: &'a Value,
    now: Duration,
    calls: BTreeMap<Ticket, String>, // to which authority
    used: BTreeSet<Ticket>,
    reads: bool,
    sent: bool,
    awaits: bool,
    over: bool,
}

impl<'a> Play<'a> {
    fn new(program: &Rc<Program>, config: &'a Value) -> Play<'a> {
        Play {
            exchange: Exchange::new(program),
            config,
            now: Duration::ZERO,
            calls: BTreeMap::new(),
            used: BTreeSet::new(),
            reads: false,
            sent: false,
            awaits: false,
            over: false,
        }
    }

    /// What it waits for comes, until there is an answer.
    fn ends(&mut self, bytes: &mut Unstructured<'_>) {
        for _ in 0..MOST_STEPS {
            if self.over {
                // Whatever still comes finds nobody.
                self.happens(Input::Reply(Ticket(0), Err(CallError::Timeout)));
                return;
            }
            let Ok(input) = self.due(bytes) else { return };
            self.happens(input);
        }
        panic!("there is no end to {}", self.config);
    }

    /// Something that it waits for.
    fn due(&self, bytes: &mut Unstructured<'_>) -> Result<Input> {
        if self.reads {
            return Ok(Input::Body(body(bytes)?.bytes().to_vec()));
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
            Input::Body(_) => self.reads = false,
            Input::Reply(ticket, _) => drop(self.calls.remove(ticket)),
            Input::Response(_) => self.awaits = false,
            Input::Request(_) => {}
        }
        let was_over = self.over;
        let output = self.exchange.handle(self.now, input);
        assert!(!was_over || output == Output::Wait, "after its end: {output:?} of {}", self.config);
        match output {
            Output::ReadBody => self.reads = true,
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
                    self.calls.insert(ticket, call.url.authority);
                }
            }
            Output::Wait => {}
            Output::Deliver(response) => {
                assert!(self.sent, "delivered what was not asked for: {}", self.config);
                self.answers(&response);
            }
            Output::Answer(response) => self.answers(&response),
        }
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

/// What can happen, whether it was asked for or not. That a request comes twice cannot: a stream has one.
fn any(bytes: &mut Unstructured<'_>) -> Result<Input> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => Input::Body(body(bytes)?.bytes().to_vec()),
        1 => Input::Response(reply(bytes, false)?),
        _ => Input::Reply(Ticket(bytes.int_in_range(0..=9)?), reply(bytes, true)?),
    })
}

const PATHS: [&str; 8] = ["/a/7", "/a/%41b?x=1&y=%zz", "/b", "/b/", "/B", "/none", "/a/%", "*"];

fn request(bytes: &mut Unstructured<'_>) -> Result<Request> {
    Ok(Request {
        method: (*bytes.choose(&["GET", "GET", "GET", "POST", "HEAD", "BREW"])?).to_owned(),
        authority: "gateway".into(),
        path: (*bytes.choose(&PATHS)?).to_owned(),
        headers: headers(bytes)?,
        body: if bytes.arbitrary()? { Body::Unread } else { Body::Absent },
        peer: "127.0.0.1".into(),
    })
}

const NAMES: [&str; 9] = [
    "content-type",
    "content-encoding",
    "content-length",
    "location",
    "x-lua",
    "x-lua-modifier-cluster",
    "accept",
    "cookie",
    "etag",
];
const FIELDS: [&str; 9] =
    ["application/json", "gzip", "5", "http://a/x", "/x", "text/plain", "*/*", "a=1; b=2", "\u{fc}"];

fn headers(bytes: &mut Unstructured<'_>) -> Result<Headers> {
    let count = bytes.int_in_range(0..=3)?;
    (0..count).map(|_| Ok((*bytes.choose(&NAMES)?, *bytes.choose(&FIELDS)?))).collect()
}

const BODIES: [&str; 9] = [
    r#"{"id": 7, "a": {"b": [1, 2.5, null]}}"#,
    r#"[{"id": 1}, 2]"#,
    "{}",
    "[]",
    "null",
    "\"text\"",
    "{\"half\"",
    "text",
    "\u{1f}",
];

fn body(bytes: &mut Unstructured<'_>) -> Result<Body> {
    Ok(match bytes.int_in_range(0..=4)? {
        0 => Body::Absent,
        1 => Body::Bytes(b"x".repeat(bytes.int_in_range(0..=5000)?)),
        _ => Body::Bytes(bytes.choose(&BODIES)?.as_bytes().to_vec()),
    })
}

fn reply(bytes: &mut Unstructured<'_>, whole: bool) -> Result<std::result::Result<Response, CallError>> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => Err(CallError::Timeout),
        1 if bytes.ratio(1, 2)? => Err(CallError::Lost),
        1 => Err(CallError::Failed("EOF".into())),
        2 => Err(CallError::Refused("no such cluster".into())),
        _ => {
            let status = *bytes.choose(&[200, 200, 200, 201, 204, 301, 307, 404, 500, 0, 999])?;
            let body = match body(bytes)? {
                Body::Bytes(_) if !whole => Body::Unread,
                body => body,
            };
            Ok(Response { status, headers: headers(bytes)?, body })
        }
    })
}

/// A live source: it does something itself, or has functions for before and behind.
fn source(bytes: &mut Unstructured<'_>) -> Result<Response> {
    let text = if bytes.arbitrary()? {
        script(bytes)?
    } else {
        format!("function pre(...)\n{}\nend\nfunction post(...)\n{}\nend", script(bytes)?, script(bytes)?)
    };
    Ok(Response { status: 200, headers: Headers::new(), body: Body::Bytes(text.into_bytes()) })
}

fn configuration(bytes: &mut Unstructured<'_>, live: bool) -> Result<Value> {
    let limits =
        json!({"instructions": 20000, "memory_bytes": 1 << 20, "body_bytes": 4096, "calls": 4, "time_ms": 5000});
    let mut extra = json!({
        "router": {"return_error_msg": true},
        "envoy/lua-modifier": {"limits": limits, "clusters": {"http://a": "a"}, "error_header": true,
                               "sources_url": "http://sources"},
    });
    // All of one kind, so that it takes one Lua state.
    let kind = Kind { open: bytes.ratio(3, 4)?, live };
    if bytes.ratio(1, 4)? {
        extra["modifier/lua-endpoint"] = block(bytes, kind)?;
    }
    Ok(json!({
        "version": 3, "timeout": "1s", "extra_config": extra,
        "endpoints": [endpoint(bytes, kind, "/a/{id}", "GET")?, endpoint(bytes, kind, "/b", "POST")?],
    }))
}

/// What all blocks of a configuration have in common.
#[derive(Clone, Copy)]
struct Kind {
    open: bool,
    live: bool,
}

fn endpoint(bytes: &mut Unstructured<'_>, kind: Kind, path: &str, method: &str) -> Result<Value> {
    let mut extra = json!({});
    for namespace in ["modifier/lua-endpoint", "modifier/lua-proxy"] {
        if bytes.arbitrary()? {
            extra[namespace] = block(bytes, kind)?;
        }
    }
    if bytes.ratio(1, 4)? {
        extra["proxy"] = json!({"sequential": true});
    }
    let count = bytes.int_in_range(1..=3)?;
    let backends = (0..count).map(|_| backend(bytes, kind)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "endpoint": path, "method": method, "backend": backends, "extra_config": extra, "input_headers": ["*"],
        "input_query_strings": ["*"],
        "output_encoding": bytes.choose(&["json", "json-collection", "string", "negotiate", "no-op"])?,
    }))
}

fn backend(bytes: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    let mut extra = json!({});
    if bytes.arbitrary()? {
        extra["modifier/lua-backend"] = block(bytes, kind)?;
    }
    if bytes.ratio(1, 4)? {
        extra["backend/http"] = json!({"return_error_details": "b"});
    }
    Ok(json!({
        "host": ["http://a"], "url_pattern": bytes.choose(&["/x", "/x?y=1", "/x/{id}"])?,
        "encoding": bytes.choose(&["json", "safejson", "string", "no-op"])?, "extra_config": extra,
        "group": bytes.choose(&["", "g"])?, "target": bytes.choose(&["", "a"])?, "is_collection": bytes.ratio(1, 5)?,
    }))
}

fn block(bytes: &mut Unstructured<'_>, kind: Kind) -> Result<Value> {
    let mut block = json!({"allow_open_libs": kind.open, "skip_next": bytes.ratio(1, 6)?});
    if kind.live {
        block["sources"] = json!(["s.lua"]);
        block["live"] = true.into();
    }
    for half in ["pre", "post"] {
        if bytes.arbitrary()? {
            block[half] = if kind.live { format!("if {half} then {half}() end") } else { script(bytes)? }.into();
        }
    }
    Ok(block)
}
