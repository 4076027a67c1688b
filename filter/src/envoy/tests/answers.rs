//! Answers that the module makes in every phase, and how they pass by as responses.

use super::fake_envoy::{Act, FakeEnvoy, Outcome};
use super::fake_message::raw_reply;
use super::{logged, program, scripted};
use crate::envoy::{BodyAnswer, HeadersAnswer};

const REFUSES: &str = "custom_error('no', 403)";
const ASKS: &str = "http_response.new('http://auth/who')";

#[test]
fn a_script_may_answer_in_every_phase() {
    let after_body = format!("request.load():body(); {REFUSES}");
    let after_call = format!("{ASKS}; {REFUSES}");
    let after_response_body = format!("response.load():body(); {REFUSES}");
    let table = [
        (REFUSES, ""),              // the request's headers
        (after_body.as_str(), ""),  // the last of its body
        (after_call.as_str(), ""),  // the reply to a call, the request held
        ("", REFUSES),              // the response's headers
        ("", &after_response_body), // the last of its body
        ("", after_call.as_str()),  // the reply to a call, the response held
    ];
    for (pre, post) in table {
        let worker = program(&scripted(pre, post));
        let (outcome, envoy) = FakeEnvoy::new("POST", "/t", &["a ", "body"]).play(&worker);
        assert_eq!(outcome, Outcome::Answered(403), "{pre} {post}");
        assert_eq!(envoy.answers(), [(403, "no".to_owned())], "{pre} {post}");
        assert!(!envoy.acts.borrow().iter().any(|act| matches!(act, Act::Resumed(_))), "{pre} {post}");
        assert_eq!(logged().len(), 1, "{pre} {post}");
    }
}

#[test]
fn our_own_answer_passes_by_and_gets_its_content_type_back() {
    let worker = program(&scripted("custom_error('', 204, 'application/x-nothing')", ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["a body"]).open(&worker);
    envoy.bring_request();
    let stream = envoy.stream().unwrap();
    envoy.response.headers.replace(vec![(":status".to_owned(), b"204".to_vec())]);
    assert_eq!(stream.response_headers(true), HeadersAnswer::GoOn);
    assert_eq!(envoy.response.header("content-type").len(), 1);
    assert_eq!(envoy.answers(), [(204, String::new())]);
}

#[test]
fn after_an_answer_nothing_of_the_request_goes_on() {
    let worker = program(&scripted(REFUSES, ""));
    let envoy = FakeEnvoy::new("POST", "/t", &["a", "b"]).open(&worker);
    let stream = envoy.stream().unwrap();
    assert_eq!(stream.request_headers(false), HeadersAnswer::Hold);
    assert_eq!(stream.request_body(1, false), BodyAnswer::Discard);
    assert_eq!(stream.request_body(1, true), BodyAnswer::Discard);
    assert_eq!(stream.response_headers(false), HeadersAnswer::GoOn);
    assert_eq!(stream.response_body(1, true), BodyAnswer::GoOn);
    assert_eq!(envoy.answers().len(), 1);
}

#[test]
fn what_envoy_answers_for_an_upstream_is_a_failure() {
    let table = [
        ("no_healthy_upstream", "no host of the cluster \"api\" is up"),
        ("cluster_not_found", "Envoy has no cluster \"api\""),
        ("response_timeout", "context deadline exceeded"),
        ("upstream_reset_before_response_started{connection_termination}", "connection_termination"),
    ];
    for (details, words) in table {
        let worker = program(&scripted("", ""));
        let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
        envoy.response.headers.borrow_mut()[0].1 = b"503".to_vec();
        envoy.attributes.insert("response.code_details".to_owned(), details.to_owned());
        let (outcome, _) = envoy.play(&worker);
        assert_eq!(outcome, Outcome::Answered(500));
        let lines = logged();
        assert!(lines.len() == 1 && lines[0].contains(words), "{lines:?}");
    }
    let worker = program(&scripted("", ""));
    let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
    envoy.response.headers.borrow_mut()[0].1 = b"503".to_vec();
    envoy.attributes.insert("response.code_details".to_owned(), "via_upstream".to_owned());
    let (outcome, _) = envoy.play(&worker);
    assert_eq!(outcome, Outcome::Delivered(503, r#"{"a":1}"#.to_owned()));
}

#[test]
fn a_response_that_breaks_off_is_a_line_in_the_log() {
    let worker = program(&scripted("", ""));
    let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
    envoy.attributes.insert("response.code_details".to_owned(), "upstream_reset{connection_termination}".to_owned());
    let envoy = envoy.open(&worker);
    envoy.bring_request();
    let stream = envoy.stream().unwrap();
    assert_eq!(stream.response_headers(false), HeadersAnswer::GoOn);
    envoy.end();
    let lines = logged();
    assert!(lines.len() == 1 && lines[0].contains("connection_termination"), "{lines:?}");
}

#[test]
fn what_envoy_replies_for_an_upstream_is_a_failed_call() {
    let failed = [
        (None, "the connection was closed before a reply came"),
        (Some(("504", "upstream request timeout")), "context deadline exceeded"),
        (Some(("503", "no healthy upstream")), "no healthy upstream"),
        (Some(("503", "upstream connect error or disconnect")), "upstream connect error"),
    ];
    for (reply, words) in failed {
        let worker = program(&scripted(ASKS, ""));
        let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
        let raw = reply.map(|(status, body)| raw_reply(&[(":status", status)], body));
        envoy.replies.insert("/who".to_owned(), raw);
        let (outcome, _) = envoy.play(&worker);
        assert_eq!(outcome, Outcome::Answered(500));
        let lines = logged();
        assert!(lines.len() == 1 && lines[0].contains(words), "{lines:?}");
    }
    let worker = program(&scripted(ASKS, ""));
    let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
    let raw = raw_reply(&[(":status", "503"), ("date", "now")], "no healthy upstream");
    envoy.replies.insert("/who".to_owned(), Some(raw));
    assert!(matches!(envoy.play(&worker).0, Outcome::Delivered(..)), "an upstream may say the same");
}
