//! Rates in host-sim: two VMs that share data like two workers of one Envoy, with clocks that the test moves.

use std::sync::LazyLock;
use std::time::Duration;

use host_sim::{Event, LogLevel, Module, Request, Settings, Sim};
use serde_json::{Value, json};
use tests::built::module_from_env;

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::load(module_from_env().unwrap()).unwrap());

fn settings(rates: Value) -> Settings {
    let document = json!({
        "version": 3,
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
        "endpoints": [{
            "endpoint": "/t/{id}", "backend": [{"host": ["http://api"], "url_pattern": "/b"}],
            "extra_config": {"qos/ratelimit/router": rates},
        }],
    });
    Settings::new(document.to_string()).allow_on_headers_stop_iteration(true).cluster("api")
}

fn start(settings: &Settings) -> Sim {
    Sim::start(&MODULE, settings.clone()).unwrap()
}

/// The status that the filter answers; 200 for a request that it lets through.
fn ask(worker: &mut Sim, path: &str) -> u16 {
    let id = worker.request(&Request::new("GET", path)).unwrap();
    worker.stream(id).unwrap().delivered().map_or(200, |response| response.status())
}

fn through(worker: &mut Sim, path: &str, times: usize) -> usize {
    (0..times).filter(|_| ask(worker, path) == 200).count()
}

#[test]
fn two_workers_let_through_capacity_and_rate() {
    let settings = settings(json!({"max_rate": 10, "capacity": 5}));
    let mut workers = [start(&settings), start(&settings)];
    let mut passed = 0;
    // Ten periods of one second, at five times the rate.
    for number in 0..500 {
        passed += through(&mut workers[number % 2], "/t/1", 1);
        workers.iter_mut().for_each(|worker| drop(worker.advance(Duration::from_millis(20))));
    }
    assert!((104..=105).contains(&passed), "{passed}");
}

#[test]
fn a_worker_whose_clock_begins_anew_neither_refills_nor_locks_a_bucket() {
    let settings = settings(json!({"max_rate": 1, "every": "10s", "capacity": 2}));
    let mut first = start(&settings);
    drop(first.advance(Duration::from_secs(1000)));
    assert_eq!(through(&mut first, "/t/1", 5), 2);
    // For this VM, the data that the other VM wrote lies far in the future.
    let mut second = start(&settings);
    assert_eq!(through(&mut second, "/t/1", 5), 0);
    drop(second.advance(Duration::from_secs(10)));
    assert_eq!(through(&mut second, "/t/1", 5), 1);
}

#[test]
fn clients_and_vms_of_another_name_have_buckets_of_their_own() {
    let one = settings(json!({"client_max_rate": 1, "every": "1h", "strategy": "param", "key": "id"}));
    let other = Settings { vm_id: "other".to_owned(), ..one.clone() };
    let (mut here, mut there) = (start(&one), start(&other));
    for path in ["/t/1", "/t/2"] {
        assert_eq!([through(&mut here, path, 3), through(&mut there, path, 3)], [1, 1], "{path}");
    }
}

#[test]
fn without_the_address_of_a_client_nobody_is_let_through_and_the_log_says_so_once() {
    let mut settings = settings(json!({"client_max_rate": 1, "strategy": "ip"}));
    settings.properties.insert("source.address".to_owned(), Vec::new());
    let mut worker = start(&settings);
    assert_eq!(through(&mut worker, "/t/1", 3), 0);
    let told = worker.take_trace().entries.into_iter().filter(|entry| {
        matches!(&entry.event, Event::Log { level: LogLevel::Error, message } if message.contains("rates cannot be counted"))
    });
    assert_eq!(told.count(), 1);
}
