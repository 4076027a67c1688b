//! Whole exchanges: a random configuration with random scripts, and everything that can happen to a request, in any order, also
//! what should not: replies twice, too late, never asked for. However it goes, there is one answer, it comes, and what leaves is
//! fit to be sent.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use lua_modifier::http::{Body, CallError, Headers, Request, Response, is_token};
use lua_modifier::pipeline::{Exchange, Input, Output, Program, Ticket};
use serde_json::{Value, json};

use crate::script::script;

pub(crate) fn run(data: &[u8]) {
    let mut bytes = Unstructured::new(data);
    let Ok(config) = configuration(&mut bytes) else { return };
    let Ok(program) = Program::load(config.to_string().as_bytes()) else { return };
    let mut play = Play::new(&Rc::new(program), config);
    let Ok(request) = request(&mut bytes) else { return };
    play.happens(Input::Request(request));
    for _ in 0..MOST_SURPRISES {
        if bytes.is_empty() || play.over {
            break;
        }
        let Ok(input) = (if bytes.ratio(3, 4).unwrap_or(false) { play.due(&mut bytes) } else { any(&mut bytes) })
        else {
            break;
        };
        play.happens(input);
    }
    for _ in 0..MOST_STEPS {
        if play.over {
            // Whatever still comes finds nobody.
            play.happens(Input::Reply(Ticket(0), Err(CallError::Timeout)));
            return;
        }
        let Ok(input) = play.due(&mut bytes) else { return };
        play.happens(input);
    }
    panic!("there is no end to {}", play.config);
}

const MOST_SURPRISES: usize = 60;
const MOST_STEPS: usize = 500;

/// One exchange, and what it waits for.
struct Play {
    exchange: Exchange,
    config: Value,
    now: Duration,
    calls: BTreeSet<Ticket>,
    used: BTreeSet<Ticket>,
    reads: bool,
    sent: bool,
    awaits: bool,
    over: bool,
}

impl Play {
    fn new(program: &Rc<Program>, config: Value) -> Play {
        Play {
            exchange: Exchange::new(program),
            config,
            now: Duration::ZERO,
            calls: BTreeSet::new(),
            used: BTreeSet::new(),
            reads: false,
            sent: false,
            awaits: false,
            over: false,
        }
    }

    /// Something that it waits for.
    fn due(&self, bytes: &mut Unstructured<'_>) -> Result<Input> {
        if self.reads {
            return Ok(Input::Body(body(bytes)?.bytes().to_vec()));
        }
        if self.awaits {
            return Ok(Input::Response(reply(bytes, false)?));
        }
        let calls: Vec<Ticket> = self.calls.iter().copied().collect();
        assert!(!calls.is_empty(), "it waits for nothing: {}", self.config);
        Ok(Input::Reply(*bytes.choose(&calls)?, reply(bytes, true)?))
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
                    self.calls.insert(ticket);
                    self.leaves(&call.method, &call.url.path_and_query(), &call.headers);
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

/// What can happen, whether it was asked for or not.
fn any(bytes: &mut Unstructured<'_>) -> Result<Input> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 => Input::Body(body(bytes)?.bytes().to_vec()),
        1 => Input::Response(reply(bytes, false)?),
        2 => Input::Request(request(bytes)?),
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

fn configuration(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let limits =
        json!({"instructions": 20000, "memory_bytes": 1 << 20, "body_bytes": 4096, "calls": 4, "time_ms": 5000});
    let mut extra = json!({
        "router": {"return_error_msg": true},
        "envoy/lua-modifier": {"limits": limits, "clusters": {"http://a": "a"}, "error_header": true},
    });
    if bytes.ratio(1, 4)? {
        extra["modifier/lua-endpoint"] = block(bytes)?;
    }
    Ok(json!({
        "version": 3, "timeout": "1s", "extra_config": extra,
        "endpoints": [endpoint(bytes, "/a/{id}", "GET")?, endpoint(bytes, "/b", "POST")?],
    }))
}

fn endpoint(bytes: &mut Unstructured<'_>, path: &str, method: &str) -> Result<Value> {
    let mut extra = json!({});
    for namespace in ["modifier/lua-endpoint", "modifier/lua-proxy"] {
        if bytes.arbitrary()? {
            extra[namespace] = block(bytes)?;
        }
    }
    if bytes.ratio(1, 4)? {
        extra["proxy"] = json!({"sequential": true});
    }
    let count = bytes.int_in_range(1..=3)?;
    let backends = (0..count).map(|_| backend(bytes)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "endpoint": path, "method": method, "backend": backends, "extra_config": extra, "input_headers": ["*"],
        "input_query_strings": ["*"],
        "output_encoding": bytes.choose(&["json", "json-collection", "string", "negotiate", "no-op"])?,
    }))
}

fn backend(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut extra = json!({});
    if bytes.arbitrary()? {
        extra["modifier/lua-backend"] = block(bytes)?;
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

fn block(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut block = json!({"allow_open_libs": bytes.ratio(3, 4)?, "skip_next": bytes.ratio(1, 6)?});
    for half in ["pre", "post"] {
        if bytes.arbitrary()? {
            block[half] = script(bytes)?.into();
        }
    }
    Ok(block)
}
