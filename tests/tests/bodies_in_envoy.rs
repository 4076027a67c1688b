//! Bodies of any size beside a script that waits, in a real Envoy with four workers: no byte is lost, and Envoy does not hold
//! whole bodies.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tests::cases::Response;
use tests::envoy::{Gateway, Running};
use tests::machine::{Shared, eventually};
use tests::upstreams::{Asked, Gate, RawAnswer, Server};
use tests::wire::client;

const LARGE: usize = 10 << 20;
const AT_ONCE: usize = 8;
const OVER_THE_LIMIT: usize = 1_200_000;
const WITHIN_THE_LIMIT: usize = 1_048_000;
const WAITS: &str = "http_response.new('http://api/wait')";
// How often Envoy has stopped a sender.
const UPLOADS: &str = "http.gateway.downstream_flow_control_paused_reading_total";
const DOWNLOADS: &str = "cluster.api.upstream_flow_control_paused_reading_total";

/// An Envoy, its upstream, and the gate before the answers to side requests.
struct Setting {
    envoy: Running,
    _upstream: Server,
    gate: Arc<Mutex<Arc<Gate>>>,
    // Bodies that came to the upstream, without those of side requests.
    came: Arc<Mutex<Vec<Vec<u8>>>>,
}

// Each test has the gate for itself.
static SHARED: Shared<Mutex<Setting>> = Shared::new();

fn shared() -> Arc<Mutex<Setting>> {
    SHARED.get(|| Mutex::new(start("ENVOY")))
}

fn start(envoy: &'static str) -> Setting {
    let gate = Arc::new(Mutex::new(Gate::for_so_many(0)));
    let came = Arc::new(Mutex::new(Vec::new()));
    let (waits, notes) = (Arc::clone(&gate), Arc::clone(&came));
    let upstream = Server::start(Box::new(move |asked| answer(asked, &waits, &notes)));
    let at = upstream.authority();
    let route = |path: &str, cluster: Value| json!({"match": {"prefix": path}, "route": cluster});
    let routes =
        [route("/through", json!({"cluster": "api"})), route("/", json!({"cluster_header": "x-lua-modifier-cluster"}))];
    let routes = json!({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]});
    let gateway = Gateway {
        workers: 4,
        manager: json!({"route_config": routes}),
        envoy,
        ..Gateway::new(document(), &[("api", at.as_str())])
    };
    Setting { envoy: gateway.start(), _upstream: upstream, gate, came }
}

fn document() -> Value {
    let endpoint = |path: &str, method: &str, namespace: &str, block: Value| {
        let backend = json!({"host": ["http://api"], "url_pattern": path, "method": method, "encoding": "no-op"});
        let scripts = json!({namespace: block});
        json!({"endpoint": path, "method": method, "output_encoding": "no-op", "backend": [backend], "extra_config": scripts})
    };
    let (lua_endpoint, proxy) = ("modifier/lua-endpoint", "modifier/lua-proxy");
    let reads = format!("{WAITS}; local r = request.load(); r:body(r:body() .. '!')");
    let reads_it_back = format!("{WAITS}; local r = response.load(); r:body(r:body() .. '!')");
    let endpoints = json!([
        endpoint("/waits", "POST", lua_endpoint, json!({"pre": WAITS})),
        endpoint("/reads", "POST", proxy, json!({"pre": reads})),
        endpoint("/replaces", "POST", proxy, json!({"pre": format!("{WAITS}; request.load():body('new')")})),
        endpoint("/large", "GET", proxy, json!({"post": WAITS})),
        endpoint("/small", "GET", proxy, json!({"post": reads_it_back})),
        endpoint("/over", "GET", proxy, json!({"post": reads_it_back})),
    ]);
    // On a path that matches an endpoint, the service's script would wait a second time.
    let service = format!("if ctx.load():headers('X-Through') == 'yes' then {WAITS} end");
    let ours = json!({"clusters": {"http://api": "api"}});
    json!({
        "version": 3, "timeout": "20s", "endpoints": endpoints,
        "extra_config": {
            "router": {"return_error_msg": true}, "envoy/lua-modifier": ours,
            lua_endpoint: {"pre": service},
        },
    })
}

fn answer(asked: &Asked, gate: &Mutex<Arc<Gate>>, came: &Mutex<Vec<Vec<u8>>>) -> RawAnswer {
    match asked.path.as_str() {
        "/wait" => {
            let gate = Arc::clone(&gate.lock().unwrap());
            gate.pass();
            RawAnswer::json("{}")
        }
        "/large" => RawAnswer::json(bytes(LARGE)),
        "/over" => RawAnswer::json(bytes(OVER_THE_LIMIT)),
        _ => {
            came.lock().unwrap().push(asked.body.clone());
            RawAnswer::json("{\"ok\":1}")
        }
    }
}

// Bytes in which a byte at a wrong place would be noticed.
fn bytes(length: usize) -> Vec<u8> {
    (0..length as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

impl Setting {
    fn shut(&self) -> Arc<Gate> {
        let gate = Gate::shut();
        *self.gate.lock().unwrap() = Arc::clone(&gate);
        self.came.lock().unwrap().clear();
        gate
    }

    // Sends requests from so many clients at once; the gate opens when all their scripts wait, and all senders are stopped.
    // Prints how much memory Envoy uses meanwhile.
    fn at_once(&self, what: &str, stopped: &str, ask: impl Fn(u16) -> Response + Sync) -> Vec<Response> {
        let (gate, port) = (self.shut(), self.envoy.port());
        let before = self.envoy.memory();
        let stops = || self.envoy.stat(stopped).unwrap_or(0);
        let stops_before = stops();
        let responses = thread::scope(|scope| {
            let clients: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| ask(port))).collect();
            assert!(gate.is_reached_by(AT_ONCE), "{what}: {:?}", self.envoy.said());
            eventually("all senders are stopped", || stops() - stops_before >= AT_ONCE as u64);
            println!("{what}: while {AT_ONCE} wait {}", self.envoy.memory());
            gate.open();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        let after = self.envoy.memory();
        println!("{what}: before {before}, after {after}");
        let grown = after.resident.saturating_sub(before.resident);
        assert!(grown < (AT_ONCE * LARGE / 2) as u64, "{what}: {grown} bytes more than before");
        responses
    }
}

fn post(port: u16, path: &str, body: &[u8]) -> Response {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let through = if path == "/through" { "yes" } else { "no" };
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nX-Through: {through}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    // A refusal may come before the whole body is sent.
    let _ = connection.write_all(body);
    client::read_response(&mut BufReader::new(connection), false).unwrap()
}

#[test]
fn uploads_that_nobody_reads_stream_on_byte_for_byte() {
    let setting = shared();
    let setting = setting.lock().unwrap();
    let large = bytes(LARGE);
    for path in ["/waits", "/through"] {
        let responses = setting.at_once(path, UPLOADS, |port| post(port, path, &large));
        assert!(responses.iter().all(|response| response.status == 200), "{path}");
        let came = setting.came.lock().unwrap();
        assert!(came.len() == AT_ONCE && came.iter().all(|body| *body == large), "{path}");
    }
}

#[test]
fn downloads_that_nobody_reads_stream_on_byte_for_byte() {
    let setting = shared();
    let setting = setting.lock().unwrap();
    let large = bytes(LARGE);
    let responses = setting.at_once("/large", DOWNLOADS, |port| client::get(port, "/large").unwrap());
    assert!(responses.iter().all(|response| response.status == 200 && response.body == large));
}

// The bodies that a script may still read after the call: whole from the buffer, or in pieces before and after the reply.
fn bodies_can_be_had_whole_after_a_call(setting: &Setting) {
    let small = bytes(200_000);
    let mut with_mark = small.clone();
    with_mark.push(b'!');
    for (path, expected) in [("/reads", with_mark.as_slice()), ("/replaces", b"new")] {
        for before in [0, 1, 150_000, small.len()] {
            for ends_first in [true, false] {
                let gate = setting.shut();
                let mut connection = TcpStream::connect(("127.0.0.1", setting.envoy.port())).unwrap();
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                );
                connection.write_all(head.as_bytes()).unwrap();
                send_chunk(&mut connection, &small[..before]);
                if before == small.len() && ends_first {
                    connection.write_all(b"0\r\n\r\n").unwrap();
                }
                assert!(gate.is_reached_by(1));
                gate.open();
                eventually("the reply has come to Envoy", || {
                    setting.envoy.stat("cluster.api.upstream_rq_active") == Some(0)
                });
                if before < small.len() || !ends_first {
                    send_chunk(&mut connection, &small[before..]);
                    connection.write_all(b"0\r\n\r\n").unwrap();
                }
                let response = client::read_response(&mut BufReader::new(connection), false).unwrap();
                let at = format!("{path}, {before} bytes before the reply, ends first: {ends_first}");
                assert_eq!(response.status, 200, "{at}");
                assert!(*setting.came.lock().unwrap() == [expected], "{at}");
            }
        }
    }
    assert_eq!(client::get(setting.envoy.port(), "/small").unwrap().body, b"{\"ok\":1}!");
}

fn send_chunk(connection: &mut TcpStream, bytes: &[u8]) {
    if !bytes.is_empty() {
        connection.write_all(&[format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()).unwrap();
    }
}

#[test]
fn a_body_can_be_read_and_replaced_after_a_call() {
    let setting = shared();
    bodies_can_be_had_whole_after_a_call(&setting.lock().unwrap());
}

#[test]
fn a_body_can_be_read_and_replaced_after_a_call_in_the_oldest_envoy() {
    let setting = start("ENVOY_OLDEST");
    bodies_can_be_had_whole_after_a_call(&setting);
    let large = bytes(LARGE);
    let responses = setting.at_once("oldest /waits", UPLOADS, |port| post(port, "/waits", &large));
    assert!(responses.iter().all(|response| response.status == 200));
    assert!(setting.came.lock().unwrap().iter().all(|body| *body == large));
}

#[test]
fn a_body_over_the_limit_that_is_asked_for_after_a_call_is_refused() {
    let setting = shared();
    let setting = setting.lock().unwrap();
    setting.shut().open();
    assert_eq!(post(setting.envoy.port(), "/reads", &bytes(OVER_THE_LIMIT)).status, 413);
    // Envoy may hold the whole body before the reply comes, because it reads on until the body exceeds the limit: then nothing
    // is left to hold, and the body that the script sets is sent.
    setting.shut().open();
    match post(setting.envoy.port(), "/replaces", &bytes(OVER_THE_LIMIT)).status {
        200 => assert_eq!(*setting.came.lock().unwrap(), [b"new"]),
        status => assert_eq!(status, 413, "{:?}", setting.envoy.said()),
    }
    assert_eq!(client::get(setting.envoy.port(), "/over").unwrap().status, 500);
    assert!(setting.envoy.logs("larger than 1048576 bytes (limits.body_bytes)").is_some());
}

#[test]
fn a_body_that_exceeds_the_limit_after_the_call_is_refused() {
    let setting = shared();
    let setting = setting.lock().unwrap();
    let over = bytes(OVER_THE_LIMIT);
    for path in ["/reads", "/replaces"] {
        let (gate, received) = (setting.shut(), || setting.envoy.stat("http.gateway.downstream_cx_rx_bytes_total"));
        let before = received().unwrap_or(0);
        let mut connection = TcpStream::connect(("127.0.0.1", setting.envoy.port())).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {OVER_THE_LIMIT}\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(&over[..WITHIN_THE_LIMIT]).unwrap();
        let all = before + (head.len() + WITHIN_THE_LIMIT) as u64;
        eventually("all of it is at Envoy", || received().is_some_and(|bytes| bytes >= all));
        assert!(gate.is_reached_by(1));
        gate.open();
        eventually("the reply has come to Envoy", || setting.envoy.stat("cluster.api.upstream_rq_active") == Some(0));
        // The refusal may come before the rest is sent.
        let _ = connection.write_all(&over[WITHIN_THE_LIMIT..]);
        let response = client::read_response(&mut BufReader::new(connection), false).unwrap();
        assert_eq!(response.status, 413, "{path} {:?}", setting.envoy.said());
        assert!(setting.came.lock().unwrap().is_empty(), "{path}");
    }
}
