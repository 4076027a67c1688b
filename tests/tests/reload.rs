//! A worker whose VM trapped, in a real Envoy, with the policy that our configurations have. Nothing in our module traps on
//! purpose: these tests add a fault to it, and every request with a body kills the VM.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::built::{module_from_env, trapping};
use tests::cases::{ClientRequest, Response};
use tests::envoy::{Gateway, Running};
use tests::machine::{Folder, eventually};
use tests::upstreams::{Gate, RawAnswer, Server};
use tests::wire::client::{self, Caller};

const FAULT: &str = "proxy_on_request_body";
const POLICY: &str = "FAIL_RELOAD";
const FILES: [&str; 3] = [
    include_str!("../../envoy/envoy.yaml"),
    include_str!("../../envoy/gateway/lua-modifier.yaml"),
    include_str!("../../cli/src/bundle/templates/plugin.yaml"),
];

/// An Envoy whose module has the fault, and its upstream.
struct Setting {
    envoy: Running,
    gate: Arc<Gate>,
    _upstream: Server,
    _module: Folder,
}

impl Setting {
    fn start(change: impl FnOnce(Gateway) -> Gateway) -> Self {
        let gate = Gate::shut();
        let before = Arc::clone(&gate);
        let upstream = Server::start(Box::new(move |asked| {
            if asked.path == "/gate" {
                before.pass();
            }
            RawAnswer::json("{\"ok\": 1}")
        }));
        let folder = Folder::default();
        folder.write("faulty.wasm", trapping(&std::fs::read(module_from_env().unwrap()).unwrap(), FAULT));
        let gateway = Gateway::new(document(), &[("api", &upstream.authority())]);
        let gateway = Gateway { module: Some(folder.path().join("faulty.wasm")), ..gateway };
        Self { envoy: change(gateway).start(), gate, _upstream: upstream, _module: folder }
    }

    /// The fault kills the worker's VM, and the client gets an answer at once.
    fn trap(&self) {
        let request = ClientRequest::new("POST", "/posts").body("text");
        let answer = client::send(self.envoy.port(), &request).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (503, b"".as_slice()));
    }

    fn stat(&self, name: &str) -> u64 {
        self.envoy.stat(&format!("wasm.gateway.{name}")).unwrap()
    }
}

fn document() -> Value {
    let endpoint = |path: &str, pattern: &str, block: Value| {
        json!({
            "endpoint": path, "backend": [{"host": ["http://api"], "url_pattern": pattern}],
            "extra_config": {"modifier/lua-proxy": block},
        })
    };
    let mut posts = endpoint("/posts", "/b", json!({"pre": "print(request.load():body())"}));
    posts["method"] = "POST".into();
    let says = "response.load():data():set('said', 'for ' .. id)";
    json!({
        "version": 3, "timeout": "30s",
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
        "endpoints": [
            endpoint("/says/{id}", "/b", json!({"pre": "id = request.load():params('Id')", "post": says})),
            endpoint("/asks", "/b", json!({"pre": "http_response.new('http://api/gate')"})),
            endpoint("/routed", "/gate", json!({"post": "x = 1"})),
            posts,
        ],
    })
}

/// Is this an answer that a script before the backend and a script after it have made?
fn is_well(answer: &Result<Response, String>, id: &str) -> bool {
    let wanted = format!("{{\"ok\":1,\"said\":\"for {id}\"}}");
    answer.as_ref().is_ok_and(|answer| answer.status == 200 && answer.body == wanted.as_bytes())
}

fn comes_back(envoy: &'static str) {
    assert!(FILES.iter().all(|file| file.contains(POLICY)), "our files say otherwise");
    let setting = Setting::start(|gateway| Gateway {
        envoy,
        when_it_fails: json!({"failure_policy": POLICY}),
        manager: json!({"stream_idle_timeout": "5s"}),
        ..gateway
    });
    let port = setting.envoy.port();
    let says = |id: &str| is_well(&client::get(port, &format!("/says/{id}")), id);
    assert!(says("before"));
    thread::scope(|scope| {
        let under_way = |path: &'static str| {
            scope.spawn(move || Caller::new(port).patiently(Duration::from_secs(60)).get(path).unwrap().status)
        };
        let (routed, asks) = (under_way("/routed"), under_way("/asks"));
        assert!(setting.gate.is_reached_by(2));
        setting.trap();
        assert!(setting.envoy.logs(&format!("{FAULT} failed: Uncaught RuntimeError: unreachable")).is_some());
        eventually("the worker serves again", || says("after"));
        assert_eq!(setting.stat("vm_reload_success"), 1);
        // Other requests of this worker ended with its VM. A request that waits for a backend is answered when the backend
        // answers. A request whose script waits is answered when Envoy finds the stream idle.
        setting.gate.open();
        assert_eq!((routed.join().unwrap(), asks.join().unwrap()), (503, 503));
    });
    // The second trap soon after the first: now Envoy waits about a second before it makes another VM.
    setting.trap();
    eventually("the worker serves again", || says("again"));
    assert_eq!((setting.stat("vm_reload_success"), setting.stat("vm_reload_failure")), (2, 0));
    assert!((1..50).all(|n| says(&n.to_string())));
}

#[test]
fn a_worker_whose_vm_trapped_gets_a_new_one_and_serves_as_before() {
    comes_back("ENVOY");
}

#[test]
fn the_oldest_envoy_makes_a_new_one_too() {
    comes_back("ENVOY_OLDEST");
}

#[test]
fn the_other_worker_and_its_streams_are_not_touched() {
    let never = json!({"failure_policy": POLICY, "reload_config": {"backoff": {"base_interval": "3600s"}}});
    let setting = Setting::start(|gateway| Gateway { workers: 2, when_it_fails: never, ..gateway });
    let port = setting.envoy.port();
    let mut callers: Vec<Caller> = Vec::new();
    eventually("both workers have connections", || {
        let mut caller = Caller::new(port);
        assert!(is_well(&caller.get("/says/0"), "0"));
        callers.push(caller);
        let connections = setting.envoy.admin("/stats?filter=^listener.127.*worker_[01].downstream_cx_active$");
        let busy = |worker: &str| connections.lines().any(|line| line.contains(worker) && !line.ends_with(": 0"));
        busy("worker_0") && busy("worker_1")
    });
    setting.trap();
    for id in ["1", "2"] {
        let answers: Vec<_> = callers.iter_mut().map(|caller| caller.get(&format!("/says/{id}"))).collect();
        let (well, ill): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| is_well(answer, id));
        assert!(!well.is_empty() && !ill.is_empty(), "{answers:?}");
        assert!(ill.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 503)), "{ill:?}");
    }
    assert_eq!(setting.stat("vm_reload_success"), 0);
    assert!(setting.stat("vm_reload_backoff") >= 2); // requests that came while the VM was dead
}
