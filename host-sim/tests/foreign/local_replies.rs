//! Answers that no upstream gave: the module's own, at every moment, and Envoy's.

use std::time::Duration;

use host_sim::{Answer, Event, LogLevel, Request, Response, Settings, Sim};

use crate::guest::{self, lines};
use crate::upstream::Upstream;

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
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
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
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
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
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    assert!(trace.answer().is_none());
    assert!(trace.shows(|event| *event == Event::Reset));
}

#[test]
fn an_answer_to_head_has_no_body() {
    let mut sim = guest::sim(&answers("request"), Settings::default());
    let trace = sim.exchange(&Request::new("HEAD", "/"), &mut Upstream::default());
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
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    assert_eq!(lines(&trace), ["via_upstream"]);
    let local = Response::local(503, "no_healthy_upstream", "no healthy upstream");
    let mut upstream = Upstream { route: Some(local.into()), ..Upstream::default() };
    let trace = sim.exchange(&Request::new("GET", "/"), &mut upstream);
    assert_eq!(lines(&trace), ["no_healthy_upstream"]);
    assert_eq!(trace.answer().unwrap().status(), 503);
    let mut upstream = Upstream { route: Some(Answer::none()), ..Upstream::default() };
    let trace = sim.exchange(&Request::new("GET", "/"), &mut upstream);
    assert!(lines(&trace)[0].starts_with("upstream_reset_before_response_started"));
}

#[test]
fn the_route_keeps_to_the_timeout_in_the_header() {
    let mut sim = guest::sim(DETAILS, Settings::default());
    let slow = Answer::after(Duration::from_secs(5), Response::new(200));
    let mut upstream = Upstream { route: Some(slow), ..Upstream::default() };
    let request = Request::new("GET", "/").header("x-envoy-upstream-rq-timeout-ms", "100");
    let trace = sim.exchange(&request, &mut upstream);
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
    let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
    assert_eq!(trace.answer().unwrap().status(), 404);
}

#[test]
fn workers_of_one_envoy_are_made_of_one_module_on_two_threads() {
    let module = guest::module(&answers("request"));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let module = module.clone();
            std::thread::spawn(move || {
                let mut sim = Sim::start(&module, Settings::default()).unwrap();
                let trace = sim.exchange(&Request::new("GET", "/"), &mut Upstream::default());
                assert!(trace.logged(LogLevel::Info, "00"));
                trace.answer().unwrap().status()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 418);
    }
}
