//! Local replies, calls and their replies, clients that leave, ticks.

#![allow(clippy::unwrap_used, reason = "in a test the shortest way to fail")]

mod guest;

use std::time::Duration;

use host_sim::{Answer, Call, Event, LogLevel, NoAnswer, Request, Response, Settings, Sim, Upstreams};

/// Answers every call with its own path, and the route with a short page.
#[derive(Default)]
struct World {
    delays: Vec<u64>,
    route: Option<Answer>,
}

impl Upstreams for World {
    fn route(&mut self, request: &Request) -> Answer {
        let page = Response::new(200).header("x-seen", request.headers.get(":path").unwrap().as_bytes());
        self.route.clone().unwrap_or_else(|| page.body("page").into())
    }

    fn call(&mut self, call: &Call) -> Answer {
        let delay = self.delays.get(call.token as usize - 1).copied().unwrap_or(0);
        let path = call.headers.get(":path").unwrap().into_owned();
        Answer::after(Duration::from_millis(delay), Response::new(200).body(path))
    }
}

fn dispatch(cluster: &str, path: &str) -> String {
    let headers = guest::pairs(&[(":method", "GET"), (":path", path), (":authority", "a")]);
    format!(
        r#"(call $note (call $call @"{cluster}" {headers} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 1000) (i32.const 60016)))"#
    )
}

/// Holds the request for two calls; each reply is logged, the second lets the request go on.
fn two_calls() -> String {
    format!(
        r#"(global $left (mut i32) (i32.const 2))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          {} {} (i32.const 1))
        (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
          (drop (call $act_for (i32.const 2)))
          (call $say_header (i32.const 6) @":status")
          (call $say_buffer (i32.const 4))
          (global.set $left (i32.sub (global.get $left) (i32.const 1)))
          (if (i32.eqz (global.get $left)) (then
            (call $note (call $replace (i32.const 0) @"x-from" @"reply"))
            (drop (call $continue (i32.const 0))))))"#,
        dispatch("a", "/one"),
        dispatch("a", "/two")
    )
}

fn lines(trace: &host_sim::Trace) -> Vec<&str> {
    trace.logs().iter().map(|(_, line)| *line).collect()
}

#[test]
fn replies_come_in_the_order_of_their_delays_and_the_last_lets_the_request_go() {
    let mut sim = guest::sim(&two_calls(), Settings::default().cluster("a"));
    let mut world = World { delays: vec![30, 20], ..World::default() };
    let trace = sim.exchange(&Request::new("GET", "/p"), &mut world);
    assert_eq!(lines(&trace), ["00", "00", "200", "/two", "200", "/one", "00"]);
    assert_eq!(trace.forwarded()[0].headers.get("x-from").unwrap(), "reply");
    assert_eq!(trace.answer().unwrap().text(), "page");
    assert_eq!(trace.answer().unwrap().headers.get("x-seen").unwrap(), "/p");
    assert_eq!(trace.answer().unwrap().details, "via_upstream");
    assert_eq!(sim.elapsed(), Duration::from_millis(30));
    assert!(trace.before(|event| matches!(event, Event::Called(_)), |event| matches!(event, Event::Forwarded(_))));
    let end = trace.callbacks();
    assert_eq!(end[end.len() - 1], "proxy_on_http_call_response");
}

#[test]
fn a_call_that_takes_too_long_is_answered_504() {
    let mut sim = guest::sim(&two_calls(), Settings::default().cluster("a"));
    let mut world = World { delays: vec![30, 5000], ..World::default() };
    let trace = sim.exchange(&Request::new("GET", "/"), &mut world);
    assert_eq!(lines(&trace)[2..6], ["200", "/one", "504", "upstream request timeout"]);
}

#[test]
fn calls_are_refused_at_once_for_unknown_clusters_missing_headers_and_clusters_without_hosts() {
    let bare = guest::pairs(&[(":method", "GET")]);
    let mut sim = guest::sim(
        &format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
              {} {}
              (call $note (call $call @"down" {bare} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 60016)))
              (i32.const 0))"#,
            dispatch("nowhere", "/"),
            dispatch("down", "/"),
        ),
        Settings::default().unhealthy_cluster("down"),
    );
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    assert_eq!(lines(&trace), ["02", "10", "02"]);
    assert!(trace.calls().is_empty());
}

#[test]
fn a_failed_call_arrives_with_zero_headers() {
    let mut sim = guest::sim(
        &format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) {} (i32.const 1))
            (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
              (call $note (local.get 2))
              (call $note (call $pairs (i32.const 6) (i32.const 60008) (i32.const 60012)))
              (call $note (i32.load (i32.const 60008))))"#,
            dispatch("a", "/")
        ),
        Settings::default().cluster("a"),
    );
    sim.request(&Request::new("GET", "/")).unwrap();
    let token = sim.pending_calls().next().unwrap().token;
    sim.reply(token, Err(NoAnswer)).unwrap();
    assert_eq!(lines(&sim.take_trace()), ["00", "00", "00", "00"]);
}

#[test]
fn when_the_client_leaves_the_module_is_told_and_late_replies_change_nothing() {
    let callbacks = two_calls()
        + r#"(func (export "proxy_on_log") (param i32))
             (func (export "proxy_on_done") (param i32) (result i32) (i32.const 1))
             (func (export "proxy_on_delete") (param i32))"#;
    let mut sim = guest::sim(&callbacks, Settings::default().cluster("a"));
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    sim.take_trace();
    sim.client_gone(id).unwrap();
    assert_eq!(sim.take_trace().callbacks(), ["proxy_on_log", "proxy_on_done", "proxy_on_delete"]);
    for token in [1, 2] {
        sim.reply(token, Ok(Response::new(200))).unwrap();
    }
    sim.reply(9, Ok(Response::new(200))).unwrap();
    let trace = sim.take_trace();
    assert!(trace.forwarded().is_empty());
    assert_eq!(trace.callbacks(), ["proxy_on_http_call_response"; 2]);
}

fn answers(side: &str) -> String {
    format!(
        r#"(func (export "proxy_on_{side}_headers") (param i32 i32 i32) (result i32)
          (call $note (call $reply (i32.const 418) @"my details" @"short and stout" {}
            (i32.const -1)))
          (i32.const 0))"#,
        guest::pairs(&[("X-Tea", "1")])
    )
}

#[test]
fn a_local_reply_from_the_request_passes_the_response_callbacks() {
    let callbacks = answers("request")
        + r#"(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
            (call $note (call $property @"response\00code_details" (i32.const 60008) (i32.const 60012)))
            (call $say (i32.load (i32.const 60008)) (i32.load (i32.const 60012)))
            (drop (call $add (i32.const 2) @"x-passed" @"1"))
            (i32.const 0))"#;
    let mut sim = guest::sim(&callbacks, Settings::default());
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    let answer = trace.answer().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (418, "short and stout"));
    assert_eq!(answer.headers.get("content-type").unwrap(), "text/plain");
    assert_eq!(answer.headers.get("content-length").unwrap(), "15");
    assert_eq!(answer.headers.get("x-tea").unwrap(), "1");
    assert_eq!(answer.headers.get("x-passed").unwrap(), "1");
    assert_eq!(lines(&trace), ["00", "00", "my_details"]);
    assert!(trace.forwarded().is_empty());
}

#[test]
fn a_local_reply_from_the_response_does_not() {
    let mut sim = guest::sim(&answers("response"), Settings::default());
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    assert_eq!(trace.answer().unwrap().text(), "short and stout");
    let entered = trace.callbacks();
    assert_eq!(entered.iter().filter(|name| **name == "proxy_on_response_headers").count(), 1);
    assert!(!trace.answer().unwrap().headers.contains("x-seen"));
}

#[test]
fn a_local_reply_after_the_headers_have_left_breaks_the_connection() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_response_body") (param i32 i32 i32) (result i32)
            (drop (call $reply (i32.const 500) @"" @"late" (i32.const 0) (i32.const 0) (i32.const -1)))
            (i32.const 1))"#,
        Settings::default(),
    );
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    assert!(trace.answer().is_none());
    assert!(trace.shows(|event| *event == Event::Reset));
}

#[test]
fn an_answer_to_head_has_no_body() {
    let mut sim = guest::sim(&answers("request"), Settings::default());
    let trace = sim.exchange(&Request::new("HEAD", "/"), &mut World::default());
    assert_eq!(trace.answer().unwrap().text(), "");
    assert_eq!(trace.answer().unwrap().headers.get("content-length").unwrap(), "15");
    assert!(trace.misuses().is_empty());
}

const DETAILS: &str = r#"
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (drop (call $property @"response\00code_details" (i32.const 60008) (i32.const 60012)))
    (call $say (i32.load (i32.const 60008)) (i32.load (i32.const 60012)))
    (i32.const 0))"#;

#[test]
fn code_details_tell_an_upstream_from_envoy() {
    let mut sim = guest::sim(DETAILS, Settings::default());
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    assert_eq!(lines(&trace), ["via_upstream"]);
    let local = Response::local(503, "no_healthy_upstream", "no healthy upstream");
    let mut world = World { route: Some(local.into()), ..World::default() };
    let trace = sim.exchange(&Request::new("GET", "/"), &mut world);
    assert_eq!(lines(&trace), ["no_healthy_upstream"]);
    assert_eq!(trace.answer().unwrap().status(), 503);
    let mut world = World { route: Some(Answer::none()), ..World::default() };
    let trace = sim.exchange(&Request::new("GET", "/"), &mut world);
    assert!(lines(&trace)[0].starts_with("upstream_reset_before_response_started"));
}

#[test]
fn the_route_keeps_to_the_timeout_in_the_header() {
    let mut sim = guest::sim(DETAILS, Settings::default());
    let slow = Answer::after(Duration::from_secs(5), Response::new(200));
    let mut world = World { route: Some(slow), ..World::default() };
    let request = Request::new("GET", "/").header("x-envoy-upstream-rq-timeout-ms", "100");
    let trace = sim.exchange(&request, &mut world);
    assert_eq!(trace.answer().unwrap().status(), 504);
    assert_eq!(sim.elapsed(), Duration::from_millis(100));
}

#[test]
fn without_x_forwarded_proto_no_route_matches() {
    let mut sim = guest::sim(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (drop (call $remove (i32.const 0) @"x-forwarded-proto")) (i32.const 0))"#,
        Settings::default(),
    );
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    assert_eq!(trace.answer().unwrap().status(), 404);
}

const TICKS: &str = r#"
  (global $id (mut i32) (i32.const 0))
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $define (i32.const 0) @"ticks" (i32.const 60008)))
    (global.set $id (i32.load (i32.const 60008)))
    (drop (call $set_tick (i32.const 100)))
    (i32.const 1))
  (func (export "proxy_on_tick") (param i32)
    (drop (call $increment (global.get $id) (i64.const 1))))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))"#;

#[test]
fn time_brings_ticks() {
    let mut sim = guest::sim(TICKS, Settings::default());
    sim.advance(Duration::from_millis(350)).unwrap();
    assert_eq!(sim.metric("ticks"), Some(3));
}

#[test]
fn an_exchange_that_nothing_can_end_is_given_up() {
    let settings = Settings { patience: Duration::from_secs(1), ..Settings::default() };
    let mut sim = guest::sim(TICKS, settings);
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    assert!(trace.is_stuck() && trace.answer().is_none());
    assert_eq!(sim.metric("ticks"), Some(10));
    let text = trace.to_string();
    assert!(text.contains("Stuck"));
}

#[test]
fn workers_of_one_envoy_are_made_of_one_module_on_two_threads() {
    let module = guest::module(&answers("request"));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let module = module.clone();
            std::thread::spawn(move || {
                let mut sim = Sim::start(&module, Settings::default()).unwrap();
                let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
                assert!(trace.logged(LogLevel::Info, "00"));
                trace.answer().unwrap().status()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 418);
    }
}

/// Holds the response's headers or body for a call, and edits both in its reply.
fn holds_the_response(answers: (u32, u32)) -> String {
    format!(
        r#"(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
          {} (i32.const {}))
        (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32) (i32.const {}))
        (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
          (drop (call $act_for (i32.const 2)))
          (drop (call $remove (i32.const 2) @"content-length"))
          (call $note (call $replace (i32.const 2) @":status" @"203"))
          (call $note (call $set_buffer (i32.const 1) (i32.const 0) (i32.const 9999) @"edited"))
          (drop (call $continue (i32.const 1))))"#,
        dispatch("a", "/side"),
        answers.0,
        answers.1
    )
}

#[test]
fn a_response_is_held_for_a_call_and_edited_in_its_reply() {
    let settings = Settings::default().cluster("a").allow_on_headers_stop_iteration(true);
    let mut sim = guest::sim(&holds_the_response((1, 1)), settings);
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    let answer = trace.answer().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (203, "edited"));
    assert_eq!(lines(&trace), ["00", "00", "00"]);
    assert!(trace.misuses().is_empty(), "{trace}");
}

#[test]
fn a_body_that_its_callback_has_not_seen_cannot_be_edited_from_a_reply() {
    let mut sim = guest::sim(&holds_the_response((1, 0)), Settings::default().cluster("a"));
    let trace = sim.exchange(&Request::new("GET", "/"), &mut World::default());
    let answer = trace.answer().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (203, "page"));
    assert_eq!(lines(&trace), ["00", "00", "02"]);
}

#[test]
fn a_response_without_a_body_is_held_for_a_call_too() {
    for allow in [false, true] {
        let settings = Settings::default().cluster("a").allow_on_headers_stop_iteration(allow);
        let mut sim = guest::sim(&holds_the_response((1, 0)), settings);
        let mut world = World { route: Some(Response::new(204).into()), ..World::default() };
        let trace = sim.exchange(&Request::new("GET", "/"), &mut world);
        assert_eq!(trace.answer().unwrap().status(), 203);
        assert!(!trace.callbacks().contains(&"proxy_on_response_body"));
    }
}

#[test]
fn edits_of_response_headers_that_have_left_are_pointed_out() {
    let callbacks = holds_the_response((1, 1))
        + r#"(func (export "proxy_on_log") (param i32)
            (call $note (call $add (i32.const 2) @"x" @"y")))
          (func (export "proxy_on_tick") (param i32)
            (drop (call $act_for (i32.const 2)))
            (call $note (call $add (i32.const 2) @"x" @"y")))"#;
    let mut sim = guest::sim(&callbacks, Settings::default().cluster("a"));
    let id = sim.request(&Request::new("GET", "/")).unwrap();
    sim.response_headers(id, Response::new(200).headers, false).unwrap();
    sim.reply(1, Ok(Response::new(200))).unwrap();
    sim.tick().unwrap();
    let trace = sim.take_trace();
    assert!(trace.misuses()[0].contains("nobody will see it"), "{trace}");
    assert!(!sim.stream(id).unwrap().delivered().unwrap().headers.contains("x"));
}
