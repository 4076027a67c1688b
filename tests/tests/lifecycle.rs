//! What one worker does with streams that overlap, come in pieces, or break off: the module in host-sim, step by step. Whole
//! exchanges are cases; these tests show what only single steps can show.

use std::sync::LazyLock;
use std::time::Duration;

use host_sim::{
    Call, Event, Headers, LogLevel, Module, NoAnswer, Progress, Request, Response, Settings, Side, Sim, StreamId,
    StreamView,
};
use serde_json::{Value, json};
use tests::built::module_from_env;

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::load(module_from_env().unwrap()).unwrap());

fn settings(endpoint: Value) -> Settings {
    let ours = json!({"clusters": {"http://api": "api", "http://auth": "auth", "http://sick": "sick"}});
    let document = json!({
        "version": 3, "timeout": "2s", "endpoints": [endpoint],
        "extra_config": {"envoy/lua-modifier": ours, "router": {"return_error_msg": true}},
    });
    let settings = Settings::new(document.to_string()).allow_on_headers_stop_iteration(true);
    settings.cluster("api").cluster("auth").unhealthy_cluster("sick")
}

fn worker(endpoint: Value) -> Sim {
    start(settings(endpoint))
}

fn start(settings: Settings) -> Sim {
    let mut sim = Sim::start(&MODULE, settings).unwrap();
    sim.take_trace(); // these tests are not about the start
    sim
}

fn backend(path: &str) -> Value {
    json!({"host": ["http://api"], "url_pattern": path})
}

/// `/w/{id}` with a proxy script that asks `http://auth/ID` before the request leaves, and keeps the ID in a variable.
fn asks_first() -> Value {
    let pre = "mine = request.load():params('Id')
        local r = http_response.new('http://auth/' .. mine)
        request.load():headers('X-Seen', mine .. r:body())";
    let proxy = json!({"pre": pre, "post": "response.load():data():set('mine', mine)"});
    json!({"endpoint": "/w/{id}", "backend": [backend("/b/{id}")], "extra_config": {"modifier/lua-proxy": proxy}})
}

fn reads_the_request() -> Value {
    let proxy = json!({"pre": "local r = request.load(); r:body(r:body():upper())", "allow_open_libs": true});
    let backend = json!({"host": ["http://api"], "url_pattern": "/b", "method": "POST"});
    json!({"endpoint": "/r", "method": "POST", "backend": [backend], "extra_config": {"modifier/lua-proxy": proxy}})
}

fn open(sim: &mut Sim, path: &str) -> StreamId {
    sim.request(&Request::new("GET", path)).unwrap()
}

fn stream(sim: &Sim, id: StreamId) -> StreamView<'_> {
    sim.stream(id).unwrap()
}

fn token(sim: &Sim, path: &str) -> u32 {
    let asks = |call: &&Call| call.headers.get(":path").as_deref() == Some(path);
    sim.pending_calls().find(asks).unwrap().token
}

fn answer(sim: &mut Sim, path: &str, response: Response) {
    let token = token(sim, path);
    sim.reply(token, Ok(response)).unwrap();
}

fn data(body: &str) -> Response {
    Response::new(200).header("content-type", "application/json").body(body)
}

/// Headers of a response whose length is not known yet.
fn head() -> Headers {
    Response::new(200).header("content-type", "application/json").headers
}

fn respond(sim: &mut Sim, id: StreamId, body: &str) {
    sim.response_headers(id, head(), false).unwrap();
    sim.response_body(id, body, false).unwrap();
    sim.response_body(id, "", true).unwrap();
}

fn got(sim: &Sim, id: StreamId) -> (u16, String) {
    let delivered = stream(sim, id).delivered().unwrap();
    (delivered.status(), delivered.text())
}

/// Checks that the worker lives, did nothing that Envoy punishes, and serves the next request as usual.
fn is_well(sim: &mut Sim) {
    let id = open(sim, "/w/after");
    answer(sim, "/after", data("!"));
    respond(sim, id, r#"{"a":1}"#);
    assert_eq!(got(sim, id), (200, r#"{"a":1,"mine":"after"}"#.to_owned()));
    behaved(sim);
}

fn behaved(sim: &mut Sim) {
    assert!(sim.dead().is_none());
    let trace = sim.take_trace();
    assert_eq!((trace.misuses(), trace.unimplemented()), (vec![], vec![]), "{trace}");
}

#[test]
fn two_streams_that_wait_for_calls_do_not_see_each_other() {
    let mut sim = worker(asks_first());
    let (one, two) = (open(&mut sim, "/w/one"), open(&mut sim, "/w/two"));
    assert_eq!(sim.pending_calls().count(), 2);
    assert_eq!(stream(&sim, one).progress(Side::Request), Progress::Held);
    answer(&mut sim, "/two", data("2"));
    assert!(stream(&sim, one).forwarded().is_none());
    answer(&mut sim, "/one", data("1"));
    for (id, path, seen) in [(one, "/b/one", "one1"), (two, "/b/two", "two2")] {
        let headers = stream(&sim, id).forwarded().unwrap().headers;
        assert_eq!((headers.get(":path").unwrap(), headers.get("x-seen").unwrap()), (path.into(), seen.into()));
    }
    respond(&mut sim, two, "{}");
    respond(&mut sim, one, "{}");
    assert_eq!(got(&sim, one).1, r#"{"mine":"one"}"#);
    assert_eq!(got(&sim, two).1, r#"{"mine":"two"}"#);
    is_well(&mut sim);
}

#[test]
fn a_client_that_leaves_while_a_script_waits_takes_nobody_along() {
    let mut sim = worker(asks_first());
    let (gone, stays) = (open(&mut sim, "/w/gone"), open(&mut sim, "/w/stays"));
    let late = token(&sim, "/gone");
    sim.client_gone(gone).unwrap();
    sim.reply(late, Ok(data("late"))).unwrap();
    answer(&mut sim, "/stays", data("1"));
    assert_eq!(stream(&sim, stays).forwarded().unwrap().headers.get("x-seen").unwrap(), "stays1");
    assert!(stream(&sim, gone).forwarded().is_none());
    is_well(&mut sim);
}

#[test]
fn a_client_may_leave_at_any_other_moment_too() {
    let mut sim = worker(asks_first());
    // while the response is read
    let id = open(&mut sim, "/w/x");
    answer(&mut sim, "/x", data("1"));
    sim.response_headers(id, head(), false).unwrap();
    sim.response_body(id, "{\"half", false).unwrap();
    sim.client_gone(id).unwrap();
    // before the upstream answers
    let id = open(&mut sim, "/w/y");
    answer(&mut sim, "/y", data("1"));
    sim.client_gone(id).unwrap();
    // and after the end of the exchange
    let id = open(&mut sim, "/w/z");
    answer(&mut sim, "/z", data("1"));
    respond(&mut sim, id, "{}");
    sim.client_gone(id).unwrap();
    is_well(&mut sim);
}

#[test]
fn a_client_that_leaves_while_its_body_is_read_takes_nobody_along() {
    let mut sim = worker(reads_the_request());
    let (gone, stays) = (sim.open_stream(), sim.open_stream());
    for id in [gone, stays] {
        sim.request_headers(id, Request::new("POST", "/r").headers, false).unwrap();
        sim.request_body(id, "some", false).unwrap();
    }
    sim.client_gone(gone).unwrap();
    sim.advance(Duration::from_secs(1)).unwrap();
    sim.request_body(stays, " more", true).unwrap();
    assert_eq!(stream(&sim, stays).forwarded().unwrap().text(), "SOME MORE");
    behaved(&mut sim);
}

#[test]
fn bodies_in_many_chunks_reach_scripts_whole() {
    let mut sim = worker(reads_the_request());
    let mut request = Request::new("POST", "/r");
    for _ in 0..200 {
        request = request.chunk("chunk ");
    }
    let id = sim.request(&request).unwrap();
    assert_eq!(stream(&sim, id).forwarded().unwrap().text(), "CHUNK ".repeat(200));

    let mut sim = worker(asks_first());
    let id = open(&mut sim, "/w/7");
    answer(&mut sim, "/7", data("1"));
    sim.response_headers(id, head(), false).unwrap();
    let body = format!(r#"{{"long":"{}"}}"#, "x".repeat(500));
    for byte in body.bytes() {
        sim.response_body(id, [byte], false).unwrap();
        assert!(stream(&sim, id).delivered().is_none());
    }
    sim.response_body(id, "", true).unwrap();
    assert_eq!(got(&sim, id).1, format!(r#"{{"long":"{}","mine":"7"}}"#, "x".repeat(500)));
    is_well(&mut sim);
}

#[test]
fn a_reply_after_the_endpoints_time_is_too_late() {
    let mut sim = worker(asks_first());
    let id = open(&mut sim, "/w/slow");
    assert!(sim.pending_calls().all(|call| call.timeout == Some(Duration::from_secs(2))));
    sim.advance(Duration::from_secs(3)).unwrap();
    answer(&mut sim, "/slow", data("late"));
    assert_eq!(got(&sim, id), (500, "context deadline exceeded".to_owned()));
    assert!(stream(&sim, id).forwarded().is_none());
    is_well(&mut sim);
}

fn three_backends() -> Value {
    let legs: Vec<Value> = (1..=3).map(|n| backend(&format!("/b{n}"))).collect();
    json!({"endpoint": "/m", "backend": legs})
}

#[test]
fn replies_in_reverse_order_are_merged_in_the_order_of_the_backends() {
    let mut sim = worker(three_backends());
    let id = open(&mut sim, "/m");
    for n in [3, 2, 1] {
        assert!(stream(&sim, id).delivered().is_none());
        answer(&mut sim, &format!("/b{n}"), data(&format!(r#"{{"b{n}":{n},"last":{n}}}"#)));
    }
    assert_eq!(got(&sim, id), (200, r#"{"b1":1,"b2":2,"b3":3,"last":3}"#.to_owned()));
    behaved(&mut sim);
}

#[test]
fn a_stream_is_answered_once_whatever_still_comes() {
    let mut sim = worker(three_backends());
    let id = open(&mut sim, "/m");
    let tokens: Vec<u32> = sim.pending_calls().map(|call| call.token).collect();
    for token in &tokens {
        sim.reply(*token, Err(NoAnswer)).unwrap();
    }
    assert_eq!(got(&sim, id).0, 500);
    for token in tokens {
        sim.reply(token, Ok(data("{}"))).unwrap();
    }
    sim.advance(Duration::from_secs(10)).unwrap();
    let trace = sim.take_trace();
    let answers = trace.events().filter(|event| matches!(event, Event::LocalReply { .. })).count();
    assert_eq!((answers, trace.misuses()), (1, vec![]), "{trace}");
}

#[test]
fn a_client_that_leaves_while_backends_are_asked_drops_their_replies() {
    let mut sim = worker(three_backends());
    let gone = open(&mut sim, "/m");
    answer(&mut sim, "/b2", data("{}"));
    let late: Vec<u32> = sim.pending_calls().map(|call| call.token).collect();
    sim.client_gone(gone).unwrap();
    for token in late {
        sim.reply(token, Ok(data("{}"))).unwrap();
    }
    behaved(&mut sim);
}

#[test]
fn without_the_setting_a_body_that_never_comes_is_an_answer_and_a_line_in_the_log() {
    let settings = settings(reads_the_request()).allow_on_headers_stop_iteration(false);
    let mut sim = start(settings);
    let id = sim.request(&Request::new("POST", "/r").body("text")).unwrap();
    assert!(stream(&sim, id).delivered().is_none());
    sim.advance(Duration::from_secs(1)).unwrap();
    assert!(stream(&sim, id).delivered().is_none(), "the endpoint's time is not over yet");
    sim.advance(Duration::from_millis(1400)).unwrap();
    assert_eq!(got(&sim, id).0, 500);
    let trace = sim.take_trace();
    assert!(trace.logged(LogLevel::Error, "allow_on_headers_stop_iteration"), "{trace}");
    assert_eq!((trace.forwarded().len(), trace.misuses()), (0, vec![]), "{trace}");
}

#[test]
fn without_the_setting_streams_that_need_no_body_are_served() {
    let proxy = json!({"pre": "request.load():headers('X-A', 'a')"});
    let endpoint = json!({
        "endpoint": "/n", "method": "POST", "output_encoding": "no-op", "extra_config": {"modifier/lua-proxy": proxy},
        "backend": [{"host": ["http://api"], "url_pattern": "/b", "method": "POST", "encoding": "no-op"}],
    });
    let mut sim = start(settings(endpoint).allow_on_headers_stop_iteration(false));
    let id = sim.request(&Request::new("POST", "/n").chunk("one ").chunk("two")).unwrap();
    let forwarded = stream(&sim, id).forwarded().unwrap();
    assert_eq!((forwarded.headers.get("x-a").unwrap(), forwarded.text()), ("a".into(), "one two".to_owned()));
    respond(&mut sim, id, "plain");
    assert_eq!(got(&sim, id), (200, "plain".to_owned()));
    behaved(&mut sim);
}

#[test]
fn a_forged_cluster_header_never_leaves() {
    let header = "x-lua-modifier-cluster";
    let mut sim = worker(reads_the_request());
    for (method, path, wanted) in [("POST", "/r", Some("api")), ("GET", "/unmatched", None)] {
        let id = sim.request(&Request::new(method, path).header(header, "auth").header(header, "sick")).unwrap();
        let headers = stream(&sim, id).forwarded().unwrap().headers;
        assert_eq!(headers.all(header), wanted.into_iter().collect::<Vec<_>>(), "{path}");
    }
    behaved(&mut sim);
}

#[test]
fn a_cluster_that_is_sick_or_unknown_is_an_error_that_a_script_can_catch() {
    let pre = "for _, host in ipairs{'sick', 'unknown'} do
        local ok, why = pcall(http_response.new, 'http://' .. host .. '/x')
        print(tostring(ok), why)
      end";
    let proxy = json!({"pre": pre, "skip_next": true});
    let endpoint = json!({"endpoint": "/c", "backend": [backend("/b")], "extra_config": {"modifier/lua-proxy": proxy}});
    let mut sim = worker(endpoint);
    let id = open(&mut sim, "/c");
    assert_eq!(got(&sim, id).0, 200);
    let trace = sim.take_trace();
    for (host, cluster) in [("sick", "sick"), ("unknown", "unknown:80")] {
        let line = format!("false\t<string>:2: Get \"http://{host}/x\": ");
        assert!(trace.logged(LogLevel::Info, &line), "{trace}");
        assert!(trace.logged(LogLevel::Info, &format!("\"{cluster}\"")), "{trace}");
    }
}
