//! What Envoy's access log gives as the client's path, with a rewrite and without one.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tests::cases::ClientRequest;
use tests::envoy::Gateway;
use tests::machine::{Folder, eventually};
use tests::upstreams::{RawAnswer, Server};
use tests::wire::client;

#[test]
fn access_logs_have_the_clients_path_and_no_forged_one() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    let upstream = Server::start(Box::new(move |asked| {
        notes.lock().unwrap().push(asked.clone());
        RawAnswer::json("{}")
    }));
    let at = upstream.authority();
    let backend = json!({"host": ["http://api"], "url_pattern": "/v1/{id}"});
    let configuration = json!({
        "version": 3,
        "endpoints": [{"endpoint": "/users/{id}", "backend": [backend]}],
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
    });
    let folder = Folder::default();
    let file = folder.path().join("access.log");
    let log = json!([{"name": "file", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        "path": file,
        "log_format": {"text_format_source": {"inline_string": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %REQ(:PATH)%\n"}},
    }}]);
    let routes = json!({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
        {"match": {"prefix": "/through"}, "route": {"cluster": "api"}},
        {"match": {"prefix": "/"}, "route": {"cluster_header": "x-lua-modifier-cluster"}},
    ]}]});
    let manager = json!({"access_log": log, "route_config": routes});
    let options = &["--file-flush-interval-msec", "20"];
    let gateway = Gateway { manager, options, ..Gateway::new(configuration, &[("api", at.as_str())]) }.start();
    for path in ["/users/1?a=b", "/through"] {
        for forged in [false, true] {
            let mut request = ClientRequest::new("GET", path);
            if forged {
                request = request.header("X-Envoy-Original-Path", "/forged");
            }
            assert_eq!(client::send(gateway.port(), &request).unwrap().status, 200);
        }
    }
    let lines = "/users/1?a=b /v1/1\n/users/1?a=b /v1/1\n/through /through\n/through /through\n";
    eventually("the access log has all of it", || std::fs::read_to_string(&file).is_ok_and(|text| text == lines));
    // The service sees the same headers as after Envoy's own rewrites.
    let of = |asked: &tests::upstreams::Asked| {
        asked
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("x-envoy-original-path"))
            .map(|(_, path)| path.clone())
    };
    let seen: Vec<_> = asked.lock().unwrap().iter().map(of).collect();
    assert_eq!(seen, [Some("/users/1?a=b".to_owned()), Some("/users/1?a=b".to_owned()), None, None]);
}
