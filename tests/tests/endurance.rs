//! What a real Envoy's worker endures for a long time: a thousand streams that wait, clients that leave, configurations that
//! change under load, and very many requests. `SOAK=1` makes it longer. Prints its measurements; only failures and memory that
//! grows make it fail.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::envoy::{Gateway, Memory, Running};
use tests::machine::{eventually, soaks};
use tests::upstreams::{Asked, RawAnswer, Server};
use tests::wire::client::{Caller, get};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// These tests measure, and would disturb each other.
fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An upstream whose `/gate/` opens when the test tells it to, and which counts the requests it gets.
struct GatedUpstream {
    server: Server,
    requests: Arc<Requests>,
}

#[derive(Default)]
struct Requests {
    came: Mutex<Came>,
    changed: Condvar,
}

#[derive(Default)]
struct Came {
    open: bool,
    waiting: usize,
    asked: Vec<String>,
}

const PATIENCE: Duration = Duration::from_secs(120);

impl GatedUpstream {
    fn start() -> Self {
        let requests = Arc::new(Requests::default());
        let answering = Arc::clone(&requests);
        Self { server: Server::start(Box::new(move |asked| answering.answer(asked))), requests }
    }

    fn open(&self, open: bool) {
        let mut came = self.requests.came.lock().unwrap();
        *came = Came { open, ..Came::default() };
        self.requests.changed.notify_all();
    }

    fn wait_for(&self, waiting: usize) {
        let came = self.requests.came.lock().unwrap();
        let (came, _) =
            self.requests.changed.wait_timeout_while(came, PATIENCE, |came| came.waiting < waiting).unwrap();
        let wait = came.waiting;
        drop(came);
        assert_eq!(wait, waiting, "not all came to wait");
    }

    fn was_asked(&self, begin: &str) -> usize {
        self.requests.came.lock().unwrap().asked.iter().filter(|path| path.starts_with(begin)).count()
    }
}

impl Requests {
    fn answer(&self, asked: &Asked) -> RawAnswer {
        if !asked.path.starts_with("/plain") {
            let mut came = self.came.lock().unwrap();
            came.asked.push(asked.path.clone());
            if asked.path.starts_with("/gate") && !came.open {
                came.waiting += 1;
                self.changed.notify_all();
                drop(self.changed.wait_timeout_while(came, PATIENCE, |came| !came.open).unwrap());
            }
        }
        RawAnswer::json(format!("{{\"path\": \"{}\", \"list\": [1, 2.5, \"three\", null]}}", asked.path))
    }
}

fn start(upstream: &GatedUpstream, endpoints: Value, options: &'static [&'static str]) -> Running {
    let authority = upstream.server.authority();
    Gateway { options, ..Gateway::new(document(endpoints), &[("api", authority.as_str())]) }.start()
}

fn document(endpoints: Value) -> Value {
    let ours = json!({"clusters": {"http://api": "api"}});
    json!({"version": 3, "timeout": "60s", "endpoints": endpoints, "extra_config": {"envoy/lua-modifier": ours}})
}

fn endpoint(path: &str, backends: &[&str], pre: &str, post: &str) -> Value {
    let backend = |pattern: &&str| json!({"host": ["http://api"], "url_pattern": pattern});
    let backends: Vec<Value> = backends.iter().map(backend).collect();
    json!({"endpoint": path, "backend": backends, "extra_config": {"modifier/lua-proxy": {"pre": pre, "post": post}}})
}

fn nobody_is_served(envoy: &Running) {
    for gauge in ["http.gateway.downstream_rq_active", "cluster.api.upstream_rq_active"] {
        eventually(gauge, || envoy.stat(gauge) == Some(0));
    }
    let said = envoy.said();
    assert!(said.is_empty(), "{:?}", &said[..said.len().min(5)]);
}

const WAITS_BEFORE: &str = "http_response.new('http://api/gate/pre'); http_response.new('http://api/later/pre')";
const WAITS_AFTER: &str = "http_response.new('http://api/gate/post'); http_response.new('http://api/later/post')";

#[test]
fn a_thousand_streams_that_all_wait_are_all_answered() {
    const STREAMS: usize = 1000;
    let _alone = alone();
    let upstream = GatedUpstream::start();
    let waits = "local id = request.load():params('Id'); http_response.new('http://api/gate/' .. id); mine = id";
    let tells = "response.load():data():set('mine', mine)";
    let envoy = start(&upstream, json!([endpoint("/t/{id}", &["/plain/{id}"], waits, tells)]), &[]);
    let port = envoy.port();
    let answered: Vec<Result<(), String>> = thread::scope(|scope| {
        let asking: Vec<_> = (0..STREAMS)
            .map(|id| {
                let small = thread::Builder::new().stack_size(128 << 10);
                small.spawn_scoped(scope, move || one_of_many(port, id)).unwrap()
            })
            .collect();
        upstream.wait_for(STREAMS);
        println!("{STREAMS} streams wait: {}", envoy.memory());
        upstream.open(true);
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let failures: Vec<&String> = answered.iter().filter_map(|one| one.as_ref().err()).collect();
    assert!(failures.is_empty(), "{} of {STREAMS}: {:?}", failures.len(), &failures[..failures.len().min(5)]);
    nobody_is_served(&envoy);
}

fn one_of_many(port: u16, id: usize) -> Result<(), String> {
    let response = Caller::new(port).patiently(PATIENCE).get(&format!("/t/{id}"))?;
    let data: Value = serde_json::from_slice(&response.body).map_err(|e| e.to_string())?;
    let is_mine = data["mine"].as_str() == Some(&*id.to_string()) && data["path"] == format!("/plain/{id}");
    if is_mine { Ok(()) } else { Err(format!("{id}: {} {data}", response.status)) }
}

#[test]
fn clients_that_leave_while_scripts_wait_leave_nothing_behind() {
    const EACH: usize = 60;
    let rounds = if soaks() { 200 } else { 16 };
    let _alone = alone();
    let upstream = GatedUpstream::start();
    let legs = ["/plain/1", "/gate/leg", "/plain/2"];
    let endpoints = json!([
        endpoint("/pre", &["/later/backend"], WAITS_BEFORE, ""),
        endpoint("/post", &["/plain"], "", WAITS_AFTER),
        endpoint("/legs", &legs, "", "http_response.new('http://api/later/post')"),
        endpoint("/route", &["/gate/route"], "", "http_response.new('http://api/later/post')"),
    ]);
    let envoy = start(&upstream, endpoints, &[]);
    let mut memories: Vec<Memory> = Vec::new();
    for _ in 0..rounds {
        upstream.open(false);
        let clients: Vec<TcpStream> = (0..EACH)
            .flat_map(|_| ["/pre", "/post", "/legs", "/route"])
            .map(|path| {
                let mut client = TcpStream::connect(("127.0.0.1", envoy.port())).unwrap();
                client.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).unwrap();
                client
            })
            .collect();
        upstream.wait_for(clients.len());
        drop(clients);
        eventually("the streams end", || envoy.stat("http.gateway.downstream_rq_active") == Some(0));
        upstream.requests.came.lock().unwrap().open = true; // the late replies
        upstream.requests.changed.notify_all();
        nobody_is_served(&envoy);
        memories.push(envoy.memory());
    }
    assert_eq!(get(envoy.port(), "/post").unwrap().status, 200);
    assert_eq!((upstream.was_asked("/later/pre"), upstream.was_asked("/later/backend")), (0, 0));
    assert_eq!(upstream.was_asked("/later/post"), 1, "of the one whose client stayed");
    println!("{} clients have left: {}", rounds * EACH * 4, memories[rounds - 1]);
    // Lua lets its heap grow to four times the used memory before it collects. Only after two collections, which take about six
    // rounds, has it taken as much memory as it ever needs.
    is_flat(memories[rounds / 2], memories[rounds - 1]);
}

#[test]
fn configurations_that_change_under_load_lose_no_request_and_no_memory() {
    const CLIENTS: usize = 8;
    let changes = if soaks() { 500 } else { 80 };
    let _alone = alone();
    let upstream = GatedUpstream::start();
    let asks = "http_response.new('http://api/plain/side')";
    let version =
        |n: usize| json!([endpoint("/t", &["/plain"], asks, &format!("response.load():data():set('v', {n})"))]);
    // a replaced configuration serves its connections for this time
    let mut envoy = start(&upstream, version(0), &["--drain-time-s", "1"]);
    let vms = envoy.memory().vms;
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut memories: Vec<Memory> = Vec::new();
    let port = envoy.port();
    let failures: Vec<String> = thread::scope(|scope| {
        let load = || {
            let (mut caller, mut last) = (Caller::new(port), 0);
            while !over.load(Ordering::SeqCst) {
                let response = caller.get("/t")?;
                let data: Value = serde_json::from_slice(&response.body).map_err(|e| e.to_string())?;
                let v = data["v"].as_u64().ok_or_else(|| format!("{}: {data}", response.status))?;
                last = last.max(v);
                answered.fetch_add(1, Ordering::SeqCst);
            }
            Ok::<u64, String>(last)
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(load)).collect();
        for n in 1..=changes {
            envoy.replace(document(version(n)));
            let wanted = format!("\"v\":{n}}}");
            eventually("the new one serves", || {
                let response = get(port, "/t").unwrap(); // a new connection: the new configuration serves it
                assert_eq!(response.status, 200);
                response.text().contains(&wanted)
            });
            memories.push(envoy.memory());
        }
        over.store(true, Ordering::SeqCst);
        clients.into_iter().filter_map(|client| client.join().unwrap().err()).collect()
    });
    assert!(failures.is_empty(), "{failures:?}");
    eventually("the old ones go", || envoy.stat("listener_manager.total_filter_chains_draining") == Some(0));
    nobody_is_served(&envoy);
    // About fifteen configurations serve at a time while Envoy drains the replaced ones: from then on as many end as start.
    let (half, end) = (memories[changes / 2], envoy.memory());
    println!("{changes} changes, {} requests: {end}; after half of them: {half}", answered.into_inner());
    assert_eq!(end.vms, vms);
    // The number that drains at a moment is chance, and each program takes about a quarter of a megabyte: if none of the second
    // half had ended, there would be ten more.
    const CHANCE: u64 = 2 << 20;
    assert!(end.wasm <= half.wasm + CHANCE && end.resident <= half.resident + 2 * CHANCE, "from {half} to {end}");
}

#[test]
fn memory_stays_where_it_is() {
    const CLIENTS: usize = 8;
    let requests = if soaks() { 1_000_000 } else { 30_000 };
    let _alone = alone();
    let upstream = GatedUpstream::start();
    upstream.open(true);
    let decorates = "local d = response.load():data(); local l = d:get('list'); d:set('n', l:len()); d:del('path')
        local t = {}; for i = 1, 50 do t['k' .. i] = {i, tostring(i)} end; d:set('t', luaTable.new()); made = t";
    let legs = ["/plain/1", "/plain/2", "/plain/3"];
    let envoy = start(
        &upstream,
        json!([
            endpoint("/0", &["/plain"], "request.load():headers('X-A', 'b')", decorates),
            endpoint("/1", &["/plain"], "http_response.new('http://api/plain/side'):body()", decorates),
            endpoint("/2", &legs, "", decorates),
            endpoint("/3", &["/plain"], "custom_error('no more tea', 418)", ""),
            endpoint("/4", &["/plain"], "", "local x = nil; pcall(function() return x.y end); error({})"),
        ]),
        &[],
    );
    let port = envoy.port();
    let mut memories = Vec::new();
    let began = Instant::now();
    const PARTS: usize = 5;
    for _ in 0..PARTS {
        thread::scope(|scope| {
            let each = requests / PARTS / CLIENTS;
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(move || ask_for_all(port, each))).collect();
            clients.into_iter().for_each(|client| client.join().unwrap());
        });
        memories.push(envoy.memory());
        println!(
            "{} requests, {:.0} s: {}",
            memories.len() * requests / PARTS,
            began.elapsed().as_secs_f64(),
            envoy.memory()
        );
    }
    is_flat(memories[0], memories[PARTS - 1]);
}

fn ask_for_all(port: u16, requests: usize) {
    let mut caller = Caller::new(port);
    for n in 0..requests {
        let response = caller.get(&format!("/{}", n % 5)).unwrap();
        assert_eq!(response.status, [200, 200, 200, 418, 500][n % 5], "{n}: {:?}", response.text());
    }
}

/// Memory has grown by at most five per cent: allocators keep a little more or less.
fn is_flat(before: Memory, after: Memory) {
    let grew = |before: u64, after: u64| after > before + before / 20;
    assert!(!grew(before.wasm, after.wasm) && !grew(before.resident, after.resident), "from {before} to {after}");
}
