//! From start to end: starts that fail, documents that change, a VM that fails, and the end with requests under way.

use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};
use tests::command::{Serving, call};
use tests::machine::Folder;
use tests::upstreams::Gate;
use tests::wire::client;

use crate::setting::{backend, document, endpoint, get, script, told};

fn says_value(host: &str, value: &str) -> Value {
    let post = format!("dofirst = http_response.new('http://{host}/gate'); response.load():data():set('v', '{value}')");
    endpoint("/t", host, "/ok", script(json!({"post": post})))
}

#[test]
fn a_changed_document_is_served_at_once_and_what_is_under_way_ends_on_the_old_one() {
    let gate = Gate::for_so_many(2);
    let backend = backend(&gate);
    let at = backend.authority();
    let serving = Serving::start(&document(json!([says_value(&at, "old")])), &[]).unwrap();
    thread::scope(|scope| {
        let old = scope.spawn(|| get(&serving, "/t"));
        assert!(gate.is_reached_by(1));
        serving.folder().replace("krakend.json", &document(json!([says_value(&at, "new")])));
        assert!(serving.says("krakend.json has changed: the new configuration serves").is_some());
        gate.open();
        assert_eq!(old.join().unwrap(), (200, json!({"ok": 1, "v": "old"})));
        assert_eq!(get(&serving, "/t"), (200, json!({"ok": 1, "v": "new"})));
    });
}

#[test]
fn a_broken_change_is_told_and_the_old_configuration_goes_on_until_it_is_mended() {
    let gate = Gate::for_so_many(0);
    let backend = backend(&gate);
    let at = backend.authority();
    let folder = Folder::default();
    let uses = json!({"sources": ["a.lua"], "post": "response.load():data():set('v', value())"});
    folder.write("krakend.json", document(json!([endpoint("/t", &at, "/ok", script(uses))])));
    folder.write("a.lua", "function value() return 'old' end");
    let serving = Serving::start_in(folder, &[]).unwrap();
    serving.folder().replace("a.lua", "function value( return 'new' end");
    let line = serving.says("the old configuration goes on").unwrap();
    assert!(line.contains("krakend.json cannot be served: ") && line.contains("a.lua"), "{line}");
    assert_eq!(get(&serving, "/t"), (200, json!({"ok": 1, "v": "old"})));
    serving.folder().replace("a.lua", "function value() return 'new' end");
    assert!(serving.says("the new configuration serves").is_some());
    assert_eq!(get(&serving, "/t"), (200, json!({"ok": 1, "v": "new"})));
}

#[test]
fn a_vm_that_fails_is_replaced() {
    // A special module: it answers its first request, and fails at the second.
    let module = r#"(module
      (import "env" "proxy_send_local_response"
        (func $reply (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (global $asked (mut i32) (i32.const 0))
      (func (export "proxy_abi_version_0_2_1"))
      (func (export "malloc") (param i32) (result i32) (i32.const 1024))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (if (global.get $asked) (then unreachable))
        (global.set $asked (i32.const 1))
        (drop (call $reply (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0) (i32.const -1)))
        (i32.const 1)))"#;
    let folder = Folder::default();
    std::fs::write(folder.path().join("fails.wasm"), wat::parse_str(module).unwrap()).unwrap();
    folder.write("krakend.json", "{}");
    let serving = Serving::start_in(folder, &["--wasm", "fails.wasm"]).unwrap();
    let status = || client::get(serving.port, "/").unwrap().status;
    assert_eq!((status(), status()), (200, 503));
    assert!(serving.says("the module failed: proxy_on_request_headers: ").is_some());
    assert!(serving.says("a new VM serves in its place").is_some());
    assert_eq!(status(), 200);
}

#[test]
fn told_to_end_it_finishes_what_is_under_way_and_ends_with_0() {
    let gate = Gate::for_so_many(2);
    let backend = backend(&gate);
    let serving = Serving::start(&document(json!([endpoint("/gate", &backend.authority(), "/gate", json!({}))])), &[]);
    let mut serving = serving.unwrap();
    let port = serving.port;
    let asking = thread::spawn(move || told(client::get(port, "/gate")));
    assert!(gate.is_reached_by(1));
    serving.terminate();
    assert!(serving.says("ending: ").is_some());
    gate.open();
    assert_eq!(asking.join().unwrap(), (200, json!({"ok": 1})));
    assert_eq!(serving.ended(), Some(0));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn what_cannot_start_ends_with_2_and_says_why() {
    let folder = Folder::default();
    folder.write("krakend.json", document(json!([])));
    folder.write("comma.json", "{\n  \"version\": 3,\n}");
    folder.write("lua.json", document(json!([endpoint("/t", "h", "/x", script(json!({"pre": "if"})))])));
    folder.write("lost.json", document(json!([endpoint("/t", "h", "/x", script(json!({"sources": ["lost.lua"]})))])));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let table: [(&[&str], &str); 8] = [
        (&["none.json"], "lua-modifier: none.json cannot be read: No such file or directory"),
        (&["comma.json"], "lua-modifier: comma.json cannot be served: configuration: line 3, column 1: trailing comma"),
        (&["lua.json"], "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].pre: line 1: "),
        (&["lost.json"], "lost.lua cannot be read: No such file or directory"),
        (&["krakend.json", "--listen", &taken], ": Address already in use. Choose another place with --listen"),
        (&["krakend.json", "--listen", "nonsense"], "lua-modifier: cannot listen on nonsense: "),
        (&["krakend.json", "--wasm", "none.wasm"], "lua-modifier: none.wasm: the module cannot be read: "),
        (&["krakend.json", "--backend", "shop"], "\"shop\" is not HOST=URL, like "),
    ];
    for (arguments, wanted) in table {
        let said = call(folder.path(), &[&["serve"], arguments].concat());
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
        assert!(said.err.contains(wanted), "{arguments:?}: {}", said.err);
    }
}
