//! Agents in a real Envoy, started with what `bundle` writes: every way in is tried, and only messages that come the right way
//! reach a backend; only the module tells what has become of a message; endpoints and agents share a VM and nothing else.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tests::cases::{ClientRequest, Response};
use tests::command::call;
use tests::envoy::Bundled;
use tests::machine::{Folder, eventually, free_port};
use tests::upstreams::{Rule, Upstream};
use tests::wire::client;

const MARK: &str = "X-Lua-Modifier-Agent";
const OUTCOME: &str = "x-lua-modifier-outcome";

fn backend(upstream: &str, pattern: &str, more: &Value) -> Value {
    let mut backend = json!({"host": [format!("http://{upstream}")], "url_pattern": pattern, "method": "POST"});
    backend.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    backend
}

fn agent(name: &str, backends: &[Value], extra: &Value) -> Value {
    let mut namespaces = json!({"async/amqp": {"host": "amqp://127.0.0.1:1/", "name": "q", "exchange": "e"}});
    namespaces.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let timeout = if name.contains("late") { "700ms" } else { "20s" };
    let consumer = json!({"topic": "#", "timeout": timeout});
    json!({"name": name, "consumer": consumer, "backend": backends, "extra_config": namespaces})
}

/// Agents for every possible outcome of a message, and an endpoint beside them.
fn document(upstream: &str) -> Value {
    let none = json!({});
    let to = |pattern: &str| backend(upstream, pattern, &none);
    let raw = |pattern: &str| backend(upstream, pattern, &json!({"encoding": "no-op"}));
    let lua = |key: &str, code: &str| json!({"modifier/lua-proxy": {key: code}});
    let limited = |limits: Value, code: &str| json!({"modifier/lua-proxy": {"pre": code}, "envoy/lua-modifier": {"limits": limits}});
    let agents = json!([
        agent("orders", &[to("/b")], &lua("pre", "print('order', request.load():body())")),
        agent("a b/é", &[to("/b")], &none),
        agent("partial", &[to("/b"), to("/500")], &none),
        agent("no-op", &[raw("/forged-failed")], &none),
        agent("forged", &[to("/forged-done")], &none),
        agent("script", &[to("/b")], &lua("post", "response.load():headers('X-Lua-Modifier-Outcome', 'failed')")),
        agent("custom", &[to("/b")], &lua("pre", "custom_error('no', 200)")),
        agent("late", &[to("/late")], &none),
        agent("raw late", &[raw("/late")], &none),
        agent("two late", &[to("/late"), to("/b")], &none),
        agent("dropped", &[to("/dropped")], &none),
        agent("refused", &[backend("127.0.0.1:1", "/b", &none)], &none),
        agent("large", &[to("/b")], &limited(json!({"body_bytes": 1000}), "request.load():body()")),
        agent(
            "looping",
            &[to("/b")],
            &limited(json!({"time_ms": 50, "instructions": 1_000_000_000_000_u64}), "while true do end")
        ),
        agent("unread", &[to("/b")], &limited(json!({"body_bytes": 1000}), "")),
        agent("back", &[to("/large")], &limited(json!({"body_bytes": 1000}), "")),
    ]);
    json!({
        "version": 3, "timeout": "3s", "async_agent": agents,
        "extra_config": {"modifier/lua-endpoint": {"pre": "print('a client')"}},
        "endpoints": [{"endpoint": "/t", "method": "POST", "backend": [to("/b")]}],
    })
}

fn upstream() -> Upstream {
    let upstream = Upstream::start();
    let forged = |path: &str, status: u16, word: &str| json!({"path": path, "status": status, "headers": {"Content-Type": "application/json", "X-Lua-Modifier-Outcome": word}, "body": "{}"});
    let rules = json!([
        forged("/forged-done", 500, "done"),
        forged("/forged-failed", 500, "failed"),
        {"path": "/500", "status": 500, "body": "{}"},
        {"path": "/late", "delay_ms": 2000, "headers": {"X-Lua-Modifier-Outcome": "done"}, "body": "{}"},
        {"path": "/dropped", "close": true},
        {"path": "/large", "body": format!("{{\"a\": \"{}\"}}", "x".repeat(2000))},
        {"path": "*", "body": "{\"a\": 1}"},
    ]);
    upstream.set_rules(rules.as_array().unwrap().iter().map(Rule::new).collect());
    upstream
}

/// Lets one test run at a time: several Envoys start slowly beside each other.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bundled(variable: &str, place: &Folder, options: &[&str]) -> Bundled {
    let arguments =
        ["bundle", "krakend.json", "-o", "envoy.yaml", "--listen=127.0.0.1:0", "--agents-listen=127.0.0.1:0"];
    let said = call(place.path(), &[&arguments, options].concat());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    Bundled::start_as(variable, &place.path().join("envoy.yaml"))
}

fn message(path: &str, body: impl Into<String>) -> ClientRequest {
    ClientRequest::new("POST", path).header(MARK, "message").body(body)
}

fn outcome(response: &Response) -> (u16, Option<&str>, String) {
    let words: Vec<&str> = response.headers.get(OUTCOME).into_iter().flatten().map(String::as_str).collect();
    assert!(words.len() < 2, "{words:?}");
    (response.status, words.first().copied(), response.text())
}

/// Requests that are not valid messages, each with the listener that it is sent to.
fn wrong_ways() -> Vec<(&'static str, ClientRequest)> {
    let orders = "/__async_agent/orders";
    let post = |path: &str| ClientRequest::new("POST", path).body("wrong");
    let marked = |path: &str| message(path, "wrong");
    let mut all = vec![
        ("lua-modifier", marked(orders)),
        ("lua-modifier", marked("/orders")),
        ("lua-modifier-agents", post(orders)),
        ("lua-modifier-agents", post(orders).header(MARK, "")),
        ("lua-modifier-agents", post(orders).header(MARK, "Message")),
        ("lua-modifier-agents", post(orders).header(MARK, "message").header(MARK, "message")),
        ("lua-modifier-agents", post(orders).header(OUTCOME, "done")),
        ("lua-modifier-agents", post("/t").header(MARK, "message")),
        ("lua-modifier-agents", post("/b").header("x-lua-modifier-cluster", "127.0.0.1:1").header(MARK, "message")),
    ];
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        all.push(("lua-modifier-agents", ClientRequest { method: method.to_owned(), ..marked(orders) }));
    }
    let spelled = [
        "//__async_agent/orders",
        "/__async_agent//orders",
        "/__async_agent/./orders",
        "/__async_agent/../__async_agent/orders",
        "/x/../__async_agent/orders",
        "/__async_agent/orders/",
        "/__async_agent/orders?",
        "/__async_agent/orders?a=b",
        "/__async_agent/Orders",
        "/__ASYNC_AGENT/orders",
        "/__async_agent/%6frders",
        "/%5F_async_agent/orders",
        "/__async_agent%2Forders",
        "/__async_agent/orders;x",
        "/__async_agent/",
        "/__async_agent",
        "/",
        "/__health",
        "/__async_agent/a%20b/%C3%A9",
        "/__async_agent/a%20b%2f%c3%a9",
        "/__async_agent/a+b%2F%C3%A9",
        "http://gateway.test/__async_agent/orders?",
    ];
    all.extend(spelled.into_iter().map(|path| ("lua-modifier-agents", marked(path))));
    all
}

#[test]
fn a_message_comes_in_by_one_way_only() {
    let _turn = turn();
    for (variable, way) in [("ENVOY", &[][..]), ("ENVOY", &["--xds"]), ("ENVOY_OLDEST", &[])] {
        let upstream = upstream();
        let place = Folder::default();
        place.write("krakend.json", document(&upstream.authority()).to_string());
        let envoy = bundled(variable, &place, &[&["--admin-port=0"], way].concat());
        for (listener, request) in wrong_ways() {
            let response = client::send(envoy.port(listener), &request).unwrap();
            let told = outcome(&response);
            assert!(matches!(told, (404 | 400, None, _)), "{variable} {way:?} {listener} {request:?}: {told:?}");
        }
        assert!(upstream.asked().is_empty(), "{:?}", upstream.asked());
        let right = [("/__async_agent/orders", "one"), ("/__async_agent/a%20b%2F%C3%A9", "two")];
        for (path, body) in right {
            let response = client::send(envoy.port("lua-modifier-agents"), &message(path, body)).unwrap();
            assert_eq!(outcome(&response), (200, Some("done"), String::new()), "{variable} {way:?} {path}");
        }
        let client = ClientRequest::new("POST", "/t").body("three");
        assert_eq!(client::send(envoy.port("lua-modifier"), &client).unwrap().told(), (200, json!({"a": 1})));
        let bodies: Vec<String> =
            upstream.asked().iter().map(|asked| String::from_utf8_lossy(&asked.body).into()).collect();
        assert_eq!(bodies, ["one", "two", "three"]);
        let told: Vec<String> = upstream.asked()[0].headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        for kept in
            ["x-forwarded-for", "x-forwarded-host", "x-lua-modifier-agent", "x-lua-modifier-cluster", "content-type"]
        {
            assert!(!told.iter().any(|name| name == kept), "the backend is told {kept}: {told:?}");
        }
        assert!(envoy.logs("[ENDPOINT: orders][Lua] order\tone").is_some());
    }
}

#[test]
fn what_has_become_of_a_message_is_told_by_the_module_alone() {
    let _turn = turn();
    let upstream = upstream();
    let place = Folder::default();
    place.write("krakend.json", document(&upstream.authority()).to_string());
    let envoy = bundled("ENVOY", &place, &["--admin-port=0"]);
    let port = envoy.port("lua-modifier-agents");
    let long = "x".repeat(5000);
    let deadline = "context deadline exceeded";
    let table = [
        ("partial", "m", 500, "failed", "invalid status code 500 [POST /500]"),
        ("no-op", "m", 200, "done", "{}"),
        ("forged", "m", 500, "failed", "invalid status code 500 [POST /forged-done]"),
        ("script", "m", 200, "done", ""),
        ("custom", "m", 500, "failed", "no"),
        ("late", "m", 500, "failed", deadline),
        ("raw%20late", "m", 500, "failed", deadline),
        ("two%20late", "m", 500, "failed", deadline),
        ("dropped", "m", 500, "failed", "Post \"http://"),
        ("refused", "m", 500, "failed", "Post \"http://127.0.0.1:1/b\""),
        ("large", &long, 500, "failed", "the body of the request is larger than 1000 bytes (limits.body_bytes)"),
        ("looping", "m", 500, "failed", "limits.time_ms"),
        ("unread", &long, 200, "done", ""),
        ("back", "m", 500, "failed", "the body of the response is larger than 1000 bytes (limits.body_bytes)"),
        ("orders", "", 200, "done", ""),
    ];
    for (name, body, status, word, text) in table {
        let response = client::send(port, &message(&format!("/__async_agent/{name}"), body)).unwrap();
        let (found, outcome, told) = outcome(&response);
        assert_eq!((found, outcome), (status, Some(word)), "{name}: {told}");
        assert!(if text.is_empty() { told.is_empty() } else { told.contains(text) }, "{name}: {told:?}");
        assert!(!told.contains('\n'), "{name}: {told:?}");
    }
}

#[test]
fn endpoints_and_agents_are_two_roots_of_one_vm() {
    let _turn = turn();
    for variable in ["ENVOY", "ENVOY_OLDEST"] {
        let upstream = upstream();
        let mut alone = document(&upstream.authority());
        let with_agents = alone.to_string();
        alone.as_object_mut().unwrap().remove("async_agent");
        let mut running = Vec::new();
        for text in [alone.to_string(), with_agents] {
            let place = Folder::default();
            place.write("krakend.json", text);
            let admin = free_port();
            let envoy = bundled(variable, &place, &[&format!("--admin-port={admin}")]);
            let stats = client::get(admin, "/stats?filter=wasm.*active").unwrap().text();
            running.push(stats);
            if running.len() < 2 {
                continue;
            }
            let response =
                client::send(envoy.port("lua-modifier-agents"), &message("/__async_agent/orders", "m")).unwrap();
            assert_eq!(outcome(&response).1, Some("done"));
            let shown = || client::get(admin, "/stats/prometheus?filter=async").unwrap().text();
            let counts = |shown: &str| shown.contains(r#"lua_modifier_runs{endpoint="async.orders",stage="proxy"} 1"#);
            eventually("the run of the agent's script is counted", || counts(&shown()));
        }
        assert!(!running[0].is_empty() && running[0] == running[1], "{variable}: {running:?}");
    }
}
