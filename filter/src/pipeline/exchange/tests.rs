//! Tests that no case can make: an exchange that is broken inside, and the table of transitions with everything that it lacks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::ending::Ending;
use super::phase::{AtProxy, AtRouter};
use super::*;
use crate::bindings::{Context, ProxyRequest, ProxyResponse};
use crate::http::{Body, Headers, Query};
use crate::pipeline::gate::{Gate, Place};
use crate::pipeline::legs::Legs;
use crate::pipeline::stage::StageTask;
use crate::pipeline::token::Door;

const NOW: Duration = Duration::ZERO;

fn program(extra: &str, backends: usize) -> Rc<Program> {
    let backend = r#"{"host": ["http://a"], "url_pattern": "/b"}"#;
    let backends = vec![backend; backends].join(",");
    let document = format!(
        r#"{{"version": 3, "extra_config": {{"router": {{"return_error_msg": true}}}},
            "endpoints": [{{"endpoint": "/t", "backend": [{backends}], "extra_config": {{{extra}}}}}]}}"#
    );
    Rc::new(Program::load(document.as_bytes()).unwrap())
}

fn request(path: &str) -> Input {
    let (method, authority, headers) = ("GET".into(), "gateway".into(), Headers::new());
    Input::Request(Request {
        method,
        authority,
        path: path.into(),
        headers,
        body: Body::Absent,
        peer: Default::default(),
    })
}

fn response() -> Response {
    Response { status: 200, headers: Headers::new(), body: Body::Unread }
}

/// The failure's words in the client's answer; checks that the exchange has ended with them.
fn answered(exchange: &mut Exchange, input: Input) -> String {
    let Output::Answer(response) = exchange.handle(NOW, input) else { panic!("no answer") };
    assert_eq!(response.status, 500);
    assert_eq!(exchange.handle(NOW, Input::Reply(Ticket(1), Err(CallError::Timeout))), Output::Wait, "it is over");
    String::from_utf8(response.body.bytes().to_vec()).unwrap()
}

#[test]
fn what_cannot_happen_is_answered_and_never_waits() {
    let program = program("", 2);
    let sent = || {
        let mut exchange = Exchange::new(&program);
        let Output::Call(calls) = exchange.handle(NOW, request("/t")) else { panic!("no calls") };
        (exchange, Input::Reply(calls[0].0, Ok(response())))
    };
    // A reply came, and the phase that sent the call is lost.
    let (mut exchange, reply) = sent();
    exchange.phase = Phase::Idle;
    let before = program.take_failures();
    assert_eq!(answered(&mut exchange, reply), "internal error: a reply for backends outside their phase");
    assert_eq!((before, program.take_failures()), (0, 1), "it is counted");
    // A reply came, and the leg that sent the call is lost.
    let (mut exchange, reply) = sent();
    exchange.phase = Phase::Backends(None, Box::new(Legs::new(shared_request())));
    assert_eq!(answered(&mut exchange, reply), "internal error: no such leg");
}

#[test]
fn a_response_after_its_time_is_a_timeout_unless_the_client_still_sent_its_body() {
    let program = program("", 1);
    let late = Duration::from_secs(2) + Duration::from_millis(1);
    for (now, body, status) in
        [(Duration::from_secs(2), Body::Absent, 200), (late, Body::Absent, 500), (late, Body::Unread, 200)]
    {
        let mut exchange = Exchange::new(&program);
        let Input::Request(request) = request("/t") else { panic!("no request") };
        let sent = exchange.handle(NOW, Input::Request(Request { body, ..request }));
        assert!(matches!(sent, Output::Send(_)), "{sent:?}");
        let json = Response::with_body(200, "application/json", "{}");
        let body = json.body.bytes().to_vec();
        let output = match exchange.handle(now, Input::Response(Ok(Response { body: Body::Unread, ..json }))) {
            Output::ReadBody => exchange.handle(now, Input::Body(body)),
            output => output,
        };
        let answered = match output {
            Output::Deliver(response) | Output::Answer(response) => response.status,
            output => panic!("{output:?}"),
        };
        assert_eq!(answered, status, "{now:?}");
    }
}

#[test]
fn what_is_broken_names_its_place_in_the_log_line_alone() {
    let failure = Failure::broken("no such leg");
    assert_eq!(failure.to_string(), "internal error: no such leg");
    let line = failure.log_line();
    assert!(line.contains("exchange/tests.rs:") && line.contains("please report"), "{line}");
    let missing: Result<(), _> = None.or_broken("nothing");
    assert!(
        missing.unwrap_err().log_line().contains("exchange/tests.rs:"),
        "the caller's place, not that of or_broken"
    );
}

#[test]
fn what_nobody_asked_for_changes_nothing() {
    let program = program("", 1);
    let mut exchange = Exchange::new(&program);
    for input in [Input::Body(vec![1]), Input::Response(Ok(response())), Input::Reply(Ticket(7), Ok(response()))] {
        assert_eq!(exchange.handle(NOW, input), Output::Wait);
    }
    assert!(matches!(exchange.handle(NOW, request("/t")), Output::Send(_)));
    for input in [Input::Body(vec![1]), request("/t"), Input::Reply(Ticket(7), Ok(response()))] {
        assert_eq!(exchange.handle(NOW, input), Output::Wait);
    }
    assert_eq!(exchange.handle(NOW, Input::Response(Ok(response()))), Output::ReadBody);
    assert_eq!(exchange.handle(NOW, Input::Response(Ok(response()))), Output::ReadBody, "the last response counts");
    assert!(matches!(exchange.handle(NOW, Input::Body(b"{}".to_vec())), Output::Deliver(_)));
}

fn shared_request() -> Rc<RefCell<ProxyRequest>> {
    let (method, path, params) = ("GET".into(), Default::default(), BTreeMap::new());
    let (query, headers, payload) = (Query::default(), Headers::new(), crate::bindings::Payload::absent());
    Rc::new(RefCell::new(ProxyRequest {
        method,
        url: None,
        faults: None,
        query,
        path,
        params,
        headers,
        payload,
        claims: None,
    }))
}

fn shared_context() -> Rc<RefCell<Context>> {
    let Input::Request(request) = request("/t") else { panic!() };
    Rc::new(RefCell::new(client_request::context(&request, Vec::new())))
}

fn basis(extra: &str, path: &str) -> Basis {
    let mut exchange = Exchange::new(&program(extra, 1));
    exchange.handle(NOW, request(path));
    exchange.basis
}

fn stage(basis: &Basis) -> Option<Box<StageTask>> {
    let (_, plan) = basis.endpoint().unwrap();
    let messages = Messages::of_proxy(&shared_request());
    Some(Box::new(StageTask::new(plan.proxy.as_ref().unwrap(), messages, basis)))
}

/// A service with rates and keys; its endpoint asks for a key.
fn keyed() -> Basis {
    let document =
        br#"{"version": 3, "extra_config": {"qos/ratelimit/service": {"max_rate": 1}, "auth/api-keys": {"keys": []}},
        "endpoints": [{"endpoint": "/t", "backend": [{"host": ["http://a"], "url_pattern": "/b"}],
            "extra_config": {"auth/api-keys": {"roles": []}}}]}"#;
    let mut exchange = Exchange::new(&Rc::new(Program::load(document).unwrap()));
    exchange.handle(NOW, request("/t"));
    exchange.basis
}

/// A service with a script; its endpoint has one, too.
fn scripted() -> Basis {
    let document = br#"{"version": 3, "extra_config": {"modifier/lua-endpoint": {"pre": "local x = 1"}},
        "endpoints": [{"endpoint": "/t", "backend": [{"host": ["http://a"], "url_pattern": "/b"}],
            "extra_config": {"modifier/lua-endpoint": {"pre": "local x = 1"}}}]}"#;
    let mut exchange = Exchange::new(&Rc::new(Program::load(document).unwrap()));
    exchange.handle(NOW, request("/t"));
    exchange.basis
}

/// A message of an agent has come.
fn message() -> Basis {
    let document = br#"{"version": 3, "extra_config": {"envoy/lua-modifier": {"listener": "agents"}}, "async_agent": [{"name": "a",
        "consumer": {}, "extra_config": {"async/amqp": {"host": "amqp://h", "exchange": "e"}},
        "backend": [{"host": ["http://a"], "url_pattern": "/b"}]}]}"#;
    let mut exchange = Exchange::new(&Rc::new(Program::load(document).unwrap()));
    let Input::Request(asked) = request("/__async_agent/a") else { panic!() };
    let headers = Headers::from_iter([("x-lua-modifier-agent", "message")]);
    exchange.handle(NOW, Input::Request(Request { method: "POST".into(), headers, ..asked }));
    exchange.basis
}

const GUARDED: &str =
    r#""auth/validator": {"alg": "RS256", "jwk_local_path": "keys.json", "disable_jwk_security": true}"#;
const BOTS: &str = r#""security/bot-detector": {"empty_user_agent_is_bot": true}, "auth/validator": {"alg": "RS256", "jwk_local_path": "keys.json", "disable_jwk_security": true}"#;
const SCRIPT: &str = r#""modifier/lua-proxy": {"pre": "local x = 1"}"#;
const SKIPS: &str = r#""modifier/lua-proxy": {"pre": "local x = 1", "skip_next": true}"#;

/// The next phase or the ending, in a word.
fn followed(phase: Phase, event: Event, basis: &Basis) -> &'static str {
    match transition(phase, event, basis) {
        Ok(Transition::To(Phase::Service(_))) => "service",
        Ok(Transition::To(Phase::Gate(gate))) => match gate.place() {
            Place::Service => "service's gate",
            Place::Key => "key",
            Place::Endpoint => "gate",
        },
        Ok(Transition::To(Phase::Door(_))) => "door",
        Ok(Transition::To(Phase::Endpoint(_))) => "endpoint",
        Ok(Transition::To(Phase::ProxyPre(_))) => "proxy.pre",
        Ok(Transition::To(Phase::Backends(..))) => "backends",
        Ok(Transition::To(Phase::ProxyPost(_))) => "proxy.post",
        Ok(Transition::To(_)) => "another phase",
        Ok(Transition::End(Ending::Pass(_), _)) => "pass",
        Ok(Transition::End(Ending::Router, _)) => "router",
        Ok(Transition::End(Ending::Refused(_), _)) => "refused",
        Ok(Transition::End(Ending::Answer(_) | Ending::Deliver(_), _)) => "respond",
        Ok(Transition::End(Ending::Failed(_), _)) => "fail",
        Err(Failure::Broken { .. }) => "broken",
        Err(_) => "another failure",
    }
}

#[test]
fn the_health_check_is_answered_where_asked_and_passes_on_elsewhere() {
    let program = |ours: &str| {
        let bots = r#""security/bot-detector": {"empty_user_agent_is_bot": true}"#;
        let document = format!(r#"{{"version": 3, "extra_config": {{"envoy/lua-modifier": {ours}, {bots}}}}}"#);
        Rc::new(Program::load(document.as_bytes()).unwrap())
    };
    let answer = Exchange::new(&program(r#"{"health": true}"#)).handle(NOW, request("/__health"));
    let Output::Answer(Response { status: 200, body, .. }) = answer else { panic!("{answer:?}") };
    let body = std::str::from_utf8(body.bytes()).unwrap();
    let now = body.strip_prefix(r#"{"agents":{},"now":""#).and_then(|rest| rest.strip_suffix(r#"","status":"ok"}"#));
    assert!(now.is_some_and(|now| now.ends_with(" +0000 UTC")), "{body}");
    for elsewhere in ["{}", r#"{"unmatched": "answer"}"#] {
        let passed = Exchange::new(&program(elsewhere)).handle(NOW, request("/__health"));
        assert!(matches!(&passed, Output::Send(routed) if routed.cluster.is_none()), "{passed:?}");
        let bot = Exchange::new(&program(elsewhere)).handle(NOW, request("/__health/of/a/bot"));
        assert!(matches!(bot, Output::Answer(Response { status: 403, .. })), "{bot:?}");
    }
}

#[test]
fn the_table_says_what_follows_and_everything_else_is_broken() {
    let router = || AtRouter { context: shared_context(), stage: None };
    let legs = || Box::new(Legs::new(shared_request()));
    let (plain, script, skips) = (basis("", "/t"), basis(SCRIPT, "/t"), basis(SKIPS, "/t"));
    let (unmatched, guarded, of_bot) = (basis("", "/none"), basis(GUARDED, "/t"), basis(BOTS, "/t"));
    let mut answered = basis("", "/none");
    answered.router = Some(RouterAnswer::NotFound);
    let (keyed, message, scripted) = (keyed(), message(), scripted());
    let rated = basis(r#""qos/ratelimit/router": {"max_rate": 1}"#, "/t");
    let gate = |place| Phase::Gate(Gate::new(&shared_context(), place));
    let proxy = |stage| AtProxy { request: shared_request(), stage };
    let empty = || Rc::new(RefCell::new(ProxyResponse::empty()));
    let post = || {
        let (stage, response) = (stage(&script).unwrap(), empty());
        Phase::ProxyPost(Box::new(phase::Answering { stage, response, routed: None }))
    };
    // For each event in turn: arrived, ended, refused, merged, partial, failed.
    let b = "broken";
    type Row<'a> = (&'a str, &'a dyn Fn() -> Phase, &'a Basis, [&'static str; 6]);
    let table: [Row<'_>; 27] = [
        ("idle", &|| Phase::Idle, &plain, ["backends", b, b, b, b, b]),
        ("idle, and the service has a script", &|| Phase::Idle, &scripted, ["service", b, b, b, b, b]),
        ("idle, and the service has rates", &|| Phase::Idle, &keyed, ["service's gate", b, b, b, b, b]),
        ("idle, and it is a message", &|| Phase::Idle, &message, ["backends", b, b, b, b, b]),
        ("backends of a message", &|| Phase::Backends(None, legs()), &message, [b, b, b, "respond", "fail", "fail"]),
        ("service's gate", &|| gate(Place::Service), &keyed, [b, "key", "refused", b, b, b]),
        ("service, and a key is asked for", &|| Phase::Service(router()), &keyed, [b, "key", b, b, b, b]),
        ("key, and a token is asked for", &|| gate(Place::Key), &guarded, [b, "door", "refused", b, b, b]),
        ("endpoint, and there are rates", &|| Phase::Endpoint(router()), &rated, [b, "gate", b, b, b, b]),
        ("gate", &|| gate(Place::Endpoint), &rated, [b, "backends", "refused", b, b, b]),
        ("service", &|| Phase::Service(router()), &plain, [b, "backends", b, b, b, b]),
        ("service, then a script", &|| Phase::Service(router()), &scripted, [b, "endpoint", b, b, b, b]),
        ("service, no endpoint", &|| Phase::Service(router()), &unmatched, [b, "pass", b, b, b, b]),
        ("service, and the router answers", &|| Phase::Service(router()), &answered, [b, "router", b, b, b, b]),
        ("service, and a token is asked for", &|| Phase::Service(router()), &guarded, [b, "door", b, b, b, b]),
        ("service, and a bot asks", &|| Phase::Service(router()), &of_bot, [b, "refused", b, b, b, b]),
        ("door", &|| Phase::Door(Door::new(&shared_context())), &guarded, [b, "backends", "refused", b, b, b]),
        ("endpoint", &|| Phase::Endpoint(router()), &plain, [b, "backends", b, b, b, b]),
        ("endpoint, then a script", &|| Phase::Endpoint(router()), &script, [b, "proxy.pre", b, b, b, b]),
        ("endpoint, no endpoint", &|| Phase::Endpoint(router()), &unmatched, [b, b, b, b, b, b]),
        ("proxy.pre, no script", &|| Phase::ProxyPre(proxy(None)), &plain, [b, "backends", b, b, b, b]),
        ("proxy.pre", &|| Phase::ProxyPre(proxy(stage(&script))), &script, [b, "backends", b, b, b, b]),
        ("proxy.pre, skip_next", &|| Phase::ProxyPre(proxy(stage(&skips))), &skips, [b, "proxy.post", b, b, b, b]),
        ("backends, no script", &|| Phase::Backends(None, legs()), &plain, [b, b, b, "respond", "respond", "fail"]),
        ("backends", &|| Phase::Backends(stage(&script), legs()), &script, [b, b, b, "proxy.post", "respond", "fail"]),
        ("proxy.post", &post, &script, [b, "respond", b, b, b, b]),
        ("over", &|| Phase::Over, &plain, [b, b, b, b, b, b]),
    ];
    for (name, phase, basis, follows) in table {
        let events = [
            Event::Arrived(Vec::new()),
            Event::Ended,
            Event::Refused(Box::new(response())),
            Event::Merged(empty()),
            Event::Partial(empty(), Box::new(Failure::Timeout)),
            Event::Failed(Box::new(Failure::Timeout)),
        ];
        let found: Vec<&str> = events.into_iter().map(|event| followed(phase(), event, basis)).collect();
        assert_eq!(found, follows, "{name}");
    }
}
