//! Hosts with https in a bundle that a real Envoy runs: Envoy talks TLS to a host if the certificate belongs to the host, and
//! otherwise not at all.

use serde_json::{Value, json};
use tests::command::call;
use tests::envoy::Bundled;
use tests::machine::Folder;
use tests::upstreams::{Authority, TlsServer};
use tests::wire::client;

const NAME: &str = "secure.internal";

/// The answer to a client if the backend and the script's side request are at this server, whose certificate must come from
/// this authority.
fn answer(server: &TlsServer, trusted: &Authority) -> (u16, Value, Vec<String>) {
    let post = format!("response.load():data():set('side', http_response.new('https://{NAME}/side'):statusCode())");
    let document = json!({
        "version": 3, "extra_config": {"router": {"return_error_msg": true}},
        "endpoints": [{
            "endpoint": "/t", "backend": [{"host": [format!("https://{NAME}")], "url_pattern": "/b"}],
            "extra_config": {"modifier/lua-proxy": {"post": post}},
        }],
    });
    let place = Folder::default();
    place.write("krakend.json", document.to_string());
    place.write("authority.pem", trusted.pem());
    let authority = place.path().join("authority.pem");
    let detour = format!("--connect-to=https://{NAME}={}", server.authority());
    let arguments = ["bundle", "krakend.json", "--listen=127.0.0.1:0", "--admin-port=0", "-o", "envoy.yaml", &detour];
    let said = call(place.path(), &[&arguments[..], &["--ca-file", authority.to_str().unwrap()]].concat());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let envoy = Bundled::start(&place.path().join("envoy.yaml"));
    let response = client::get(envoy.port("lua-modifier"), "/t").unwrap();
    let (status, said) = response.told();
    (status, said, server.called())
}

#[test]
fn a_backend_and_a_side_request_go_by_tls_to_who_has_the_hosts_certificate() {
    let authority = Authority::new();
    let server = authority.serve(NAME);
    let names = vec![NAME.to_owned(); 2];
    assert_eq!(answer(&server, &authority), (200, json!({"tls": true, "side": 200}), names));
}

#[test]
fn a_certificate_of_another_authority_or_for_another_name_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    for server in [other.serve(NAME), authority.serve("other.internal")] {
        let (status, said, called) = answer(&server, &authority);
        assert_eq!((status, called), (500, Vec::new()), "{said}");
        assert!(said.to_string().contains("CERTIFICATE_VERIFY_FAILED"), "{said}");
    }
}
