//! The gateway as its own backend in a real Envoy that listens at another address than in the document, started with what
//! `bundle` writes: an endpoint as another endpoint's backend and as a script's side request, and loops, which end and are
//! reported.

use serde_json::{Value, json};
use tests::cases::ClientRequest;
use tests::command::{call, yaml};
use tests::envoy::Bundled;
use tests::machine::{Folder, free_port};
use tests::upstreams::{Rule, Upstream};
use tests::wire::client;

fn endpoint(path: &str, host: &str, pattern: &str, pre: &str) -> Value {
    let mut endpoint = json!({"endpoint": path, "backend": [{"host": [host], "url_pattern": pattern}]});
    if !pre.is_empty() {
        endpoint["extra_config"] =
            json!({"modifier/lua-proxy": {"pre": pre, "post": "response.load():data():set('got', got)"}});
    }
    endpoint
}

/// The gateway's own port is KrakenD's default, 8080.
fn document(upstream: &str) -> String {
    let api = format!("http://{upstream}");
    let asks = "got = http_response.new('http://localhost:8080/__internal/9'):body()";
    let endpoints = json!([
        endpoint("/outer/{id}", "http://localhost:8080", "/__internal/{id}", ""),
        endpoint("/asks", &api, "/v1/asks", asks),
        endpoint("/__internal/{id}", &api, "/v1/{id}", ""),
        endpoint("/loop", "http://127.0.0.1:8080", "/again", ""),
        endpoint("/again", "http://localhost:8080", "/loop", ""),
    ]);
    json!({"version": 3, "timeout": "20s", "endpoints": endpoints}).to_string()
}

fn upstream() -> Upstream {
    let upstream = Upstream::start();
    upstream.set_rules(vec![Rule::new(&json!({"path": "*", "body": "{\"name\": \"Alice\"}"}))]);
    upstream
}

fn bundled(place: &Folder, options: &[&str]) -> Bundled {
    let arguments = ["bundle", "krakend.json", "--admin-port=0", "-o", "envoy.yaml"];
    let said = call(place.path(), &[&arguments, options].concat());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    Bundled::start(&place.path().join("envoy.yaml"))
}

#[test]
fn an_endpoint_is_a_backend_where_envoy_listens_elsewhere() {
    let upstream = upstream();
    let place = Folder::default();
    place.write("krakend.json", document(&upstream.authority()));
    for way in [&[][..], &["--xds"]] {
        let listen = format!("--listen=127.0.0.1:{}", free_port());
        let envoy = bundled(&place, &[&[listen.as_str()], way].concat());
        let get = |path: &str| client::get(envoy.port("lua-modifier"), path).unwrap().told();
        assert_eq!(get("/outer/7"), (200, json!({"name": "Alice"})));
        assert_eq!(get("/asks"), (200, json!({"name": "Alice", "got": "{\"name\":\"Alice\"}"})));
    }
    let asked = upstream.asked();
    assert!(asked.iter().any(|asked| asked.path == "/v1/7"));
    let named = |name: &str| name.to_ascii_lowercase().starts_with("x-lua-modifier");
    assert!(asked.iter().all(|asked| !asked.headers.iter().any(|(name, _)| named(name))), "no service sees the mark");
}

#[test]
fn a_loop_ends_and_the_log_names_its_endpoints() {
    let upstream = upstream();
    let place = Folder::default();
    place.write("krakend.json", document(&upstream.authority()));
    let envoy = bundled(&place, &[&format!("--listen=127.0.0.1:{}", free_port())]);
    let port = envoy.port("lua-modifier");
    assert_eq!(client::get(port, "/loop").unwrap().told().0, 500);
    let told = envoy.logs("a loop: ").unwrap();
    assert!(
        told.contains("a loop: GET /loop -> GET /again -> GET /loop: the gateway has asked itself 16 times"),
        "{told}"
    );

    let send = |request: ClientRequest| client::send(port, &request).unwrap().told();
    let forged = ClientRequest::new("GET", "/outer/7").header("X-Lua-Modifier-Lineage", &["0"; 16].join("."));
    assert_eq!(send(forged).0, 508, "a client that sends the mark makes its own request fail");
    let short = ClientRequest::new("GET", "/outer/7").header("X-Lua-Modifier-Lineage", "1.2");
    assert_eq!(send(short), (200, json!({"name": "Alice"})));
}

#[test]
fn connect_to_wins_and_manifests_say_what_to_do() {
    let upstream = upstream();
    let place = Folder::default();
    place.write("krakend.json", document(&upstream.authority()));
    let elsewhere = format!("--connect-to=http://localhost:8080={}", upstream.authority());
    let envoy = bundled(&place, &[&format!("--listen=127.0.0.1:{}", free_port()), &elsewhere]);
    client::get(envoy.port("lua-modifier"), "/outer/7").unwrap();
    assert!(upstream.asked().iter().any(|asked| asked.path == "/__internal/7"), "it went to the service");

    for kind in ["--istio", "--envoy-gateway"] {
        let made = ["bundle", "krakend.json", kind, "--module-path", "oci://r.example.com/m:1"];
        let said = call(place.path(), &made);
        assert_eq!(said.code, Some(0));
        assert!(!yaml::documents(&said.out).is_empty());
        let note = "note: http://localhost:8080 is this gateway itself, and only the mesh knows where that listens: say so with \
                    --connect-to http://localhost:8080=ADDRESS:PORT";
        assert!(said.err.contains(note), "{}", said.err);
    }
}
