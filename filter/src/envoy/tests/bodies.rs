//! Bodies that are streamed, held, or replaced, and bodies that never come.

use std::time::Duration;

use super::fake_envoy::{Act, FakeEnvoy, Outcome};
use super::metrics::FakeMeter;
use super::{NO_OP, logged, program, scripted};
use crate::envoy::{Direction, HeadersAnswer};

fn unscripted() -> String {
    format!(r#"{{"endpoint": "/t", "method": "POST", {NO_OP}}}"#)
}

#[test]
fn bodies_that_nobody_reads_are_never_held() {
    let worker = program(&unscripted());
    let envoy = FakeEnvoy::new("POST", "/t", &["one ", "two"]).open(&worker);
    envoy.bring_request();
    assert!(envoy.request.is_open());
    envoy.bring_response();
    assert_eq!(envoy.outcome(), Outcome::Delivered(200, r#"{"a":1}"#.to_owned()));
    assert_eq!(envoy.request.sent(), "one two");
    let hostcalls = envoy.hostcalls.borrow();
    assert!(!hostcalls.iter().any(|name| name.contains("body")), "{hostcalls:?}");
    assert!(envoy.acts.borrow().is_empty());
}

#[test]
fn a_request_body_that_a_script_reads_is_held_and_goes_on_replaced() {
    let worker = program(&scripted("local r = request.load(); r:body(r:body() .. '!')", ""));
    for (pieces, trailers, sent) in
        [(&["one ", "two"][..], false, "one two!"), (&["x"], false, "x!"), (&["x"], true, "x!")]
    {
        let mut envoy = FakeEnvoy::new("POST", "/t", pieces);
        envoy.request.trailers = trailers;
        envoy.request.headers.borrow_mut().push(("content-length".to_owned(), b"9".to_vec()));
        let (outcome, envoy) = envoy.play(&worker);
        assert_eq!(outcome, Outcome::Delivered(200, r#"{"a":1}"#.to_owned()));
        assert_eq!(envoy.request.sent(), sent);
        assert_eq!(envoy.request.header("content-length"), [sent.len().to_string()]);
        assert_eq!(envoy.request.header("x-lua-modifier-cluster"), ["api"]);
    }
}

#[test]
fn a_request_body_that_is_replaced_unread_is_held_until_all_of_it_has_come() {
    let worker = program(&scripted("request.load():body('new')", ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["old, ", "and long"]).open(&worker);
    let stream = envoy.stream().unwrap();
    assert_eq!(stream.request_headers(false), HeadersAnswer::Hold);
    envoy.bring_body(Direction::Request);
    assert!(envoy.request.is_open());
    assert_eq!(envoy.request.sent(), "new");
    assert_eq!(envoy.request.header("content-length"), ["3"]);
}

#[test]
fn a_response_body_that_a_script_reads_is_held_and_goes_on_replaced() {
    let worker = program(&scripted("", "local r = response.load(); r:body(r:body() .. '!')"));
    for trailers in [false, true] {
        let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
        envoy.response.trailers = trailers;
        let (outcome, envoy) = envoy.play(&worker);
        assert_eq!(outcome, Outcome::Delivered(200, r#"{"a":1}!"#.to_owned()));
        assert_eq!(envoy.response.header("content-length"), ["8"]);
    }
}

#[test]
fn a_response_body_that_is_replaced_unread_is_held_until_all_of_it_has_come() {
    let worker = program(&scripted("", "response.load():body('new')"));
    let (outcome, envoy) = FakeEnvoy::new("POST", "/t", &[]).play(&worker);
    assert_eq!(outcome, Outcome::Delivered(200, "new".to_owned()));
    assert_eq!(envoy.response.header("content-length"), ["3"]);
}

#[test]
fn a_body_for_a_response_that_came_without_one_is_answered() {
    let worker = program(&scripted("", "response.load():body('new')"));
    let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
    envoy.response.pieces.clear();
    let (outcome, envoy) = envoy.play(&worker);
    assert_eq!(outcome, Outcome::Answered(200));
    assert_eq!(envoy.answers(), [(200, "new".to_owned())]);
}

#[test]
fn nobody_else_may_say_how_long_a_body_is() {
    let worker = program(&scripted("request.load():headers('Content-Length', '1')", ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["four"]);
    envoy.request.headers.borrow_mut().push(("content-length".to_owned(), b"4".to_vec()));
    let (_, envoy) = envoy.play(&worker);
    assert_eq!(envoy.request.header("content-length"), ["4"]);
}

#[test]
fn a_body_that_never_comes_is_answered_when_its_time_is_over() {
    let mut worker = program(&scripted("local r = request.load(); r:body(r:body() .. '!')", ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["late"]).open(&worker);
    let (stream, meter) = (envoy.stream().unwrap(), FakeMeter::default());
    assert_eq!(stream.request_headers(false), HeadersAnswer::Hold);
    assert!(worker.tick(Duration::from_millis(1999), &meter).is_empty());
    assert_eq!(worker.tick(Duration::from_secs(2), &meter), [7]);
    assert!(worker.tick(Duration::from_secs(2), &meter).is_empty());
    stream.body_is_late();
    let acts = envoy.acts.borrow();
    let [Act::Answered { status: 500, details, .. }] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!(details, "lua_modifier_no_body");
    let lines = logged();
    assert!(lines.len() == 1 && lines[0].contains("allow_on_headers_stop_iteration"), "{lines:?}");
}

#[test]
fn a_body_that_has_begun_or_a_stream_that_is_gone_is_not_late() {
    let mut worker = program(&scripted("local r = request.load(); r:body(r:body() .. '!')", ""));
    let meter = FakeMeter::default();
    let begun = FakeEnvoy::new("POST", "/t", &["a", "b"]).open(&worker);
    begun.bring_request();
    let gone = FakeEnvoy::new("POST", "/t", &["a"]).open(&worker);
    gone.stream().unwrap().request_headers(false);
    gone.end();
    assert!(worker.tick(Duration::MAX, &meter).is_empty());
}
