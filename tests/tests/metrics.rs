//! What operators see: metrics in Envoy's own /stats and for Prometheus, the dashboard that is drawn from them, and the lines
//! of the log that say where something failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use fancy_regex::Regex;
use host_sim::{Module, Request, Settings, Sim};
use serde_json::{Value, json};
use tests::built::module_from_env;
use tests::envoy::{Gateway, Running};
use tests::upstreams::{RawAnswer, Server};
use tests::wire::{client, http1};

static ENVOY_YAML: &str = include_str!("../../envoy/envoy.yaml");
static DASHBOARD: &str = include_str!("../../envoy/grafana/lua-modifier.json");

/// The part of envoy.yaml that makes labels.
fn stats_config() -> String {
    let from = ENVOY_YAML.find("\nstats_config:\n").unwrap() + 1;
    let block = ENVOY_YAML[from..].lines().take_while(|line| !line.is_empty());
    block.collect::<Vec<_>>().join("\n")
}

fn document(endpoints: Value, ours: Value) -> Value {
    let mut plugin = json!({"clusters": {"http://api": "api"}});
    plugin.as_object_mut().unwrap().extend(ours.as_object().unwrap().clone());
    json!({
        "version": 3, "timeout": "3s", "endpoints": endpoints,
        "extra_config": {"router": {"return_error_msg": true}, "envoy/lua-modifier": plugin},
    })
}

fn backend(script: Option<&str>) -> Value {
    let extra = script.map_or(json!({}), |script| json!({"modifier/lua-backend": {"pre": script}}));
    json!({"host": ["http://api"], "url_pattern": "/x", "extra_config": extra})
}

fn endpoint(path: &str, level: &str, block: Value) -> Value {
    json!({"endpoint": path, "backend": [backend(None)], "extra_config": {format!("modifier/lua-{level}"): block}})
}

fn upstream() -> Server {
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    Server::start(Box::new(move |_| RawAnswer {
        bytes: http1::message("HTTP/1.1 200 ", &headers, b"{\"a\": 1}", true),
        last: false,
    }))
}

/// An Envoy, and the upstream behind it.
struct Setting {
    envoy: Running,
    _upstream: Server,
    _turn: MutexGuard<'static, ()>,
}

/// One Envoy of this file's at a time: they start slowly beside each other.
static TURN: Mutex<()> = Mutex::new(());

fn start(configuration: Value, workers: u32) -> Setting {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let upstream = upstream();
    let gateway = Gateway::new(configuration, &[("api", upstream.authority().as_str())]);
    // Histograms are shown when Envoy has put its workers' parts together: here often.
    let yaml = format!("{}\nstats_flush_interval: 0.1s\n", stats_config());
    // What is replaced drains for ten minutes where Envoy is told nothing else.
    let options: &[&str] = &["--drain-time-s", "1"];
    Setting { envoy: Gateway { workers, yaml, options, ..gateway }.start(), _upstream: upstream, _turn: turn }
}

impl Setting {
    fn get(&self, path: &str) -> tests::cases::Response {
        client::get(self.envoy.port(), path).unwrap()
    }

    /// The filter's counters and gauges, without the prefix that all of them have.
    fn stats(&self) -> BTreeMap<String, u64> {
        let text = self.envoy.admin("/stats?filter=lua_modifier&type=Counters")
            + &self.envoy.admin("/stats?filter=lua_modifier&type=Gauges");
        let values = text.lines().filter_map(|line| line.strip_prefix("wasmcustom.lua_modifier.")?.split_once(": "));
        values.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
    }

    /// Ticks come when they come: looks again until it is so.
    fn eventually(&self, what: &str, is_so: impl Fn(&BTreeMap<String, u64>) -> bool) -> BTreeMap<String, u64> {
        for _ in 0..500 {
            let stats = self.stats();
            if is_so(&stats) {
                return stats;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{what}: {:#?}", self.stats());
    }
}

fn of(stats: &BTreeMap<String, u64>, name: &str) -> u64 {
    stats.get(name).copied().unwrap_or_default()
}

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
    let large = tests::cases::ClientRequest {
        method: "POST".into(),
        path: "/reads".into(),
        headers: Vec::new(),
        body: Some("x".repeat(101)),
        write_files: BTreeMap::default(),
    };
    assert_eq!(client::send(setting.envoy.port(), &large).unwrap().status, 413);
    assert_eq!(setting.get("/nowhere").status, 404);

    let stats = setting.eventually("all runs are counted", |stats| of(stats, "service.service.runs") == 10);
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
    for (name, value) in expected {
        assert_eq!(of(&stats, name), value, "{name} in {stats:#?}");
    }
    let errors: BTreeSet<&str> = stats.keys().map(String::as_str).filter(|name| name.contains(".errors_")).collect();
    let failing: BTreeSet<&str> =
        expected.iter().map(|(name, _)| *name).filter(|name| name.contains(".errors_")).collect();
    assert_eq!(errors, failing); // nothing is defined before it has a value
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
        setting.get("/t"); // a connection each, so that both workers get some
    }
    setting.eventually("all runs are counted", |stats| of(stats, "GET_/t.proxy.runs") == 200);
    let connections = setting.envoy.admin("/stats?filter=^listener.*worker_[01].downstream_cx_total$");
    let busy = |worker: &str| connections.lines().any(|line| line.contains(worker) && !line.ends_with(": 0"));
    assert!(busy("worker_0") && busy("worker_1"), "{connections}");
    let heap = of(&setting.stats(), "heap_bytes");
    // The new plugin counts on, whatever the old one still had to tell.
    setting.get("/t");
    setting.envoy.replace(document(endpoints("error('new')"), json!({})));
    setting.eventually("the new configuration serves", |stats| {
        setting.get("/t");
        of(stats, "GET_/t.proxy.errors_script") > 0
    });
    let stats = setting.eventually("the old workers' heaps are gone", |stats| of(stats, "heap_bytes") < heap * 3 / 2);
    assert!(of(&stats, "GET_/t.proxy.runs") > 201, "{stats:#?}");
}

/// Where a query names labels: in a selector, in a grouping, and as what a variable may be.
const LABELS: &str = r"(\w+)=~|by \(([\w, ]+)\)|label_values\(\w+, (\w+)\)";

/// The metrics of an answer for Prometheus, and the names of their labels.
fn labels(prometheus: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let name = Regex::new(r#"(\w+)=""#).unwrap();
    for (metric, rest) in
        prometheus.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('{'))
    {
        let names = name.captures_iter(rest).map(|found| found.unwrap().get(1).unwrap().as_str());
        all.entry(metric).or_default().extend(names);
    }
    all
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &str> {
    let targets = dashboard["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| target["expr"].as_str().unwrap())
}

fn variables(dashboard: &Value) -> impl Iterator<Item = &str> {
    let all = dashboard["templating"]["list"].as_array().unwrap().iter();
    all.filter_map(|variable| variable["definition"].as_str())
}

#[test]
fn the_dashboard_asks_for_metrics_that_there_are() {
    let endpoints = json!([
        endpoint("/ok", "proxy", json!({"pre": "for i = 1, 10000 do end http_response.new('http://api/side')"})),
        endpoint("/script", "proxy", json!({"pre": "error('boom')"})),
        endpoint("/custom", "proxy", json!({"pre": "custom_error('no')"})),
        endpoint("/limit", "proxy", json!({"pre": "while true do end"})),
        endpoint("/call", "proxy", json!({"pre": "http_response.new('http://unknown/')"})),
    ]);
    let setting = start(document(endpoints, json!({"limits": {"instructions": 100_000}})), 1);
    for path in ["/ok", "/script", "/custom", "/limit", "/call"] {
        setting.get(path);
    }
    setting.eventually("all runs are counted", |stats| of(stats, "GET_/call.proxy.errors_call") == 1);
    let has_duration =
        |text: &str| text.contains("lua_modifier_duration_us_count{endpoint=\"GET_/ok\",stage=\"proxy\"} 1\n");
    setting.eventually("histograms are put together", |_| has_duration(&setting.envoy.admin("/stats/prometheus")));
    let prometheus = setting.envoy.admin("/stats/prometheus");
    let there = labels(&prometheus);

    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let (metrics, labels) = (Regex::new(r"lua_modifier_\w+").unwrap(), Regex::new(LABELS).unwrap());
    let queries = panels(&dashboard).chain(variables(&dashboard));
    let (mut seen, mut asked_for) = (BTreeSet::new(), 0);
    for query in queries {
        let named: Vec<&str> = metrics.find_iter(query).map(|found| found.unwrap().as_str()).collect();
        assert!(!named.is_empty(), "{query}");
        for metric in named {
            let given = there.get(metric).unwrap_or_else(|| panic!("{metric} of {query} is not in {prometheus}"));
            for found in labels.captures_iter(query) {
                let list = found.unwrap().iter().skip(1).flatten().next().unwrap().as_str();
                for label in list.split(", ") {
                    // The one that Prometheus gives to what it asks.
                    assert!(
                        label == "instance" || given.contains(label),
                        "{metric} of {query} has no {label}: {given:?}"
                    );
                    asked_for += 1;
                }
            }
            seen.insert(metric.to_owned());
        }
    }
    assert!(asked_for > 50, "{asked_for} labels");
    // and shows all that there is
    let shown = |metric: &str| seen.iter().any(|name| name.starts_with(metric.trim_end_matches("_count")));
    let ours = there.keys().filter(|metric| metric.starts_with("lua_modifier_"));
    let forgotten: Vec<_> = ours.filter(|metric| !shown(metric)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn the_error_header_names_a_failure_at_every_stage() {
    let fails = json!({"pre": "error('boom')"});
    let mut at_backend = endpoint("/backend", "proxy", json!({"pre": "x = 1"}));
    at_backend["backend"] = json!([backend(Some("error('boom')"))]);
    let endpoints =
        json!([endpoint("/endpoint", "endpoint", fails.clone()), endpoint("/proxy", "proxy", fails), at_backend]);
    let service = "if string.find(ctx.load():url(), 'service') then error('boom') end";
    let with = |switched: Value| {
        let mut configuration = document(endpoints.clone(), switched);
        configuration["extra_config"]["modifier/lua-endpoint"] = json!({"pre": service, "allow_open_libs": true});
        start(configuration, 1)
    };
    let header = "x-lua-modifier-error";
    let paths = ["/service", "/endpoint", "/proxy", "/backend"];
    let setting = with(json!({"error_header": true}));
    for path in paths {
        let response = setting.get(path);
        assert_eq!((response.status, response.headers[header][0].as_str()), (500, "boom (pre-script:L1)"), "{path}");
    }
    let stats = setting.eventually("failures are counted", |stats| of(stats, "failures") == 4);
    assert_eq!(of(&stats, "service.service.errors_script"), 1);
    drop(setting);
    let setting = with(json!({}));
    for path in paths {
        assert!(!setting.get(path).headers.contains_key(header), "{path}");
    }
}

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::load(module_from_env().unwrap()).unwrap());

fn worker(configuration: &Value) -> Sim {
    let settings = Settings::new(configuration.to_string()).allow_on_headers_stop_iteration(true).cluster("api");
    Sim::start(&MODULE, settings).unwrap()
}

#[test]
fn a_failure_is_one_line_with_endpoint_stage_place_and_request_id() {
    let endpoints = json!([
        endpoint("/t/{id}", "proxy", json!({"sources": ["a.lua"], "pre": "check()"})),
        endpoint("/custom", "endpoint", json!({"pre": "\ncustom_error('two\\nlines', 418)"})),
        endpoint("/limit", "proxy", json!({"post": "\n\nwhile true do end", "skip_next": true})),
        {"endpoint": "/b", "backend": [backend(Some("error('boom')"))]},
        {"endpoint": "/down", "backend": [{"host": ["http://unknown"], "url_pattern": "/x"}, backend(None)]},
    ]);
    let sources = json!({"sources": {"a.lua": "function check()\n  error('boom')\nend"}});
    let mut sim = worker(&document(endpoints, sources));
    sim.take_trace();
    let mut line = |request: Request| {
        sim.request(&request).unwrap();
        let trace = sim.take_trace();
        let lines: Vec<String> = trace.logs().into_iter().map(|(_, text)| text.to_owned()).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.into_iter().next().unwrap()
    };
    let named = Request::new("GET", "/t/7").header("x-request-id", "4ca1a1d8");
    assert_eq!(line(named), "[ENDPOINT: /t/{id}] boom (a.lua:L2) stage=proxy.pre request_id=4ca1a1d8");
    assert_eq!(
        line(Request::new("GET", "/custom")),
        "[ENDPOINT: /custom] two lines (pre-script:L2) stage=endpoint.pre"
    );
    let limit = "the script ran more than 10000000 instructions (limits.instructions)";
    let looped = line(Request::new("GET", "/limit"));
    assert_eq!(looped, format!("[ENDPOINT: /limit] {limit} (post-script:L3) stage=proxy.post"));
    assert_eq!(line(Request::new("GET", "/b")), "[ENDPOINT: /b] boom (pre-script:L1) stage=backend_0.pre");
    let down = line(Request::new("GET", "/down"));
    assert!(
        down.starts_with("[ENDPOINT: /down] Get \"http://unknown/x\": ") && down.ends_with(" stage=backend_0"),
        "{down}"
    );
}

#[test]
fn a_log_level_of_error_leaves_what_scripts_print_out_and_failures_in() {
    let says = json!({"pre": "print('hello') error('boom')"});
    let mut sim = worker(&document(json!([endpoint("/t", "proxy", says)]), json!({"log_level": "error"})));
    sim.take_trace();
    sim.request(&Request::new("GET", "/t")).unwrap();
    let trace = sim.take_trace();
    let lines: Vec<&str> = trace.logs().into_iter().map(|(_, text)| text).collect();
    assert_eq!(lines, ["[ENDPOINT: /t] boom (pre-script:L1) stage=proxy.pre"]);
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
