//! Calls beside the stream: what leaves, replies that come late or that nothing waits for, and clients that leave meanwhile.

use std::time::Duration;

use super::fake_envoy::{Act, CallsBack, FakeEnvoy, Outcome};
use super::fake_message::FakeMessage;
use super::{NO_OP, logged, program, scripted};
use crate::envoy::Direction;

const ASKS: &str = "request.load():headers('X-Who', http_response.new('http://auth/who'):body())";

#[test]
fn a_call_carries_its_headers_byte_for_byte() {
    let worker =
        program(&scripted(r"http_response.new('http://auth/who', 'PUT', 'b', {['X-Raw'] = 'caf\\233\\255'})", ""));
    let (outcome, envoy) = FakeEnvoy::new("POST", "/t", &[]).play(&worker);
    assert!(matches!(outcome, Outcome::Delivered(..)));
    let acts = envoy.acts.borrow();
    let Act::Called { cluster, headers, body, timeout } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!((cluster.as_str(), body.as_slice()), ("auth", &b"b"[..]));
    assert!(*timeout > Duration::ZERO && *timeout <= Duration::from_secs(2));
    let value = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
    assert_eq!(value("x-raw"), Some(&b"caf\xe9\xff"[..]));
    assert_eq!(value(":method"), Some(&b"PUT"[..]));
    assert_eq!(value(":authority"), Some(&b"auth"[..]));
    assert_eq!(headers[..4].iter().filter(|(name, _)| name.starts_with(':')).count(), 4, "pseudo-headers are first");
}

#[test]
fn a_request_waits_for_the_reply_and_is_resumed() {
    let worker = program(&scripted(ASKS, ""));
    for replies_come_first in [false, true] {
        let mut envoy = FakeEnvoy::new("POST", "/t", &["a ", "body"]);
        envoy.replies_come_first = replies_come_first;
        let (outcome, envoy) = envoy.play(&worker);
        assert_eq!(outcome, Outcome::Delivered(200, r#"{"a":1}"#.to_owned()));
        assert_eq!(envoy.request.header("x-who"), [r#"{"b":2}"#]);
        assert_eq!(envoy.request.sent(), "a body");
        assert_eq!(envoy.acts.borrow().last(), Some(&Act::Resumed(Direction::Request)));
    }
}

#[test]
fn a_redirect_is_followed_while_its_response_is_held() {
    let worker = program(&format!(r#"{{"endpoint": "/t", "method": "POST", {NO_OP}}}"#));
    let found = || r#"{"b":2}"#.to_owned();
    // Envoy cannot give a body to a response that came without one: the client gets an answer in its place.
    let table: [(&[&str], Outcome); 2] =
        [(&["moved ", "away"], Outcome::Delivered(200, found())), (&[], Outcome::Answered(200))];
    for (pieces, wanted) in table {
        for calls_back in [CallsBack::Later, CallsBack::AtOnce] {
            let mut envoy = FakeEnvoy::new("POST", "/t", &["a body"]);
            envoy.calls_back = calls_back;
            envoy.response = FakeMessage::new(&[(":status", "302"), ("location", "http://auth/who")], pieces);
            let (outcome, envoy) = envoy.play(&worker);
            assert_eq!(outcome, wanted, "{calls_back:?}");
            if outcome == Outcome::Answered(200) {
                assert_eq!(envoy.answers(), [(200, found())]);
            } else {
                assert_eq!(envoy.response.header("location"), Vec::<String>::new());
                assert_eq!(envoy.response.header("content-length"), ["7"]);
            }
        }
    }
    assert_eq!(logged(), Vec::<String>::new());
}

#[test]
fn a_reply_that_nobody_waits_for_is_not_even_read() {
    let worker = program(&scripted(ASKS, ""));
    let envoy = FakeEnvoy::new("POST", "/t", &[]).open(&worker);
    envoy.bring_request();
    let stream = envoy.stream().unwrap();
    let unread = || panic!("a reply of nobody is read");
    stream.reply(99, unread);
    envoy.bring_replies();
    assert!(envoy.request.is_open());
    stream.reply(1, unread);
    envoy.bring_response();
    assert_eq!(envoy.outcome(), Outcome::Delivered(200, r#"{"a":1}"#.to_owned()));
}

#[test]
fn a_reply_that_comes_after_the_answer_comes_to_nothing() {
    let worker = program(&scripted(ASKS, ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["a body"]).open(&worker);
    envoy.bring_request();
    let stream = envoy.stream().unwrap();
    stream.body_is_late();
    assert_eq!(envoy.outcome(), Outcome::Answered(500));
    let acts = envoy.acts.borrow().len();
    envoy.bring_replies();
    assert_eq!(envoy.acts.borrow().len(), acts);
    assert!(envoy.request.header("x-who").is_empty() && !envoy.request.is_open());
}

#[test]
fn a_client_that_leaves_takes_the_waiting_script_with_it() {
    let worker = program(&scripted(ASKS, ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["a body"]).open(&worker);
    envoy.bring_request();
    let stream = envoy.stream().unwrap(); // as an edge holds it inside a callback
    let token = envoy.pending()[0];
    envoy.end();
    let unread = || panic!("a reply of nobody is read");
    stream.reply(token, unread); // from now on the fake Envoy fails the test at any hostcall
    stream.body_is_late();
    stream.complete();
    stream.request_body(1, true);
    stream.response_headers(true);
    assert_eq!(envoy.acts.borrow().len(), 1, "the call alone");
    assert_eq!(logged(), [""; 0]);
}
