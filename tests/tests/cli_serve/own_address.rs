//! The gateway as its own backend, on a port that the document does not name.

use serde_json::json;
use tests::command::Serving;
use tests::upstreams::Gate;

use crate::setting::{backend, document, endpoint, get, script};

#[test]
fn the_gateway_is_its_own_backend_wherever_it_listens() {
    let backend = backend(&Gate::shut());
    let own = "localhost:8080";
    let asks = json!({"post": "response.load():data():set('got', http_response.new('http://127.0.0.1:8080/inner'):statusCode())"});
    let serving = Serving::start(
        &document(json!([
            endpoint("/outer", own, "/inner", json!({})),
            endpoint("/asks", own, "/inner", script(asks)),
            endpoint("/inner", &backend.authority(), "/ok", json!({})),
        ])),
        &[],
    )
    .unwrap();
    assert_eq!(get(&serving, "/outer"), (200, json!({"ok": 1})));
    assert_eq!(get(&serving, "/asks"), (200, json!({"ok": 1, "got": 200})));
}

#[test]
fn a_loop_ends_and_is_told() {
    let own = "localhost:8080";
    let endpoints = json!([endpoint("/loop", own, "/again", json!({})), endpoint("/again", own, "/loop", json!({}))]);
    let serving = Serving::start(&document(endpoints), &[]).unwrap();
    assert_eq!(get(&serving, "/loop").0, 500);
    let told = "a loop: GET /loop -> GET /again -> GET /loop: the gateway has asked itself 16 times for one request of a client";
    assert!(serving.says(told).is_some());
}

#[test]
fn what_is_sent_elsewhere_goes_there() {
    let backend = backend(&Gate::shut());
    let endpoints = json!([endpoint("/outer", "localhost:8080", "/ok", json!({}))]);
    let elsewhere = format!("localhost:8080=http://{}", backend.authority());
    let serving = Serving::start(&document(endpoints), &["--backend", &elsewhere]).unwrap();
    assert_eq!(get(&serving, "/outer"), (200, json!({"ok": 1})));
}
