//! A host that calls back inside our calls, as native modules meet it: an answer ends the stream before the call returns, a
//! message that is let go brings the next callbacks, and a call may be replied to before its token is known. The results are
//! the same as with any other host.

use super::fake_envoy::{CallsBack, FakeEnvoy, Outcome};
use super::refusals::{KINDS, exchange};
use super::{logged, program, scripted};
use crate::envoy::HeadersAnswer;

#[test]
fn a_host_that_calls_back_at_once_sees_the_same() {
    for (pre, post) in KINDS {
        let worker = program(&scripted(pre, post));
        for first in [false, true] {
            let (later, envoy_later) = exchange(CallsBack::Later, first).play(&worker);
            let lines_later = logged();
            for calls_back in [CallsBack::WhenActedOn, CallsBack::AtOnce] {
                let (outcome, envoy) = exchange(calls_back, first).play(&worker);
                let at = format!("{pre:?} {post:?} {calls_back:?}");
                assert_eq!(outcome, later, "{at}");
                assert_eq!(logged(), lines_later, "{at}");
                assert_eq!(envoy.answers(), envoy_later.answers(), "{at}");
                assert_eq!(envoy.request.sent(), envoy_later.request.sent(), "{at}");
            }
        }
    }
}

#[test]
fn a_stream_may_be_deleted_inside_its_answer() {
    let worker = program(&scripted("custom_error('no', 403)", ""));
    let mut envoy = FakeEnvoy::new("POST", "/t", &["a body"]);
    envoy.calls_back = CallsBack::AtOnce;
    let envoy = envoy.open(&worker);
    let stream = envoy.stream().unwrap();
    assert_eq!(stream.request_headers(false), HeadersAnswer::Hold);
    assert!(envoy.is_gone());
    assert_eq!(envoy.answers(), [(403, "no".to_owned())]);
}

#[test]
fn a_message_that_is_let_go_may_bring_all_the_rest_inside_of_it() {
    let (pre, _) = KINDS[4];
    let worker = program(&scripted(pre, "local r = response.load(); r:body(r:body() .. '!')"));
    let envoy = exchange(CallsBack::WhenActedOn, false).open(&worker);
    envoy.stream().unwrap().request_headers(false);
    assert!(!envoy.request.is_open());
    // The reply resumes the request; inside that call come its body, the response, the response's body, and the end.
    envoy.bring_replies();
    assert_eq!(envoy.outcome(), Outcome::Delivered(200, r#"{"a":1}!"#.to_owned()));
    assert_eq!(envoy.request.sent(), "a body");
}

#[test]
fn a_client_may_leave_while_its_calls_are_sent() {
    let worker = program(&scripted("http_response.all({'http://auth/1', 'http://auth/2'})", ""));
    let (_, both) = exchange(CallsBack::Later, false).play(&worker);
    let sent = |envoy: &FakeEnvoy| envoy.hostcalls.borrow().iter().filter(|name| **name == "dispatch").count();
    assert_eq!(sent(&both), 2);
    let (_, envoy) = exchange(CallsBack::WithTheEnd, false).play(&worker);
    assert_eq!(sent(&envoy), 1);
    assert!(envoy.is_gone());
}
