//! Every way in which an upstream can fail, for every way in which the filter uses upstreams: as the only backend of Envoy's
//! route, as one of several backends, as a script's side request, and as the server of live sources. In a real Envoy, each
//! fault has a status, words, and one line in the log, and afterwards everything works as before.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::cases::{CLOSED, Response};
use tests::envoy::{Gateway, Running};
use tests::machine::{Shared, eventually};
use tests::upstreams::{Server, faulty};
use tests::wire::client::{self, Caller};

/// Longer than any endpoint's timeout.
const PATIENCE: Duration = Duration::from_secs(60);

/// The outcome of a fault, in the words of its log line.
struct Row {
    /// The host and path of the request.
    at: &'static str,
    /// By the route: the status and the words.
    route: (u16, &'static str),
    /// As one of two backends: the words.
    leg: &'static str,
    /// As a side request: the words of the error, or nothing if the script gets the response unchanged.
    side: &'static str,
}

const fn row(at: &'static str, route: (u16, &'static str), leg: &'static str, side: &'static str) -> Row {
    Row { at, route, leg, side }
}

// If the response had begun, Envoy itself answers the client, with 502 or 504: its router does not let a filter do that.
const LOST: &str = "the connection was closed before a reply came";
const LATE: &str = "context deadline exceeded";
const LARGE: &str = "larger than 1048576 bytes (limits.body_bytes)";
const ROWS: [Row; 24] = [
    row("gone/x", (500, "Connection_refused"), "connection failure", "connection failure"),
    row(
        "empty/x",
        (500, "no host of the cluster \"empty\" is up"),
        "none of its hosts is up",
        "none of its hosts is up",
    ),
    row(
        "unknown/x",
        (500, "Envoy has no cluster \"unknown:80\""),
        "no cluster \"unknown:80\"",
        "no cluster \"unknown:80\"",
    ),
    row("faulty/closes", (500, "connection_termination"), "connection termination", "connection termination"),
    row("faulty/resets", (500, "connection_termination"), "connection termination", "connection termination"),
    row("faulty/closes-in-its-head", (500, "protocol_error"), "protocol error", "protocol error"),
    row("faulty/closes-in-its-body", (502, "protocol_error"), LOST, LOST),
    row("faulty/resets-in-its-body", (502, "reset_after_response_started"), LOST, LOST),
    row("faulty/closes-in-a-chunk", (502, "protocol_error"), LOST, LOST),
    row("faulty/no-http", (500, "protocol_error"), "protocol error", "protocol error"),
    row("faulty/no-text", (500, "protocol_error"), "protocol error", "protocol error"),
    row("faulty/no-status", (500, "protocol_error"), "protocol error", "protocol error"),
    row("faulty/no-length", (500, "protocol_error"), "protocol error", "protocol error"),
    row("faulty/two-lengths", (500, "protocol_error"), "protocol error", "protocol error"),
    row("faulty/length-too-small", (500, "the JSON ends too early"), "the JSON ends too early", ""),
    row("faulty/no-chunk", (502, "protocol_error"), LOST, LOST),
    row("faulty/stalls", (500, LATE), LATE, LATE),
    row("faulty/stalls-in-its-body", (504, LATE), LATE, LATE),
    row("faulty/trickles", (504, LATE), LATE, LATE),
    row("faulty/no-json", (500, "the body is not JSON"), "the body is not JSON", ""),
    row("faulty/no-utf8", (500, "the JSON ends too early"), "the JSON ends too early", ""),
    row("faulty/no-gzip", (500, "gzip: "), "gzip: ", ""),
    row("faulty/cut-gzip", (500, "gzip: "), "gzip: ", ""),
    row("faulty/large", (500, "larger than Envoy may hold"), LARGE, LARGE),
];

/// The way in which the filter uses an upstream.
#[derive(Clone, Copy)]
enum Way {
    Route,
    NoOp,
    Leg,
    Side,
    Caught,
    Live,
}

const WAYS: [(Way, &str); 6] = [
    (Way::Route, "/route"),
    (Way::NoOp, "/no-op"),
    (Way::Leg, "/leg"),
    (Way::Side, "/side"),
    (Way::Caught, "/caught"),
    (Way::Live, "/live"),
];

fn endpoint(way: Way, at: &str) -> Value {
    match way {
        Way::Route => json!({"backend": [backend(at)]}),
        Way::NoOp => {
            let mut backend = backend(at);
            backend["encoding"] = "no-op".into();
            json!({"output_encoding": "no-op", "backend": [backend]})
        }
        Way::Leg => json!({"backend": [backend("faulty/well"), backend(at)]}),
        Way::Side => scripted(json!({
            "post": format!("local r = http_response.new('http://{at}'); response.load():data():set('got', #r:body())"),
        })),
        Way::Caught => scripted(json!({
            "post": format!(
                "local ok, why = pcall(http_response.new, 'http://{at}')
                response.load():data():set('why', ok and '' or why)"
            ),
        })),
        Way::Live => {
            let name = at.split_once('/').unwrap().1;
            scripted(json!({"sources": [name], "live": true, "post": "f()"}))
        }
    }
}

/// One Envoy for all tests, and its upstreams. Each way of each row has a separate endpoint.
struct Setting {
    envoy: Running,
    _upstream: Server,
}

static SHARED: Shared<Setting> = Shared::new();

fn shared() -> Arc<Setting> {
    SHARED.get(Setting::start)
}

impl Setting {
    fn start() -> Self {
        let upstream = faulty::start();
        let mut endpoints = vec![json!({"endpoint": "/well", "backend": [backend("faulty/well")]})];
        for (way, prefix) in WAYS {
            endpoints.extend(ROWS.iter().map(|row| timed(prefix, row, endpoint(way, row.at))));
        }
        let clusters = json!({"http://faulty": "faulty", "http://gone": "gone", "http://empty": "empty"});
        let document = json!({
            "version": 3, "endpoints": endpoints,
            "extra_config": {
                "router": {"return_error_msg": true},
                "envoy/lua-modifier": {"clusters": clusters, "sources_url": "http://faulty"},
            },
        });
        let authority = upstream.authority();
        let clusters = [("faulty", authority.as_str()), ("gone", CLOSED), ("empty", "")];
        Self { envoy: Gateway::new(document, &clusters).start(), _upstream: upstream }
    }

    /// Sends the requests of all rows at once, since one fault must not disturb another, and judges each answer together with
    /// its log lines.
    fn judge(&self, prefix: &str, judge: impl Fn(&Row, Response, &[String])) {
        self.judge_each(prefix, |row, answer, lines| {
            judge(row, answer.unwrap_or_else(|why| panic!("{}: {why}", row.at)), lines);
        });
    }

    fn judge_each(&self, prefix: &str, judge: impl Fn(&Row, Result<Response, String>, &[String])) {
        let port = self.envoy.port();
        let answers: Vec<_> = thread::scope(|scope| {
            let asking = ROWS.iter().map(|row| {
                let path = format!("{prefix}/{}", row.at);
                scope.spawn(move || Caller::new(port).patiently(PATIENCE).get(&path))
            });
            asking.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect()
        });
        self.is_well();
        for (row, answer) in ROWS.iter().zip(answers) {
            judge(row, answer, &self.lines(&format!("[ENDPOINT: {prefix}/{}] ", row.at)));
        }
    }

    /// The log lines that begin with this text, without it and without the stage at the end.
    fn lines(&self, begin: &str) -> Vec<String> {
        let words = |text: &str| text.rsplit_once(" stage=").map_or(text, |(words, _)| words).to_owned();
        self.envoy.said().iter().filter_map(|line| line.text.strip_prefix(begin)).map(words).collect()
    }

    /// Checks that no request is still served, that nothing was answered twice or refused, and that the worker goes on.
    fn is_well(&self) {
        let well = client::get(self.envoy.port(), "/well").unwrap();
        assert_eq!((well.status, well.body.as_slice()), (200, b"{\"ok\":1}".as_slice()));
        for gauge in ["http.gateway.downstream_rq_active", "cluster.faulty.upstream_rq_active"] {
            eventually(gauge, || self.envoy.stat(gauge) == Some(0)); // the other tests' requests end, too
        }
        let said = self.envoy.said();
        let bad = said.iter().find(|line| line.text.starts_with("Envoy ") || line.text.contains("panicked"));
        assert!(bad.is_none(), "{bad:?}");
    }
}

fn backend(at: &str) -> Value {
    let (host, path) = at.split_once('/').unwrap();
    json!({"host": [format!("http://{host}")], "url_pattern": format!("/{path}")})
}

fn timed(prefix: &str, row: &Row, mut endpoint: Value) -> Value {
    let waits_for_its_end = row.route.1 == LATE;
    endpoint["endpoint"] = format!("{prefix}/{}", row.at).into();
    endpoint["timeout"] = if waits_for_its_end { "1s" } else { "30s" }.into();
    endpoint
}

fn scripted(block: Value) -> Value {
    json!({"backend": [backend("faulty/well")], "extra_config": {"modifier/lua-proxy": block}})
}

#[test]
fn the_one_backend_fails() {
    shared().judge("/route", |row, response, lines| {
        let (at, (status, words)) = (row.at, row.route);
        assert_eq!(response.status, status, "{at}: {}", response.text());
        assert!(lines.len() == 1 && lines[0].contains(words), "{at}: {lines:?}");
        let by_us = response.headers.contains_key("x-krakend-completed");
        assert_eq!(by_us, status == 500 && at != "faulty/large", "{at}: {:?}", response.headers);
        assert!(!by_us || response.text() == lines[0], "{at}: {}", response.text());
    });
}

#[test]
fn the_one_backend_of_a_no_op_endpoint_fails() {
    shared().judge_each("/no-op", |row, answer, lines| {
        let (at, (status, words)) = (row.at, row.route);
        match answer {
            Ok(response) if response.status == 500 => assert_eq!(lines, [response.text()], "{at}"),
            // A complete response is passed on unchanged, whatever it is.
            Ok(response) if !response.truncated => {
                assert_eq!((status, response.status, lines), (500, 200, [].as_slice()), "{at}")
            }
            // The response had begun: its end is missing, and the client can see that.
            Ok(_) | Err(_) => assert!(lines.len() == 1 && lines[0].contains(words), "{at}: {lines:?}"),
        }
    });
}

#[test]
fn one_of_two_backends_fails() {
    shared().judge("/leg", |row, response, lines| {
        let complete = response.headers["x-krakend-completed"][0].as_str();
        assert_eq!((response.status, complete, response.text().as_str()), (200, "false", "{\"ok\":1}"), "{}", row.at);
        assert!(lines.len() == 1 && lines[0].contains(row.leg), "{}: {lines:?}", row.at);
    });
}

#[test]
fn a_side_request_fails_and_the_script_with_it() {
    shared().judge("/side", |row, response, lines| {
        if row.side.is_empty() {
            assert_eq!((response.status, lines.len()), (200, 0), "{}: {lines:?}", row.at);
            assert!(response.text().contains("\"got\":"), "{}: {}", row.at, response.text());
            return;
        }
        assert_eq!((response.status, lines), (500, [response.text()].as_slice()), "{}", row.at);
        let begin = format!("Get \"http://{}\": ", row.at);
        let is_clear =
            lines[0].starts_with(&begin) && lines[0].contains(row.side) && lines[0].ends_with(" (post-script:L1)");
        assert!(is_clear, "{}: {lines:?}", row.at);
    });
}

#[test]
fn a_side_request_fails_and_the_script_goes_on() {
    shared().judge("/caught", |row, response, lines| {
        assert_eq!((response.status, lines.len()), (200, 0), "{}: {lines:?}", row.at);
        let data: Value = serde_json::from_slice(&response.body).unwrap();
        let why = data["why"].as_str().unwrap();
        assert_eq!((data["ok"].as_i64(), why.is_empty()), (Some(1), row.side.is_empty()), "{}: {data}", row.at);
        assert!(why.contains(row.side), "{}: {why}", row.at);
    });
}

// All live sources share one `sources_url`: cases test a refused URL and a URL without a cluster (live-server-*).
#[test]
fn the_server_of_live_sources_fails() {
    shared().judge("/live", |row, response, lines| {
        let (said, line) = (response.text(), lines.first().cloned().unwrap_or_default());
        assert_eq!((response.status, lines.len()), (500, 1), "{}: {lines:?}", row.at);
        assert!(line.starts_with(&said), "{}: {line} instead of {said}", row.at);
        let Some(name) = row.at.strip_prefix("faulty/") else { return };
        let is_clear = match line.strip_prefix(&format!("lua: unable to load required source {name}: ")) {
            Some(why) if row.side.is_empty() => why == "not UTF-8",
            Some(why) => why.contains(row.side),
            // Any readable text is taken for Lua, if only bad Lua.
            None => row.side.is_empty() && line.ends_with(&format!(" ({name}:L1)")),
        };
        assert!(is_clear, "{name}: {line}");
    });
}
