//! What clients and backends may do: they overlap, break off, leave, send much, and talk TLS.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use serde_json::{Value, json};
use tests::cases::{CLOSED, ClientRequest};
use tests::command::Serving;
use tests::machine::{Folder, eventually};
use tests::repository;
use tests::upstreams::{Asked, Authority, Gate, RawAnswer, Server};
use tests::wire::client;
use tests::wire::http1::{self, Head, read_chunks, read_length};

use crate::setting::{backend, document, endpoint, get, script};

/// An endpoint that passes bodies through unchanged.
fn plain(method: &str, path: &str, host: &str, pattern: &str) -> Value {
    let backend =
        json!([{"host": [format!("http://{host}")], "url_pattern": pattern, "method": method, "encoding": "no-op"}]);
    json!({"endpoint": path, "method": method, "output_encoding": "no-op", "backend": backend})
}

#[test]
fn the_demo_is_served_with_its_lua_files_and_backends_elsewhere() {
    let folder = Folder::copy_of(&repository::root().join("envoy/demo"));
    let shop = Server::start(Box::new(|asked: &Asked| {
        let host = asked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).unwrap();
        assert_eq!(host.1, "shop.internal");
        let body = br#"{"id": 7, "source_result": {"message": "Successfully shipped"}}"#;
        RawAnswer { bytes: http1::message("HTTP/1.1 200 ", &[], body, true), last: false }
    }));
    let elsewhere = format!("shop.internal=http://{}", shop.authority());
    let serving = Serving::start_in(folder, &["--backend", &elsewhere]).unwrap();
    let wanted = json!({"id": 7, "result": "success", "source_result": {"message": "Successfully shipped"}});
    assert_eq!(get(&serving, "/orders/7"), (200, wanted));
    assert_eq!(get(&serving, "/nowhere"), (404, json!("404 page not found")));
    let (status, health) = get(&serving, "/__health");
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
    assert!(serving.says("[info] [SERVICE][Lua] Lua service!").is_some());
    assert!(serving.tells("GET /orders/7 200 78 bytes in ").is_some());
    assert!(serving.tells("GET /nowhere 404 18 bytes in ").is_some());
}

#[test]
fn two_clients_whose_scripts_wait_are_served_at_the_same_time() {
    let gate = Gate::for_so_many(2); // neither side request is answered before both have come
    let backend = backend(&gate);
    let at = backend.authority();
    let asks = json!({"pre": format!("got = http_response.new('http://{at}/gate'):statusCode()"),
                      "post": "response.load():data():set('got', got)"});
    let serving = Serving::start(&document(json!([endpoint("/asks", &at, "/ok", script(asks))])), &[]).unwrap();
    thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| get(&serving, "/asks")));
        for one in both {
            assert_eq!(one.join().unwrap(), (200, json!({"ok": 1, "got": 200})));
        }
    });
}

#[test]
fn a_backend_that_refuses_breaks_off_or_is_late_is_an_error_for_its_client_alone() {
    let gate = Gate::shut();
    let backend = backend(&gate);
    let at = backend.authority();
    let asks = |url: String| {
        let post = "local ok, why = pcall(http_response.new, URL); response.load():data():set('why', tostring(why))";
        script(json!({"skip_next": true, "post": post.replace("URL", &format!("'{url}'"))}))
    };
    let endpoints = json!([
        endpoint("/refused", CLOSED, "/x", json!({})),
        endpoint("/half", &at, "/half", json!({})),
        endpoint("/late", &at, "/gate", json!({"timeout": "150ms"})),
        endpoint("/nobody", "no-such-host.invalid", "/x", json!({})),
        endpoint("/asks-refused", &at, "/ok", asks(format!("http://{CLOSED}/x"))),
        endpoint("/asks-half", &at, "/ok", asks(format!("http://{at}/half"))),
        endpoint("/ok", &at, "/ok", json!({})),
    ]);
    let serving = Serving::start(&document(endpoints), &[]).unwrap();
    let (status, said) = get(&serving, "/refused");
    assert_eq!(status, 500);
    assert!(said.to_string().contains("Connection_refused"), "{said}");
    assert_eq!(get(&serving, "/late").0, 500);
    assert_eq!(get(&serving, "/nobody").0, 500);
    // A response that breaks off in its body appears to the client as a broken connection or an error.
    let half = client::get(serving.port, "/half");
    assert!(half.as_ref().map_or(true, |response| response.status >= 500), "{half:?}");
    let (_, said) = get(&serving, "/asks-refused");
    assert!(said["why"].as_str().unwrap().contains("Connection refused"), "{said}");
    let (_, said) = get(&serving, "/asks-half");
    assert!(said["why"].as_str().unwrap().contains("closed before a reply came"), "{said}");
    assert_eq!(get(&serving, "/ok"), (200, json!({"ok": 1})));
    gate.open();
}

#[test]
fn large_bodies_stream_and_one_that_a_script_reads_is_limited() {
    let gate = Gate::for_so_many(0);
    let backend = backend(&gate);
    let at = backend.authority();
    let mut reads = plain("POST", "/reads", &at, "/echo");
    reads["extra_config"] = json!({"modifier/lua-proxy": {"pre": "print(#request.load():body())"}});
    let endpoints = json!([plain("POST", "/echo", &at, "/echo"), reads]);
    let serving = Serving::start(&document(endpoints), &[]).unwrap();
    let post = |path: &str, body: String| client::send(serving.port, &ClientRequest::new("POST", path).body(body));
    let large: String = (0..600_000).map(|number| format!("{number:08}\n")).collect();
    let response = post("/echo", large.clone()).unwrap();
    assert_eq!(response.status, 200);
    assert!(response.body == large.as_bytes(), "{} bytes came back of {}", response.body.len(), large.len());
    let small = "x".repeat(1 << 20);
    assert_eq!(post("/reads", small).unwrap().status, 200);
    assert!(serving.says("[Lua] 1048576").is_some());
    let refused = post("/reads", "x".repeat((1 << 20) + 1));
    assert_eq!(refused.unwrap().status, 413);
}

#[test]
fn a_client_that_leaves_is_noticed_and_harms_nobody() {
    let gate = Gate::for_so_many(2);
    let backend = backend(&gate);
    let at = backend.authority();
    let endpoints = json!([endpoint("/gate", &at, "/gate", json!({})), endpoint("/ok", &at, "/ok", json!({}))]);
    let serving = Serving::start(&document(endpoints), &[]).unwrap();
    let mut leaving = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
    leaving.write_all(b"GET /gate HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    assert!(gate.is_reached_by(1));
    leaving.shutdown(Shutdown::Both).unwrap();
    drop(leaving);
    assert!(serving.tells("GET /gate - 0 bytes in ").unwrap().ends_with(": the client has left"));
    gate.open();
    assert_eq!(get(&serving, "/ok"), (200, json!({"ok": 1})));
}

#[test]
fn one_connection_serves_requests_of_all_kinds_one_after_the_other() {
    let gate = Gate::for_so_many(0);
    let backend = backend(&gate);
    let at = backend.authority();
    let endpoints = json!([
        endpoint("/ok", &at, "/ok", json!({})),
        plain("HEAD", "/head", &at, "/ok"),
        plain("GET", "/none", &at, "/none"),
        plain("GET", "/chunks", &at, "/chunks"),
        plain("POST", "/echo", &at, "/echo"),
    ]);
    let serving = Serving::start(&document(endpoints), &[]).unwrap();
    let mut connection = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
    connection.set_read_timeout(Some(client::PATIENCE)).unwrap();
    let mut answers = BufReader::new(connection.try_clone().unwrap());
    let mut ask = |text: &str| {
        connection.write_all(text.as_bytes()).unwrap();
        let head = Head::read(&mut answers).unwrap().unwrap();
        let status: u16 = head.start.split(' ').nth(1).unwrap().parse().unwrap();
        let bodiless = text.starts_with("HEAD") || status == 204;
        let body = match head.get("content-length").map(|length| length.parse().unwrap()) {
            _ if bodiless => Vec::new(),
            Some(length) => read_length(&mut answers, length),
            None => read_chunks(&mut answers).unwrap(),
        };
        (status, head.get("content-length").map(str::to_owned), String::from_utf8(body).unwrap())
    };
    let length = |text: &str| Some(text.to_owned());
    assert_eq!(ask("GET /ok HTTP/1.1\r\nHost: h\r\n\r\n"), (200, length("8"), "{\"ok\":1}".into()));
    assert_eq!(ask("HEAD /head HTTP/1.1\r\nHost: h\r\n\r\n"), (200, length("9"), String::new()));
    assert_eq!(ask("GET /none HTTP/1.1\r\nHost: h\r\n\r\n"), (204, None, String::new()));
    assert_eq!(ask("GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n").2, "{\"a\":1}");
    let chunked =
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(ask(chunked).2, "abcde");
    assert_eq!(ask("GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").0, 200);
    assert_eq!(answers.read(&mut [0]).unwrap(), 0);
    let nameless = "GET /ok HTTP/1.1\r\n\r\n";
    let mut connection = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
    connection.write_all(nameless.as_bytes()).unwrap();
    assert!(Head::read(&mut BufReader::new(connection)).unwrap().unwrap().start.contains(" 400 "));
}

#[test]
fn a_script_that_never_ends_is_stopped_and_the_gateway_goes_on() {
    let gate = Gate::for_so_many(0);
    let backend = backend(&gate);
    let at = backend.authority();
    let endless = script(json!({"pre": "while true do end"}));
    let endpoints = json!([endpoint("/endless", &at, "/ok", endless), endpoint("/ok", &at, "/ok", json!({}))]);
    let serving = Serving::start(&document(endpoints), &[]).unwrap();
    assert_eq!(get(&serving, "/endless").0, 500);
    assert!(serving.says("limits.").is_some());
    assert_eq!(get(&serving, "/ok"), (200, json!({"ok": 1})));
}

#[test]
fn a_host_with_https_is_spoken_to_with_tls_and_not_believed_without_a_certificate() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let upstream = Authority::new().serve_with("127.0.0.1", &[version]);
        let backend = json!([{"host": [format!("https://{}", upstream.authority())], "url_pattern": "/x"}]);
        let serving = Serving::start(&document(json!([{"endpoint": "/t", "backend": backend}])), &[]).unwrap();
        assert_eq!(get(&serving, "/t").0, 500);
        // Both sides understood each other up to the certificate.
        eventually("the handshake ends", || !upstream.faults().is_empty());
        assert!(upstream.faults().iter().all(|fault| *fault == UNKNOWN_AUTHORITY), "{:?}", upstream.faults());
        assert!(upstream.called().is_empty());
    }
}

const UNKNOWN_AUTHORITY: rustls::Error = rustls::Error::AlertReceived(rustls::AlertDescription::UnknownCA);
