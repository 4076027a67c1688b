//! The counters: runs, errors of each kind, calls and instructions, by endpoint and stage. They are read in Envoy's own /stats
//! and for Prometheus, and in host-sim where single steps must be visible.

use std::collections::BTreeSet;
use std::time::Duration;

use host_sim::{Request, Sim};
use serde_json::{Value, json};
use tests::cases::ClientRequest;
use tests::wire::client;

use crate::setting::{backend, document, endpoint, of, start, worker};

#[test]
fn runs_errors_of_each_kind_calls_and_instructions_are_counted_by_endpoint_and_stage() {
    let endpoints = json!([
        {
            "endpoint": "/users/{user}", "backend": [backend(Some("local r = request.load()")), backend(Some("x = 1"))],
            "extra_config": {
                "modifier/lua-endpoint": {"pre": "local c = ctx.load()"},
                "modifier/lua-proxy": {
                    "pre": "local r = http_response.new('http://api/side')", "post": "local r = response.load()",
                },
            },
        },
        endpoint("/script", "proxy", json!({"pre": "error('boom')"})),
        endpoint("/custom", "proxy", json!({"post": "custom_error('no', 418)"})),
        endpoint("/limit", "endpoint", json!({"pre": "while true do end"})),
        endpoint("/call", "proxy", json!({"pre": "http_response.new('http://unknown/')"})),
        endpoint("/caught", "proxy", json!({"pre": "pcall(http_response.new, 'http://unknown/')"})),
        endpoint("/reads", "proxy", json!({"pre": "local b = request.load():body()"})),
    ]);
    let limits = json!({"limits": {"instructions": 1_000_000, "body_bytes": 100}});
    let mut configuration = document(endpoints, limits);
    configuration["endpoints"][6]["method"] = "POST".into();
    configuration["endpoints"][6]["backend"][0]["method"] = "POST".into();
    configuration["extra_config"]["modifier/lua-endpoint"] = json!({"pre": "local c = ctx.load()"});
    let setting = start(configuration, 1);
    for _ in 0..3 {
        assert_eq!(setting.get("/users/me").status, 200);
    }
    for (path, status) in [("/script", 500), ("/custom", 418), ("/limit", 500), ("/call", 500), ("/caught", 200)] {
        assert_eq!(setting.get(path).status, status, "{path}");
    }
    let large = ClientRequest::new("POST", "/reads").body("x".repeat(101));
    assert_eq!(client::send(setting.envoy.port(), &large).unwrap().status, 413);
    assert_eq!(setting.get("/nowhere").status, 404);

    let expected = [
        ("GET_/users/{user}.endpoint.runs", 3),
        ("GET_/users/{user}.proxy.runs", 6), // before and after
        ("GET_/users/{user}.proxy.calls", 3),
        ("GET_/users/{user}.backend_0.runs", 3),
        ("GET_/users/{user}.backend_1.runs", 3),
        ("GET_/script.proxy.runs", 1),
        ("GET_/script.proxy.errors_script", 1),
        ("GET_/custom.proxy.runs", 1),
        ("GET_/custom.proxy.errors_custom", 1),
        ("GET_/limit.endpoint.errors_limit", 1),
        ("GET_/limit.endpoint.instructions", 1_000_000),
        ("GET_/call.proxy.runs", 1),
        ("GET_/call.proxy.calls", 1),
        ("GET_/call.proxy.errors_call", 1),
        ("GET_/caught.proxy.calls", 1),
        ("POST_/reads.proxy.runs", 1),
        ("POST_/reads.proxy.errors_limit", 1),
        ("failures", 5),
    ];
    // A worker passes on one counter after the other: a request in between sees only a part of a tick.
    let stats = setting.eventually("all runs are counted", |stats| {
        let as_expected = expected.iter().all(|(name, value)| of(stats, name) == *value);
        as_expected && of(stats, "service.service.runs") == 10 && of(stats, "heap_bytes") > 0
    });
    let errors: BTreeSet<&str> = stats.keys().map(String::as_str).filter(|name| name.contains(".errors_")).collect();
    let failing: BTreeSet<&str> =
        expected.iter().map(|(name, _)| *name).filter(|name| name.contains(".errors_")).collect();
    assert_eq!(errors, failing); // no counter is defined before it has a value
    let heap = of(&stats, "heap_bytes");
    assert!((10_000..10_000_000).contains(&heap), "{heap}");
}

#[test]
fn endpoints_whose_names_are_nearly_the_same_stay_apart() {
    let paths = ["/a.b", "/a_b", "/a-b", "/a/b", "/a%2Eb", "/{a}/b/{c}"];
    let script = json!({"pre": "x = 1", "skip_next": true});
    let mut endpoints: Vec<Value> = paths.iter().map(|path| endpoint(path, "proxy", script.clone())).collect();
    let mut post = endpoint("/a.b", "proxy", script);
    post["method"] = "POST".into();
    endpoints.push(post);
    let setting = start(document(endpoints.into(), json!({})), 1);
    let asked = ["/a.b", "/a_b", "/a-b", "/a/b", "/a%252Eb", "/x/b/y"];
    for (times, path) in asked.iter().enumerate() {
        for _ in 0..=times {
            setting.get(path);
        }
    }
    let names = ["GET_/a%2Eb", "GET_/a_b", "GET_/a-b", "GET_/a/b", "GET_/a%252Eb", "GET_/{a}/b/{c}"];
    let stats = setting.eventually("all runs are counted", |stats| {
        stats.iter().filter(|(name, _)| name.ends_with(".runs")).map(|(_, runs)| runs).sum::<u64>() == 21
    });
    for (times, name) in names.iter().enumerate() {
        assert_eq!(of(&stats, &format!("{name}.proxy.runs")), times as u64 + 1, "{name} in {stats:#?}");
    }
    let prometheus = setting.envoy.admin("/stats/prometheus");
    for (times, name) in names.iter().enumerate() {
        let line = format!("lua_modifier_runs{{endpoint=\"{name}\",stage=\"proxy\"}} {}\n", times + 1);
        assert!(prometheus.contains(&line), "{line}");
    }
}

#[test]
fn what_two_workers_count_adds_up_and_outlives_a_configuration() {
    let endpoints = |code: &str| json!([endpoint("/t", "proxy", json!({"pre": code, "skip_next": true}))]);
    let mut setting = start(document(endpoints("x = 1"), json!({})), 2);
    for _ in 0..200 {
        setting.get("/t"); // each request has its own connection, so that both workers get some
    }
    setting.eventually("all runs are counted", |stats| of(stats, "GET_/t.proxy.runs") == 200);
    let connections = setting.envoy.admin("/stats?filter=^listener.*worker_[01].downstream_cx_total$");
    let busy = |worker: &str| connections.lines().any(|line| line.contains(worker) && !line.ends_with(": 0"));
    assert!(busy("worker_0") && busy("worker_1"), "{connections}");
    let heap = of(&setting.stats(), "heap_bytes");
    // The new plugin goes on counting, whatever the old one still reports.
    setting.get("/t");
    setting.envoy.replace(document(endpoints("error('new')"), json!({})));
    setting.eventually("the new configuration serves", |stats| {
        setting.get("/t");
        of(stats, "GET_/t.proxy.errors_script") > 0
    });
    let stats = setting.eventually("the old workers' heaps are gone", |stats| of(stats, "heap_bytes") < heap * 3 / 2);
    assert!(of(&stats, "GET_/t.proxy.runs") > 201, "{stats:#?}");
}

#[test]
fn a_run_whose_client_leaves_is_a_run_without_an_error() {
    let asks = json!({"pre": "http_response.new('http://api/side')"});
    let mut sim = worker(&document(json!([endpoint("/t", "proxy", asks)]), json!({})));
    let id = sim.request(&Request::new("GET", "/t")).unwrap();
    sim.client_gone(id).unwrap();
    sim.tick().unwrap();
    let told: Vec<(&str, u64)> =
        sim.metrics().filter(|(name, _)| !name.ends_with("_us") && name.contains(".proxy.")).collect();
    assert_eq!(told, [("lua_modifier.GET_/t.proxy.calls", 1), ("lua_modifier.GET_/t.proxy.runs", 1)]);
}

#[test]
fn requests_only_add_up_and_a_tick_of_the_root_tells() {
    let counts = json!({"pre": "for i = 1, 100000 do end", "skip_next": true});
    let mut sim = worker(&document(json!([endpoint("/t", "proxy", counts)]), json!({})));
    for _ in 0..3 {
        sim.request(&Request::new("GET", "/t")).unwrap();
    }
    assert_eq!(sim.metrics().count(), 0);
    sim.advance(Duration::from_millis(200)).unwrap();
    let of = |sim: &Sim, what: &str| sim.metric(&format!("lua_modifier.GET_/t.proxy.{what}"));
    assert_eq!((of(&sim, "runs"), of(&sim, "errors_script"), of(&sim, "calls")), (Some(3), None, None));
    assert!((600_000..=605_000).contains(&of(&sim, "instructions").unwrap()), "{:?}", of(&sim, "instructions"));
    assert!(of(&sim, "duration_us").is_some());
    assert!(sim.metric("lua_modifier.heap_bytes").unwrap() > 10_000);
    sim.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(of(&sim, "runs"), Some(3));
}
