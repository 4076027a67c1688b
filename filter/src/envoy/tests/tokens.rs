//! Endpoints that ask for a token: in an Envoy that has verified the token, in one that has not, and in one that refuses to
//! say.

use std::time::Duration;

use super::super::Worker;
use super::fake_envoy::{FakeEnvoy, Outcome};
use super::metrics::FakeMeter;
use super::{NO_OP, logged, program};
use crate::config::{Place, read};

const TOKEN: &str = "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.AA";
// The bytes of the message google.protobuf.Struct for {"sub": "user-1"}.
const PAYLOAD: &str = "\n\x0f\n\x03sub\x12\x08\x1a\x06user-1";

fn endpoint() -> String {
    let validator =
        r#""auth/validator": {"alg": "RS256", "jwk_local_path": "keys.json", "disable_jwk_security": true}"#;
    format!(r#"{{"endpoint": "/t", {NO_OP}, "extra_config": {{{validator}}}}}"#)
}

/// The metadata of a stream on which Envoy has verified this payload in a header's token.
fn metadata(payload: &str) -> String {
    let document = format!(r#"{{"version": 3, "endpoints": [{}]}}"#, endpoint());
    let providers = read(document.as_bytes()).unwrap().providers();
    let header = providers.iter().find(|provider| matches!(provider.place, Place::Header(_))).unwrap();
    // Messages inside messages: the length of a message shorter than 128 bytes takes one byte.
    let part = |tag: char, text: &str| format!("{tag}{}{text}", char::from(u8::try_from(text.len()).unwrap()));
    let entry = |key: &str, value: &str| part('\n', &(part('\n', key) + &part('\x12', value)));
    entry("envoy.filters.http.jwt_authn", &entry(&header.name, &part('*', payload)))
}

fn asking(verified: Option<&str>) -> FakeEnvoy {
    let mut envoy = FakeEnvoy::new("GET", "/t", &[]);
    envoy.request.headers.borrow_mut().push(("authorization".to_owned(), TOKEN.as_bytes().to_vec()));
    envoy.attributes.extend(verified.map(|payload| ("metadata".to_owned(), metadata(payload))));
    envoy
}

#[test]
fn only_what_envoy_has_verified_lets_a_request_in() {
    let worker = program(&endpoint());
    for payload in
        [None, Some(""), Some("user-1"), Some("{\"sub\": \"user-1\"}"), Some("\n\x0f\n\x03sub\x12\x08\x1a\x06user-2")]
    {
        let (outcome, envoy) = asking(payload).play(&worker);
        assert_eq!(outcome, Outcome::Answered(401), "{payload:?}");
        assert!(!envoy.request.open.get(), "{payload:?}");
    }
    assert_eq!(logged().len(), 1, "that jwt_authn may be missing is told once");
    let (outcome, _) = asking(Some(PAYLOAD)).play(&worker);
    assert_eq!(outcome, Outcome::Delivered(200, "{\"a\":1}".to_owned()));
}

#[test]
fn requests_that_are_not_let_in_are_counted() {
    let mut worker = program(&endpoint());
    let scope = endpoint().replace(r#""alg""#, r#""scopes": ["admin"], "scopes_key": "sub", "alg""#);
    let mut scoped = program(&scope);
    for _ in 0..3 {
        asking(None).play(&worker);
    }
    assert_eq!(asking(Some(PAYLOAD)).play(&scoped).0, Outcome::Answered(403));
    let counted = |worker: &mut Worker| {
        let meter = FakeMeter::default();
        assert!(worker.tick(Duration::ZERO, &meter).is_empty());
        meter.take_told()
    };
    assert!(counted(&mut worker).contains(&("lua_modifier.refused_by_token".to_owned(), 3)));
    assert!(counted(&mut scoped).contains(&("lua_modifier.refused_by_role".to_owned(), 1)));
}

#[test]
fn a_refused_hostcall_lets_nobody_in() {
    let worker = program(&endpoint());
    let (_, all) = asking(None).play(&worker);
    for number in 0..all.hostcalls.borrow().len() {
        let (outcome, envoy) = asking(None).refusing(Some(number)).play(&worker);
        assert!(matches!(outcome, Outcome::Answered(401 | 500)) && !envoy.request.open.get(), "{number}: {outcome:?}");
    }
    let (_, verified) = asking(Some(PAYLOAD)).play(&worker);
    let hostcalls = verified.hostcalls.borrow().clone();
    let asked = hostcalls.iter().rposition(|name| *name == "attribute").unwrap();
    let reads: Vec<usize> = (0..=asked).filter(|number| hostcalls[*number] == "attribute").collect();
    for number in reads.into_iter().skip(1).take(1) {
        let (outcome, _) = asking(Some(PAYLOAD)).refusing(Some(number)).play(&worker);
        assert_eq!(outcome, Outcome::Answered(401));
    }
}

#[test]
fn an_endpoint_that_asks_for_no_token_asks_envoy_for_nothing_more() {
    let hostcalls = |endpoint: &str| {
        let (outcome, envoy) = asking(None).play(&program(endpoint));
        assert_eq!(outcome, Outcome::Delivered(200, "{\"a\":1}".to_owned()));
        envoy.hostcalls.take()
    };
    let open = format!(r#"{{"endpoint": "/t", {NO_OP}}}"#);
    let asked = hostcalls(&open).iter().filter(|name| **name == "attribute").count();
    assert_eq!(asked, 1, "the peer, and nothing else");
}
