//! What happens to a real Envoy's worker: streams that overlap or break off, bodies in pieces, wrong settings and
//! configurations. `lifecycle.rs` tests the same in single steps, and more of it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::cases::{CLOSED, ClientRequest, Response};
use tests::envoy::{Gateway, Running};
use tests::machine::{Shared, eventually};
use tests::upstreams::{Asked, RawAnswer, Server};
use tests::wire::client;

/// An Envoy with the endpoints of this file, and its upstream.
struct Setting {
    envoy: Running,
    _upstream: Server,
    asked: Arc<Mutex<Vec<Asked>>>,
}

static SHARED: Shared<Setting> = Shared::new();

/// One Envoy for all tests that only send requests; it ends with the last of these tests.
fn shared() -> Arc<Setting> {
    SHARED.get(|| start(endpoints(), true))
}

fn start(endpoints: Value, body_while_headers_are_held: bool) -> Setting {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    let upstream = Server::start(Box::new(move |asked| {
        notes.lock().unwrap().push(asked.clone());
        upstream(asked)
    }));
    let at = upstream.authority();
    let clusters = [("api", at.as_str()), ("gone", CLOSED)];
    let gateway = Gateway { body_while_headers_are_held, ..Gateway::new(document(endpoints), &clusters) };
    Setting { envoy: gateway.start(), _upstream: upstream, asked }
}

fn document(endpoints: Value) -> Value {
    let clusters = json!({"http://api": "api"});
    json!({
        "version": 3, "timeout": "3s", "endpoints": endpoints,
        "extra_config": {"router": {"return_error_msg": true}, "envoy/lua-modifier": {"clusters": clusters}},
    })
}

fn endpoint(path: &str, backends: &[&str], more: Value) -> Value {
    let backend = |at: &&str| {
        let (host, pattern) = at.split_once('/').unwrap();
        json!({"host": [format!("http://{host}")], "url_pattern": format!("/{pattern}")})
    };
    let mut endpoint = json!({"endpoint": path, "backend": backends.iter().map(backend).collect::<Vec<_>>()});
    endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    endpoint
}

fn proxy(block: Value) -> Value {
    json!({"extra_config": {"modifier/lua-proxy": block}})
}

fn endpoints() -> Value {
    let asks = "mine = request.load():params('Id'); got = http_response.new('http://api/wait/' .. mine):body()";
    let tells = "local d = response.load():data(); d:set('mine', mine); d:set('got', got)";
    let asks = proxy(json!({"pre": asks, "post": tells}));
    let mut hurried = asks.clone();
    hurried["timeout"] = "300ms".into();
    let mut reads =
        proxy(json!({"pre": "local r = request.load(); print(#r:body()); r:headers('X-Length', tostring(#r:body()))"}));
    reads["method"] = "POST".into();
    reads["backend"] = json!([{"host": ["http://api"], "url_pattern": "/length", "method": "POST"}]);
    json!([
        endpoint("/asks/{id}", &["api/ok"], asks),
        endpoint("/hurried/{id}", &["api/ok"], hurried),
        endpoint("/reads", &["api/ok"], reads),
    ])
}

/// `/wait/MS` takes that long; the other paths do what their names say.
fn upstream(asked: &Asked) -> RawAnswer {
    if let Some(time) = asked.path.strip_prefix("/wait/") {
        thread::sleep(Duration::from_millis(time.parse().unwrap())); // the delay that the path asks for
        return RawAnswer::json(time);
    }
    match asked.path.as_str() {
        "/length" => {
            let length = asked.headers.iter().find(|(name, _)| name == "X-Length").map_or("", |(_, value)| value);
            RawAnswer::json(format!("{{\"script\": {length}, \"upstream\": {}}}", asked.body.len()))
        }
        _ => RawAnswer::json("{\"ok\": 1}"),
    }
}

impl Setting {
    fn get(&self, path: &str) -> Result<Response, String> {
        client::get(self.envoy.port(), path)
    }

    fn post(&self, path: &str, body: &str) -> Result<Response, String> {
        client::send(self.envoy.port(), &post(path, body))
    }

    /// Sends some bytes, and leaves without waiting for an answer.
    fn leave_after(&self, bytes: &str) -> TcpStream {
        let mut connection = TcpStream::connect(("127.0.0.1", self.envoy.port())).unwrap();
        connection.write_all(bytes.as_bytes()).unwrap();
        connection
    }

    fn was_asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.path == path).count()
    }
}

fn post(path: &str, body: &str) -> ClientRequest {
    ClientRequest::new("POST", path).header("Content-Type", "text/plain").body(body)
}

fn told(response: Result<Response, String>) -> (u16, Value) {
    response.unwrap().told()
}

#[test]
fn scripts_that_wait_at_the_same_time_do_not_see_each_other() {
    let setting = shared();
    let ids: Vec<u32> = (0..16).map(|n| 400 - n * 20).collect(); // the first requests are answered last
    thread::scope(|scope| {
        let asking: Vec<_> = ids
            .iter()
            .map(|id| {
                (
                    id,
                    scope.spawn({
                        let setting = &setting;
                        move || setting.get(&format!("/asks/{id}"))
                    }),
                )
            })
            .collect();
        for (id, answer) in asking {
            let id = id.to_string();
            assert_eq!(told(answer.join().unwrap()), (200, json!({"ok": 1, "mine": id, "got": id})));
        }
    });
}

#[test]
fn clients_that_leave_while_a_script_waits_or_their_body_is_read_take_nobody_along() {
    let setting = shared();
    let waiting: Vec<TcpStream> =
        (0..10).map(|n| setting.leave_after(&format!("GET /asks/15{n} HTTP/1.1\r\nHost: a\r\n\r\n"))).collect();
    let sending: Vec<TcpStream> = (0..10)
        .map(|_| setting.leave_after("POST /reads HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome"))
        .collect();
    eventually("the scripts ask", || (0..10).all(|n| setting.was_asked(&format!("/wait/15{n}")) > 0));
    drop((waiting, sending));
    // later than every late reply, on the same worker
    assert_eq!(told(setting.get("/asks/300")), (200, json!({"ok": 1, "mine": "300", "got": "300"})));
    assert_eq!(told(setting.post("/reads", "abc")), (200, json!({"script": 3, "upstream": 3})));
}

#[test]
fn a_reply_after_the_endpoints_time_is_too_late() {
    let setting = shared();
    let response = setting.get("/hurried/900").unwrap();
    assert_eq!(response.status, 500);
    assert_eq!(told(setting.get("/asks/700")).0, 200); // the late reply has come by now, and disturbed nothing
    assert_eq!(told(setting.get("/hurried/10")).0, 200);
}

#[test]
fn a_request_body_in_many_chunks_reaches_the_script_whole() {
    let setting = shared();
    let mut connection = setting
        .leave_after("POST /reads HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    connection.set_nodelay(true).unwrap();
    for _ in 0..100 {
        connection.write_all(b"a\r\n0123456789\r\n").unwrap();
        thread::sleep(Duration::from_millis(1)); // chunks that arrive apart
    }
    connection.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(r#"{"script":1000,"upstream":1000}"#), "{answer}");
    let _ = connection.shutdown(Shutdown::Both);
}

#[test]
fn a_forged_cluster_header_reaches_no_cluster() {
    let setting = shared();
    let mut request = post("/nowhere", "x");
    request.headers.push(("X-Lua-Modifier-Cluster".into(), "api".into()));
    assert_eq!(client::send(setting.envoy.port(), &request).unwrap().status, 404);
    assert_eq!(setting.was_asked("/nowhere"), 0);
    request.path = "/reads".into();
    request.headers[1].1 = "gone".into();
    assert_eq!(told(client::send(setting.envoy.port(), &request)), (200, json!({"script": 1, "upstream": 1})));
}

#[test]
fn without_the_setting_a_body_that_never_comes_is_an_answer_and_a_line_in_the_log() {
    let mut passes = proxy(json!({"pre": "request.load():headers('X-A', 'a')"}));
    passes["method"] = "POST".into();
    passes["output_encoding"] = "no-op".into();
    passes["backend"] = json!([{"host": ["http://api"], "url_pattern": "/ok", "method": "POST", "encoding": "no-op"}]);
    let mut reads = proxy(json!({"pre": "print(request.load():body())"}));
    reads["method"] = "POST".into();
    reads["timeout"] = "500ms".into();
    let endpoints = json!([endpoint("/passes", &["api/ok"], passes), endpoint("/reads", &["api/ok"], reads)]);
    let setting = start(endpoints, false);
    assert_eq!(setting.post("/reads", "text").unwrap().status, 500);
    assert!(setting.envoy.logs("allow_on_headers_stop_iteration").is_some());
    assert_eq!(told(setting.post("/passes", "text")), (200, json!({"ok": 1})));
    let asked = setting.asked.lock().unwrap();
    assert_eq!((asked.len(), asked[0].body.as_slice()), (1, b"text".as_slice()));
}

#[test]
fn a_configuration_that_is_refused_leaves_the_old_one_serving() {
    let answers = |text: &str| json!([endpoint("/t", &["api/ok"], proxy(json!({"skip_next": true, "post": text})))]);
    let set = |value: &str| answers(&format!("response.load():data():set('v', '{value}')"));
    let mut setting = start(set("old"), true);
    assert_eq!(told(setting.get("/t")), (200, json!({"v": "old"})));
    setting.envoy.replace(document(answers("this is no Lua")));
    let line = setting.envoy.logs(r#"configuration: $.endpoints[0].extra_config["modifier/lua-proxy"].post: line 1"#);
    assert!(line.is_some());
    assert!(setting.envoy.logs("Filesystem config update rejected").is_some());
    assert_eq!(told(setting.get("/t")), (200, json!({"v": "old"})));
    setting.envoy.replace(document(set("new")));
    eventually("the mended one takes over", || {
        setting.get("/t").is_ok_and(|response| response.body == b"{\"v\":\"new\"}")
    });
}

#[test]
fn each_worker_draws_random_numbers_of_its_own() {
    let script = "response.load():data():set('n', math.random())";
    let draws = proxy(json!({"skip_next": true, "allow_open_libs": true, "post": script}));
    let configuration = document(json!([endpoint("/draws", &["api/ok"], draws)]));
    let envoy = Gateway { workers: 4, ..Gateway::new(configuration, &[("api", CLOSED)]) }.start();
    let drawn: BTreeSet<Vec<u8>> = (0..40).map(|_| client::get(envoy.port(), "/draws").unwrap().body).collect();
    assert_eq!(drawn.len(), 40, "workers that begin alike draw alike");
}
