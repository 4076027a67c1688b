//! Bodies that come while a call is out: they may have any size if no script asks for them, and are had whole if a script does.

use super::fake_envoy::{FakeEnvoy, Outcome};
use super::fake_message::pairs;
use super::{logged, program, scripted};
use crate::envoy::{BodyAnswer, Direction, HeadersAnswer, Worker};

const ASKS: &str = "http_response.new('http://auth/who')";
const PIECES: [&str; 4] = ["one ", "two ", "three ", "four"];

// A body of up to 12 bytes may be had whole, and the buffer takes as many.
fn limited(pre: &str, post: &str) -> Worker {
    let limits = r#""envoy/lua-modifier": {"limits": {"body_bytes": 12}}, "modifier/lua-proxy""#;
    program(&scripted(pre, post).replacen(r#""modifier/lua-proxy""#, limits, 1))
}

// A request that waits: its call is out before its body comes, and has no reply yet.
fn waiting(worker: &Worker, pieces: &[&'static str]) -> std::rc::Rc<FakeEnvoy> {
    let envoy = FakeEnvoy::new("POST", "/t", pieces).open(worker);
    assert_eq!(envoy.stream().unwrap().request_headers(false), HeadersAnswer::Hold);
    envoy
}

#[test]
fn a_body_that_nothing_reads_stops_its_sender_while_a_call_is_out() {
    let worker = program(&scripted(ASKS, ""));
    let envoy = waiting(&worker, &[]);
    let stream = envoy.stream().unwrap();
    assert_eq!(stream.request_body(1 << 20, false), BodyAnswer::HoldAndPushBack);
    assert_eq!(stream.request_body(1, false), BodyAnswer::HoldAndPushBack);
    envoy.bring_replies();
    assert_eq!(stream.request_body(1, false), BodyAnswer::GoOn);
    assert_eq!(stream.request_body(1 << 30, true), BodyAnswer::GoOn);

    let worker = program(&scripted("", ASKS));
    let envoy = FakeEnvoy::new("POST", "/t", &[]).open(&worker);
    envoy.bring_request();
    let stream = envoy.stream().unwrap();
    assert_eq!(stream.response_headers(false), HeadersAnswer::Hold);
    assert_eq!(stream.response_body(1 << 20, false), BodyAnswer::HoldAndPushBack);
    envoy.bring_replies();
    assert_eq!(stream.response_body(1, true), BodyAnswer::GoOn);
}

#[test]
fn the_last_piece_stays_in_sight_unless_the_body_is_too_large_to_be_had_whole() {
    for (sizes, last) in
        [(vec![12], BodyAnswer::Hold), (vec![6, 6], BodyAnswer::Hold), (vec![6, 7], BodyAnswer::HoldAndPushBack)]
    {
        let worker = limited(ASKS, "");
        let envoy = waiting(&worker, &[]);
        let stream = envoy.stream().unwrap();
        let (end, before) = sizes.split_last().unwrap();
        for size in before {
            assert_eq!(stream.request_body(*size, false), BodyAnswer::HoldAndPushBack);
        }
        assert_eq!(stream.request_body(*end, true), last, "{sizes:?}");
    }
}

#[test]
fn a_body_larger_than_the_buffer_streams_on_when_the_call_is_back() {
    for (pre, post) in [(ASKS, ""), ("", ASKS), (ASKS, ASKS)] {
        for trailers in [false, true] {
            let worker = limited(pre, post);
            let mut envoy = FakeEnvoy::new("POST", "/t", &PIECES);
            envoy.response.pieces = PIECES.to_vec();
            (envoy.request.trailers, envoy.response.trailers) = (trailers, trailers);
            envoy.request.limit.set(5);
            envoy.response.limit.set(5);
            let (outcome, envoy) = envoy.play(&worker);
            assert_eq!(outcome, Outcome::Delivered(200, PIECES.concat()), "{pre} {post}");
            assert_eq!(envoy.request.sent(), PIECES.concat(), "{pre} {post}");
        }
    }
    assert_eq!(logged(), [""; 0]);
}

#[test]
fn a_body_can_be_read_and_replaced_after_a_call() {
    let reads = format!("{ASKS}; local r = request.load(); r:body(r:body() .. '!')");
    let replaces = format!("{ASKS}; request.load():body('new')");
    for (pre, sent) in [(reads, "one two !"), (replaces, "new")] {
        let worker = limited(&pre, "");
        // `before` pieces come before the reply; the others, if any, come after it.
        for before in 0..=2 {
            let envoy = waiting(&worker, &["one ", "two "]);
            let stream = envoy.stream().unwrap();
            for number in 0..before {
                envoy.bring_one(Direction::Request);
                assert!(!envoy.request.is_open(), "{number}");
            }
            envoy.bring_replies();
            envoy.bring_body(Direction::Request);
            envoy.tick(&worker);
            assert!(envoy.request.is_open(), "{pre} {before}");
            assert_eq!(envoy.request.sent(), sent, "{pre} {before}");
            stream.body_is_whole(); // nothing waits for a body any more
        }
    }
    assert_eq!(logged(), [""; 0]);
}

#[test]
fn a_response_can_be_read_and_replaced_after_a_call() {
    let reads = format!("{ASKS}; local r = response.load(); r:body(r:body() .. '!')");
    let replaces = format!("{ASKS}; response.load():body('new')");
    for (post, sent) in [(reads, "one two !"), (replaces, "new")] {
        for before in 0..=2 {
            let worker = limited("", &post);
            let mut envoy = FakeEnvoy::new("POST", "/t", &[]);
            envoy.response.pieces = vec!["one ", "two "];
            let envoy = envoy.open(&worker);
            envoy.bring_request();
            envoy.response.came.set(true);
            assert_eq!(envoy.stream().unwrap().response_headers(false), HeadersAnswer::Hold);
            (0..before).for_each(|_| envoy.bring_one(Direction::Response));
            envoy.bring_replies();
            envoy.bring_body(Direction::Response);
            envoy.tick(&worker);
            assert_eq!(envoy.outcome(), Outcome::Delivered(200, sent.to_owned()), "{post} {before}");
        }
    }
}

#[test]
fn a_body_over_the_limit_that_is_asked_for_after_a_call_is_refused_at_once() {
    let reads = format!("{ASKS}; request.load():body()");
    let replaces = format!("{ASKS}; request.load():body('new')");
    for pre in [reads, replaces] {
        let worker = limited(&pre, "");
        for before in [3, 4] {
            let envoy = waiting(&worker, &PIECES);
            (0..before).for_each(|_| envoy.bring_one(Direction::Request));
            envoy.bring_replies();
            assert_eq!(envoy.outcome(), Outcome::Answered(413), "{pre} {before}");
            let lines = logged();
            assert!(lines.len() == 1 && lines[0].contains("larger than 12 bytes (limits.body_bytes)"), "{lines:?}");
        }
    }
}

#[test]
fn an_answer_of_envoy_to_a_request_that_is_held_passes_by() {
    let (reads, replaces) = (format!("{ASKS}; request.load():body()"), format!("{ASKS}; request.load():body('new')"));
    // With the reply to the call the exchange is over, or waits for the body; without it, for the reply.
    for (pre, replied) in [(ASKS, false), (&reads, true), (&replaces, true)] {
        let worker = limited(pre, "");
        let mut envoy = FakeEnvoy::new("POST", "/t", &PIECES);
        envoy.attributes.insert("response.code_details".to_owned(), "request_payload_too_large".to_owned());
        envoy.response.headers = pairs(&[(":status", "413")]).into();
        let envoy = envoy.open(&worker);
        let stream = envoy.stream().unwrap();
        assert_eq!(stream.request_headers(false), HeadersAnswer::Hold);
        envoy.bring_one(Direction::Request);
        if replied {
            envoy.bring_replies();
        }
        envoy.bring_one(Direction::Request);
        assert_eq!(stream.response_headers(false), HeadersAnswer::GoOn, "{pre}");
        assert_eq!(stream.response_body(10, true), BodyAnswer::GoOn, "{pre}");
        // Nothing that comes later changes it.
        envoy.bring_replies();
        assert_eq!(stream.request_body(1, true), BodyAnswer::Discard, "{pre}");
        envoy.tick(&worker);
        assert_eq!(envoy.response.header(":status"), ["413"], "{pre}");
        assert!(envoy.answers().is_empty() && !envoy.request.is_open(), "{pre}");
        assert_eq!(logged(), ["[ENDPOINT: /t] Envoy answered while the request was held: request_payload_too_large"]);
    }
}

#[test]
fn a_body_that_ends_with_trailers_cannot_be_read_after_a_call() {
    let worker = limited(&format!("{ASKS}; request.load():body()"), "");
    let mut envoy = FakeEnvoy::new("POST", "/t", &["one "]);
    envoy.request.trailers = true;
    let (outcome, _) = envoy.play(&worker);
    assert_eq!(outcome, Outcome::Answered(500));
    let lines = logged();
    assert!(lines.len() == 1 && lines[0].contains("ends with trailers"), "{lines:?}");
}

#[test]
fn of_a_body_that_is_replaced_unread_nothing_is_kept() {
    let worker = limited("request.load():body('new')", "");
    let envoy = waiting(&worker, &PIECES);
    for _ in 0..3 {
        envoy.bring_one(Direction::Request);
        assert!(envoy.request.held.borrow().is_empty());
    }
    envoy.bring_one(Direction::Request);
    assert_eq!(envoy.request.sent(), "new");
}
