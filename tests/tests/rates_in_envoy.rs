//! Rates in a real Envoy, with one worker and with four: the capacity and the rate limit the requests, no matter which worker
//! gets a request, and however many clients there are. Counts the passed requests in the time that they took; no time is
//! asserted.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::cases::ClientRequest;
use tests::envoy::{Gateway, Running};
use tests::upstreams::{RawAnswer, Server};
use tests::wire::client::{self, Caller};

fn start(endpoints: Value, workers: u32) -> (Running, Server) {
    let upstream = Server::start(Box::new(|_| RawAnswer::json("{\"a\": 1}")));
    let configuration = json!({
        "version": 3, "timeout": "5s", "endpoints": endpoints,
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
    });
    let gateway = Gateway { workers, ..Gateway::new(configuration, &[("api", upstream.authority().as_str())]) };
    (gateway.start(), upstream)
}

fn endpoint(path: &str, rates: Value) -> Value {
    json!({
        "endpoint": path, "backend": [{"host": ["http://api"], "url_pattern": "/b"}],
        "extra_config": {"qos/ratelimit/router": rates},
    })
}

/// One client's results, and the times of its beginning and its end.
struct Got {
    passed: u32,
    asked: u32,
    refused: Vec<u16>,
    began: Instant,
    ended: Instant,
}

/// Sends requests at about ten times the rate, until the time has passed.
fn ask(port: u16, path: &str, lasts: Duration) -> Got {
    let (mut caller, began) = (Caller::new(port), Instant::now());
    let mut got = Got { passed: 0, asked: 0, refused: Vec::new(), began, ended: began };
    while began.elapsed() < lasts {
        let status = caller.get(path).unwrap().status;
        got.asked += 1;
        got.ended = Instant::now();
        match status {
            200 => got.passed += 1,
            other if got.refused.contains(&other) => {}
            other => got.refused.push(other),
        }
        thread::sleep(Duration::from_millis(8)); // a client's own pace
    }
    got
}

fn within_five_per_cent(passed: u32, due: f64, whose: &str) {
    let off = 100.0 * (f64::from(passed) / due - 1.0);
    println!("{whose}: {passed} went through of {due:.1} that are due ({off:+.1} %)");
    assert!(off.abs() <= 5.0, "{whose}: {passed} went through, {due:.1} are due");
}

/// Ten periods of one second, at several times the rate: eight clients, each with its own connection.
fn rates_hold(workers: u32) {
    const CLIENTS: u32 = 8;
    let endpoints = json!([
        endpoint(
            "/client/{id}",
            json!({"client_max_rate": 10, "client_capacity": 10, "strategy": "param", "key": "id"})
        ),
        endpoint(
            "/both/{id}",
            json!({"max_rate": 40, "capacity": 40, "client_max_rate": 10, "client_capacity": 10, "strategy": "param", "key": "id"}),
        ),
    ]);
    let (gateway, _upstream) = start(endpoints, workers);
    let port = gateway.port();
    let got = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            for of in ["client", "both"] {
                let got = &got;
                scope.spawn(move || {
                    let one = ask(port, &format!("/{of}/{client}"), Duration::from_secs(10));
                    got.lock().unwrap().push((of, client, one));
                });
            }
        }
    });
    let got = got.into_inner().unwrap();
    for (_, client, one) in got.iter().filter(|(of, ..)| *of == "client") {
        let due = 10.0 + 10.0 * (one.ended - one.began).as_secs_f64();
        within_five_per_cent(one.passed, due, &format!("{workers} workers, client {client} ({} asked)", one.asked));
        assert_eq!(one.refused, [429]);
    }
    let both: Vec<&Got> = got.iter().filter(|(of, ..)| *of == "both").map(|(.., one)| one).collect();
    let (began, ended) =
        (both.iter().map(|one| one.began).min().unwrap(), both.iter().map(|one| one.ended).max().unwrap());
    let passed = both.iter().map(|one| one.passed).sum();
    within_five_per_cent(passed, 40.0 + 40.0 * (ended - began).as_secs_f64(), &format!("{workers} workers, together"));
    assert!(both.iter().any(|one| one.refused.contains(&503)), "by the rate of all");
    assert_eq!(gateway.said().iter().filter(|line| line.level == "error").count(), 0);
}

#[test]
fn one_worker_lets_through_the_rate() {
    rates_hold(1);
}

#[test]
fn four_workers_let_through_the_same() {
    rates_hold(4);
}

#[test]
fn ten_thousand_clients_have_buckets_of_their_own() {
    const CLIENTS: u32 = 10_000;
    const CONNECTIONS: u32 = 4;
    let rates = json!({"client_max_rate": 1, "every": "24h", "client_capacity": 1, "strategy": "param", "key": "id"});
    let (gateway, _upstream) = start(json!([endpoint("/t/{id}", rates)]), 4);
    let port = gateway.port();
    let ask_all = || -> [u32; 2] {
        thread::scope(|scope| {
            let callers: Vec<_> = (0..CONNECTIONS)
                .map(|connection| {
                    scope.spawn(move || {
                        let (mut caller, mut counts) = (Caller::new(port), [0, 0]);
                        for client in (connection..CLIENTS).step_by(CONNECTIONS as usize) {
                            match caller.get(&format!("/t/{client}")).unwrap().status {
                                200 => counts[0] += 1,
                                429 => counts[1] += 1,
                                other => panic!("{other}"),
                            }
                        }
                        counts
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).fold([0, 0], |a, b| [a[0] + b[0], a[1] + b[1]])
        })
    };
    assert_eq!(ask_all(), [CLIENTS, 0]);
    let before = gateway.memory();
    assert_eq!(ask_all(), [0, CLIENTS], "by other workers, too");
    println!("10,000 clients: before {before:?}, after their second request {:?}", gateway.memory());
}

#[test]
fn keys_of_any_bytes_are_told_apart_and_counted_by_the_metrics() {
    let rates =
        json!({"client_max_rate": 1, "every": "24h", "client_capacity": 1, "strategy": "header", "key": "X-Key"});
    let keyed = json!({
        "endpoint": "/keyed", "backend": [{"host": ["http://api"], "url_pattern": "/b"}],
        "extra_config": {"auth/api-keys": {"roles": []}},
    });
    let all = endpoint("/all", json!({"max_rate": 1, "every": "24h"}));
    let endpoints = json!([endpoint("/t", rates), keyed, all]);
    let upstream = Server::start(Box::new(|_| RawAnswer::json("{\"a\": 1}")));
    let configuration = json!({
        "version": 3, "endpoints": endpoints,
        "extra_config": {
            "auth/api-keys": {"keys": [{"key": "hunter-2"}]},
            "envoy/lua-modifier": {"clusters": {"http://api": "api"}},
        },
    });
    let gateway = Gateway::new(configuration, &[("api", upstream.authority().as_str())]).start();
    let status = |request: &ClientRequest| client::send(gateway.port(), request).unwrap().status;
    let with = |path: &str, name: &str, value: &str| ClientRequest {
        headers: vec![(name.to_owned(), value.to_owned())],
        ..ClientRequest::new("GET", path)
    };
    let long = "k".repeat(50_000);
    let longer = format!("{long}k");
    for key in ["a", "A", "\u{e9}", "a b", "~", &long, &longer] {
        let asked = with("/t", "X-Key", key);
        assert_eq!([status(&asked), status(&asked)], [200, 429], "{} bytes", key.len());
    }
    assert_eq!(status(&ClientRequest::new("GET", "/t")), 429);
    for key in ["", "hunter-3", "hunter-", &long] {
        assert_eq!(status(&with("/keyed", "Authorization", key)), 401);
    }
    assert_eq!(status(&with("/keyed", "Authorization", "Bearer hunter-2")), 200);
    let open = ClientRequest::new("GET", "/all");
    assert_eq!([status(&open), status(&open)], [200, 503]);
    let counted = |what: &str, count: u64| {
        let name = format!("wasmcustom.lua_modifier.refused_by_{what}");
        tests::machine::eventually(&name, || gateway.stat(&name) == Some(count));
    };
    counted("client", 8);
    counted("key", 4);
    counted("rate", 1);
    let said: Vec<String> = gateway.said().into_iter().map(|line| line.text).collect();
    assert!(said.iter().all(|line| !line.contains("hunter")), "{said:?}");
}

#[test]
fn a_configuration_that_is_loaded_anew_goes_on_counting() {
    let rates = json!({"max_rate": 1, "every": "24h", "capacity": 2});
    let (mut gateway, _upstream) = start(json!([endpoint("/t", rates.clone())]), 1);
    let get = |gateway: &Running| client::get(gateway.port(), "/t").unwrap().status;
    assert_eq!([get(&gateway), get(&gateway), get(&gateway)], [200, 200, 503]);
    let with = |more: Value, rates: Value| {
        json!({
            "version": 3, "endpoints": [endpoint("/t", rates), more],
            "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
        })
    };
    let more = json!({"endpoint": "/more", "backend": [{"host": ["http://api"], "url_pattern": "/b"}]});
    gateway.replace(with(more, rates));
    let arrived = || client::get(gateway.port(), "/more").is_ok_and(|response| response.status == 200);
    tests::machine::eventually("the new configuration serves", arrived);
    assert_eq!(get(&gateway), 503);
}
