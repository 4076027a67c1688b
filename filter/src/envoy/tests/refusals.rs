//! Every hostcall of every kind of exchange is refused in turn, with hosts that call back at any time: the client still gets an
//! answer or the message goes on, with one line in the log.

use super::fake_envoy::{CallsBack, FakeEnvoy, Outcome};
use super::{logged, program, scripted};

/// Kinds of exchanges: a proxy's `pre` and `post`.
pub(super) const KINDS: [(&str, &str); 7] = [
    ("", ""),
    ("local r = request.load(); r:body(r:body() .. '!')", ""),
    ("request.load():body('new')", "response.load():body('newer')"),
    ("", "local r = response.load(); r:body(r:body() .. '!'); r:headers('X-A', '1')"),
    ("request.load():headers('X-Who', http_response.new('http://auth/who'):body())", ""),
    ("", "response.load():headers('X-Who', http_response.new('http://auth/who'):body())"),
    ("http_response.new('http://auth/who'); custom_error('no', 403)", ""),
];

pub(super) fn exchange(calls_back: CallsBack, replies_come_first: bool) -> FakeEnvoy {
    let mut envoy = FakeEnvoy::new("POST", "/t", &["a ", "body"]);
    envoy.request.headers.borrow_mut().push(("content-length".to_owned(), b"6".to_vec()));
    envoy.calls_back = calls_back;
    envoy.replies_come_first = replies_come_first;
    envoy
}

#[test]
fn no_refusal_hangs_a_stream() {
    for (pre, post) in KINDS {
        let worker = program(&scripted(pre, post));
        let ways = [
            (CallsBack::Later, false),
            (CallsBack::Later, true),
            (CallsBack::WhenActedOn, false),
            (CallsBack::WhenActedOn, true),
            (CallsBack::AtOnce, false),
        ];
        for (calls_back, first) in ways {
            let (_, envoy) = exchange(calls_back, first).play(&worker);
            let hostcalls = envoy.hostcalls.take();
            let own = logged();
            for (number, name) in hostcalls.iter().enumerate() {
                let refused = exchange(calls_back, first).refusing(Some(number));
                let (outcome, envoy) = refused.play(&worker);
                let at = format!("{name} ({number}) refused in {pre:?} {post:?} {calls_back:?}");
                assert_ne!(outcome, Outcome::Hangs, "{at}");
                assert_eq!(envoy.hostcalls.borrow()[number], *name, "{at}");
                let lines = logged();
                // A missing attribute is not a failure. For an answer that is refused, the failure behind it has logged a line
                // too.
                let expected = match *name {
                    "attribute" => own.len(),
                    "answer" => own.len() + 1,
                    _ if own.is_empty() => 1,
                    _ => lines.len().clamp(1, 2),
                };
                assert_eq!(lines.len(), expected, "{at}: {lines:?}");
            }
        }
    }
}

#[test]
fn a_body_that_cannot_be_replaced_is_not_sent_with_the_new_length() {
    let worker = program(&scripted("request.load():body('new')", ""));
    let (_, envoy) = exchange(CallsBack::Later, false).play(&worker);
    let at = envoy.hostcalls.borrow().iter().position(|name| *name == "replace a body");
    let refused = exchange(CallsBack::Later, false).refusing(at);
    let (outcome, envoy) = refused.play(&worker);
    assert_eq!(outcome, Outcome::Answered(500));
    assert_eq!(envoy.request.sent(), "");
}

#[test]
fn a_call_that_is_refused_fails_in_the_script() {
    let catches =
        "local ok, e = pcall(http_response.new, 'http://auth/who'); request.load():headers('X-Why', tostring(e))";
    let worker = program(&scripted(catches, ""));
    let (_, envoy) = exchange(CallsBack::Later, false).play(&worker);
    let at = envoy.hostcalls.borrow().iter().position(|name| *name == "dispatch");
    let (outcome, envoy) = exchange(CallsBack::Later, false).refusing(at).play(&worker);
    assert!(matches!(outcome, Outcome::Delivered(200, _)));
    let why = envoy.request.header("x-why");
    assert!(why[0].contains("Envoy has no cluster \"auth\", or none of its hosts is up"), "{why:?}");
}

#[test]
fn a_message_that_the_host_does_not_let_go_on_is_answered() {
    let (pre, post) = KINDS[4];
    let worker = program(&scripted(pre, post));
    let (_, envoy) = exchange(CallsBack::Later, false).play(&worker);
    let at = envoy.hostcalls.borrow().iter().position(|name| *name == "resume");
    let (outcome, envoy) = exchange(CallsBack::Later, false).refusing(at).play(&worker);
    assert_eq!(outcome, Outcome::Answered(500));
    assert_eq!(envoy.answers().len(), 1);
}
