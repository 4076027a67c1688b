//! Many clients at once at one worker of a real Envoy, for some seconds, or with `SOAK=1` for a minute: each request waits
//! three times, for two side requests and for its backend. Prints what it came to; only failures fail it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::client::Caller;
use tests::envoy::Gateway;
use tests::http1;
use tests::server::{Answer, Server};

const CLIENTS: usize = 64;
const WAIT: Duration = Duration::from_millis(50);
const WAITS: u32 = 3;

#[test]
fn sixty_four_clients_whose_scripts_wait_are_all_answered() {
    let lasts = Duration::from_secs(if std::env::var("SOAK").is_ok_and(|v| v != "0") { 60 } else { 6 });
    let upstream = Server::start(Box::new(|asked| {
        thread::sleep(WAIT); // the time that an upstream takes
        let body = format!("{{\"path\": \"{}\"}}", asked.path);
        let json = [("Content-Type".to_owned(), "application/json".to_owned())];
        Answer { bytes: http1::message("HTTP/1.1 200 ", &json, body.as_bytes(), true), last: false }
    }));
    let pre = "local id = request.load():params('Id')
        one = http_response.new('http://api/one/' .. id):body()
        two = http_response.new('http://api/two/' .. id, 'POST', one, {['X-Id'] = id}):body()";
    let post = "local d = response.load():data(); d:set('one', one); d:set('two', two)";
    let configuration = json!({
        "version": 3, "timeout": "5s",
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
        "endpoints": [{
            "endpoint": "/t/{id}", "backend": [{"host": ["http://api"], "url_pattern": "/b/{id}"}],
            "extra_config": {"modifier/lua-proxy": {"pre": pre, "post": post}},
        }],
    });
    let gateway = Gateway::new(configuration, &[("api", &upstream.authority())]).start();
    let (port, began, computed) = (gateway.port(), Instant::now(), gateway.cpu());
    let answered: Vec<Result<u32, String>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || client(port, n, began + lasts))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let (took, computed) = (began.elapsed().as_secs_f64(), (gateway.cpu() - computed).as_secs_f64());
    let failures: Vec<&String> = answered.iter().filter_map(|one| one.as_ref().err()).collect();
    let requests: u32 = answered.iter().filter_map(|one| one.as_ref().ok()).sum();
    let rate = f64::from(requests) / took;
    let best = f64::from(u32::try_from(CLIENTS).unwrap()) / (WAIT * WAITS).as_secs_f64();
    println!(
        "load: {requests} requests in {took:.1} s: {rate:.0} a second of the {best:.0} that waiting allows, Envoy at {:.0} % \
         of a core",
        100.0 * computed / took
    );
    assert!(failures.is_empty(), "{} of {CLIENTS} clients: {failures:?}", failures.len());
    assert!(requests > 0);
}

/// One connection, one request after the other; how many were answered, and each as it should be.
fn client(port: u16, number: usize, until: Instant) -> Result<u32, String> {
    let mut caller = Caller::new(port);
    let mut answered = 0;
    while Instant::now() < until {
        let id = format!("{number}-{answered}");
        let response = caller.get(&format!("/t/{id}"))?;
        let body: serde_json::Value =
            serde_json::from_slice(&response.body).map_err(|e| format!("{}: {e}", response.status))?;
        let part = |name: &str| format!("{{\"path\": \"/{name}/{id}\"}}");
        let wanted = json!({"path": format!("/b/{id}"), "one": part("one"), "two": part("two")});
        if body != wanted {
            return Err(format!("{}: {body} instead of {wanted}", response.status));
        }
        answered += 1;
    }
    Ok(answered)
}
