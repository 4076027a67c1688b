//! Every hostile script in a real Envoy with one worker, while honest clients use the same worker and the same VM: the clients
//! lose no request, and the VM that answers them at the end is the same as at the beginning.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use tests::cases::Addresses;
use tests::cases::hostile::{configuration, honest_request, judge_honest, load, upstream};
use tests::envoy::Gateway;
use tests::upstreams::Upstream;
use tests::wire::client;

const HONEST_CLIENTS: usize = 2;

#[test]
fn honest_clients_of_the_same_worker_lose_nothing() {
    let all = load();
    assert!(!all.is_empty());
    let behind = Upstream::start();
    let at = Addresses { upstream: behind.authority(), files: None, gateway: String::new() };
    behind.set_rules(upstream().iter().map(|rule| rule.with_texts(|text| at.fill(text))).collect());
    let mut document = at.fill_json(&configuration(&all));
    document["extra_config"]["envoy/lua-modifier"]["clusters"] = serde_json::json!({at.fill("http://UPSTREAM"): "api"});
    let gateway = Gateway::new(document, &[("api", &behind.authority())]).start();
    let port = gateway.port();
    judge_honest(0, &client::send(port, &honest_request(0))).unwrap();
    let made = gateway.stat(VMS_MADE).unwrap();

    let (over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (wrong, mut times) = thread::scope(|scope| {
        let clients: Vec<_> = (0..HONEST_CLIENTS).map(|_| scope.spawn(|| honest(port, &over, &served))).collect();
        let (mut wrong, mut times) = (Vec::new(), Vec::new());
        for one in &all {
            let before = served.load(Ordering::SeqCst);
            let began = Instant::now();
            wrong.extend(one.judge(&client::send(port, &one.request())).err());
            times.push((began.elapsed(), &one.name));
            // An honest request was served meanwhile, or is served now.
            while served.load(Ordering::SeqCst) == before && !clients.iter().any(|client| client.is_finished()) {
                thread::yield_now();
            }
        }
        over.store(true, Ordering::SeqCst);
        wrong.extend(clients.into_iter().flat_map(|client| client.join().unwrap()));
        (wrong, times)
    });
    times.sort();
    let slowest: Vec<String> =
        times.iter().rev().take(8).map(|(time, name)| format!("{name} {} ms", time.as_millis())).collect();
    println!(
        "{} hostile scripts beside {} honest requests; slowest: {}",
        all.len(),
        served.into_inner(),
        slowest.join(", ")
    );
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    judge_honest(1, &client::send(port, &honest_request(1))).unwrap();
    assert_eq!(gateway.stat(VMS_MADE), Some(made), "a VM died");
    assert_eq!(gateway.stat("wasm.lua-modifier.vm_reload_success").unwrap_or(0), 0);
}

const VMS_MADE: &str = "wasm.envoy.wasm.runtime.v8.created";

/// Sends one request after the other; returns the first fault.
fn honest(port: u16, over: &AtomicBool, served: &AtomicUsize) -> Option<String> {
    while !over.load(Ordering::SeqCst) {
        let number = served.fetch_add(1, Ordering::SeqCst);
        if let Err(why) = judge_honest(number, &client::send(port, &honest_request(number))) {
            return Some(why);
        }
    }
    None
}
