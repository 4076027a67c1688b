//! Endpoints with rates, in an Envoy that shares data between its workers, and in one that refuses to.

use super::fake_envoy::{FakeEnvoy, Outcome};
use super::fake_shared::FakeShared;
use super::{NO_OP, logged, program};

fn endpoint(rates: &str) -> String {
    format!(r#"{{"endpoint": "/t", {NO_OP}, "extra_config": {{"qos/ratelimit/router": {{{rates}}}}}}}"#)
}

fn asking(shared: &FakeShared) -> FakeEnvoy {
    FakeEnvoy::new("GET", "/t", &[]).sharing_with(shared)
}

fn passed() -> Outcome {
    Outcome::Delivered(200, "{\"a\":1}".to_owned())
}

#[test]
fn workers_of_one_envoy_count_together() {
    let shared = FakeShared::default();
    let endpoint = endpoint(r#""max_rate": 3, "every": "1h", "capacity": 3"#);
    let workers = [program(&endpoint), program(&endpoint)];
    let outcomes: Vec<Outcome> = (0..5).map(|number| asking(&shared).play(&workers[number % 2]).0).collect();
    assert_eq!(outcomes, [passed(), passed(), passed(), Outcome::Answered(503), Outcome::Answered(503)]);
    // The same configuration, loaded anew, goes on counting; another Envoy does not know of it.
    assert_eq!(asking(&shared).play(&program(&endpoint)).0, Outcome::Answered(503));
    assert_eq!(asking(&FakeShared::default()).play(&workers[0]).0, passed());
}

#[test]
fn the_address_is_the_one_that_envoy_trusts() {
    let shared = FakeShared::default();
    let worker = program(&endpoint(r#""client_max_rate": 1, "every": "1h", "strategy": "ip""#));
    let from = |address: Option<&str>, forwarded: &str| {
        let mut envoy = asking(&shared);
        envoy.attributes.clear();
        envoy.attributes.extend(address.map(|address| ("source.address".to_owned(), address.to_owned())));
        envoy.request.headers.borrow_mut().push(("x-forwarded-for".to_owned(), forwarded.as_bytes().to_vec()));
        envoy.play(&worker).0
    };
    assert_eq!(from(Some("192.0.2.1:1234"), "198.51.100.1"), passed());
    assert_eq!(from(Some("192.0.2.1:99"), "198.51.100.2"), Outcome::Answered(429), "whatever it says of itself");
    assert_eq!(from(Some("[2001:db8::1]:1234"), "198.51.100.2"), passed());
    assert_eq!(from(Some("[2001:db8::2]:1234"), "198.51.100.2"), passed());
    assert_eq!(from(Some("[2001:db8::1]:5"), "198.51.100.3"), Outcome::Answered(429));
    for nobody in [None, Some("")] {
        assert_eq!(from(nobody, "198.51.100.4"), Outcome::Answered(429));
    }
    assert_eq!(logged().len(), 1, "that an address is missing is told once");
}

#[test]
fn a_refused_hostcall_lets_nobody_through() {
    let endpoint = endpoint(r#""max_rate": 3, "client_max_rate": 2, "strategy": "ip""#);
    let (_, all) = asking(&FakeShared::default()).play(&program(&endpoint));
    let hostcalls = all.hostcalls.borrow().clone();
    let shares = (0..hostcalls.len()).filter(|number| hostcalls[*number] == "shared data");
    let shares: Vec<usize> = shares.collect();
    // The seed is asked for, thrown and asked for again; then each bucket is read, by the clock, and written.
    assert_eq!(shares.len(), 3 + 2 * 3);
    for number in shares {
        let envoy = asking(&FakeShared::default()).refusing(Some(number));
        let (outcome, envoy) = envoy.play(&program(&endpoint));
        assert!(matches!(outcome, Outcome::Answered(429 | 503)) && !envoy.request.open.get(), "{number}: {outcome:?}");
    }
}

#[test]
fn an_endpoint_without_rates_asks_envoy_for_nothing_more() {
    let open = format!(r#"{{"endpoint": "/t", {NO_OP}}}"#);
    let (outcome, envoy) = asking(&FakeShared::default()).play(&program(&open));
    assert_eq!(outcome, passed());
    assert!(!envoy.hostcalls.borrow().contains(&"shared data"));
}
