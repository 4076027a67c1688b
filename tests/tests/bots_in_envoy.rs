//! Bots and circuit breakers in a real Envoy, started with what `lua-modifier bundle` writes: which `User-Agent` is let in, in
//! every spelling and however hostile, and when a backend gets no more requests, for all workers together.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::cases::Response;
use tests::command::call;
use tests::envoy::Bundled;
use tests::machine::{Folder, eventually};
use tests::upstreams::{Asked, RawAnswer, Server};
use tests::wire::client::{self, read_response};

/// The variables that name the supported Envoys.
const ENVOYS: [&str; 2] = ["ENVOY", "ENVOY_OLDEST"];

fn bundled(envoy: &str, document: &Value, workers: u32) -> (Folder, Bundled) {
    let folder = Folder::default();
    folder.write("krakend.json", document.to_string());
    let said =
        call(folder.path(), &["bundle", "krakend.json", "--listen=127.0.0.1:0", "--admin-port=0", "-o", "envoy.yaml"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let running = Bundled::start_with_workers(envoy, &folder.path().join("envoy.yaml"), workers);
    (folder, running)
}

/// One request with these lines of headers, byte by byte.
fn ask(port: u16, target: &str, lines: &[&[u8]]) -> Response {
    let connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut bytes = format!("GET {target} HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n").into_bytes();
    for line in lines {
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    (&connection).write_all(&bytes).unwrap();
    read_response(&mut BufReader::new(connection), false).unwrap()
}

fn backend() -> Server {
    Server::start(Box::new(|_: &Asked| RawAnswer::json("{\"a\":1}")))
}

fn document(upstream: &str) -> Value {
    let backend = json!([{"host": [format!("http://{upstream}")], "url_pattern": "/b"}]);
    let detector = json!({
        "allow": ["Good Bot", "evil allowed"], "deny": ["exact", "Good Bot"],
        "patterns": ["(?i)crawler", "^evil", "bot/[0-9]+$", "\\x{FFFD}{2}", "\\bsn\\w+per\\b"], "cache_size": 5,
    });
    json!({
        "version": 3,
        "extra_config": {"security/bot-detector": {"deny": ["nowhere"], "empty_user_agent_is_bot": false}},
        "endpoints": [
            {"endpoint": "/t", "backend": backend, "extra_config": {"security/bot-detector": detector}},
            {"endpoint": "/named", "backend": backend, "extra_config": {"security/bot-detector": {"empty_user_agent_is_bot": true}}},
            {"endpoint": "/open/", "backend": backend},
        ],
    })
}

#[test]
fn a_table_of_agents() {
    let upstream = backend();
    let document = document(&upstream.authority());
    let long = |letter: &str, times: usize| format!("User-Agent: {}", letter.repeat(times)).into_bytes();
    let (fits, longer, large, huge) = (long("x", 4096), long("x", 4097), long("x", 50_000), long("x", 64 << 10));
    let many_parts = long("evi ", 1000);
    let table: Vec<(&str, Vec<&[u8]>, u16)> = vec![
        ("/t", vec![b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) (KHTML, like Gecko)"], 200),
        ("/t", vec![b"User-Agent: exact"], 403),
        ("/t", vec![b"user-agent: exact"], 403),
        ("/t", vec![b"USER-AGENT:exact"], 403),
        ("/t", vec![b"User-Agent: \t exact \t "], 403),
        ("/t", vec![b"User-Agent: Exact"], 200),
        ("/t", vec![b"User-Agent: Good Bot"], 200),
        ("/t", vec![b"User-Agent: evil one"], 403),
        ("/t", vec![b"User-Agent: evil allowed"], 200),
        ("/t", vec![b"User-Agent: not evil"], 200),
        ("/t", vec![b"User-Agent: a CrAwLeR b"], 403),
        ("/t", vec![b"User-Agent: bot/12"], 403),
        ("/t", vec![b"User-Agent: bot/12 x"], 200),
        ("/t", vec![b"User-Agent: a snooper b"], 403),
        ("/t", vec![b"User-Agent: a snoopers b"], 200),
        ("/t", vec![], 200),
        ("/t", vec![b"User-Agent:"], 200),
        ("/t", vec![b"User-Agent:    "], 200),
        ("/t?x=evil", vec![b"User-Agent: x"], 200),
        ("/t", vec![b"X-User-Agent: evil", b"User-Agent: x"], 200),
        // Envoy joins two values with a comma, or without one if a value is empty.
        ("/t", vec![b"User-Agent: evil", b"User-Agent: x"], 403),
        ("/t", vec![b"User-Agent: x", b"User-Agent: evil"], 200),
        ("/t", vec![b"User-Agent: x", b"User-Agent: crawler"], 403),
        ("/t", vec![b"User-Agent: exact", b"User-Agent: x"], 200),
        ("/t", vec![b"User-Agent: ", b"User-Agent: exact"], 403),
        // Bytes that are not text.
        ("/t", vec![b"User-Agent: \xff\xfe"], 403),
        ("/t", vec![b"User-Agent: \xff"], 200),
        ("/t", vec![b"User-Agent: \xff crawler \x80"], 403),
        ("/t", vec![b"User-Agent: a\x00b"], 400),
        ("/t", vec![&fits], 200),
        ("/t", vec![&longer], 403),
        ("/t", vec![&many_parts], 200),
        ("/t", vec![&large], 403),
        ("/open/", vec![&large], 200),
        ("/t", vec![&huge], 431),
        // No `User-Agent`, or an empty one.
        ("/named", vec![], 403),
        ("/named", vec![b"User-Agent:"], 403),
        ("/named", vec![b"User-Agent: \t "], 403),
        ("/named", vec![b"User-Agent: x"], 200),
        // The service's rule holds everywhere, except for redirects.
        ("/open/", vec![b"User-Agent: nowhere"], 403),
        ("/t", vec![b"User-Agent: nowhere"], 403),
        ("/no/endpoint", vec![b"User-Agent: nowhere"], 403),
        ("/no/endpoint", vec![b"User-Agent: x"], 404),
        ("/open", vec![b"User-Agent: nowhere"], 301),
        ("/open/", vec![b"User-Agent: evil"], 200),
    ];
    for envoy in ENVOYS {
        let (_folder, running) = bundled(envoy, &document, 2);
        let port = running.port("lua-modifier");
        // Each request is sent twice: the remembered result is the same.
        for (target, lines, status) in table.iter().chain(&table) {
            let response = ask(port, target, lines);
            let shown: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(&line[..line.len().min(60)])).collect();
            assert_eq!(response.status, *status, "{envoy}: {target} {shown:?}");
            if *status == 403 {
                assert!(response.body.is_empty() && !response.headers.contains_key("content-type"), "{response:?}");
            }
        }
        // Many agents do not fill the memory, and all are judged.
        for number in 0..3000 {
            let agent = format!("User-Agent: {number:0900} crawler");
            assert_eq!(ask(port, "/t", &[agent.as_bytes()]).status, 403);
        }
        assert_eq!(ask(port, "/t", &[b"User-Agent: x"]).status, 200);
    }
}

#[test]
fn a_backend_that_fails_is_left_in_peace_by_all_workers_and_tried_again() {
    let (asked, is_well) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(false)));
    let (counted, well) = (Arc::clone(&asked), Arc::clone(&is_well));
    let upstream = Server::start(Box::new(move |_: &Asked| {
        counted.fetch_add(1, Ordering::SeqCst);
        if *well.lock().unwrap() {
            return RawAnswer::json("{\"a\":1}");
        }
        RawAnswer { bytes: b"HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n".to_vec(), last: false }
    }));
    let breaker = json!({"qos/circuit-breaker": {"interval": 60, "timeout": 2, "max_errors": 2, "name": "cb", "log_status_change": true}});
    let host = format!("http://{}", upstream.authority());
    let document = json!({"version": 3, "extra_config": {"router": {"return_error_msg": true}}, "endpoints": [
        {"endpoint": "/t", "backend": [{"host": [host], "url_pattern": "/b", "extra_config": breaker}]},
    ]});
    for envoy in ENVOYS {
        *is_well.lock().unwrap() = false;
        asked.store(0, Ordering::SeqCst);
        let (folder, running) = bundled(envoy, &document, 2);
        assert!(folder.read("envoy.yaml").contains("consecutive_5xx: 3\n"));
        let port = running.port("lua-modifier");
        let get = || client::get(port, "/t").unwrap();
        // Each worker alone would let three requests through.
        let mut words: Vec<String> = (0..3).map(|_| get().text()).collect();
        assert!(words.iter().all(|body| body.starts_with("invalid status code 500")), "{words:?}");
        eventually("Envoy leaves the backend out", || {
            running.admin("/stats?filter=outlier_detection.ejections_active").lines().any(|line| line.ends_with(": 1"))
        });
        words.extend((0..9).map(|_| get().text()));
        let count = asked.load(Ordering::SeqCst);
        assert!((3..=4).contains(&count), "{count} {words:?}");
        *is_well.lock().unwrap() = true;
        eventually("it is tried again", || get().status == 200);
        eventually("all workers have closed again", || (0..10).all(|_| get().status == 200));
        assert!(running.said().iter().any(|line| line.contains("'cb' went from")) || count == 3);
    }
}
