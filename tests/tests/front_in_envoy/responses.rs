//! Each header on each kind of response: of endpoints, of scripts that end early or late, of the filter, of Envoy itself.

use serde_json::{Value, json};
use tests::cases::Response;
use tests::signers::{Signer, key_set};
use tests::upstreams::Server;

use crate::setting::{Gateway, gateways, upstream, value, values};

const OWN: [(&str, &str); 6] = [
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    ("content-security-policy", "default-src 'self'; img-src 100%25"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

fn document(upstream: &Server) -> Value {
    let host = || format!("http://{}", upstream.authority());
    let endpoint = |path: &str, pattern: &str, extra: Value| {
        json!({
            "endpoint": path, "extra_config": extra, "backend": [{"host": [host()], "url_pattern": pattern}],
        })
    };
    let lua = |stage: &str, when: &str, code: &str| json!({(format!("modifier/lua-{stage}")): {(when): code}});
    let mut noop = endpoint("/noop", "/noop", json!({}));
    noop["output_encoding"] = "no-op".into();
    noop["backend"][0]["encoding"] = "no-op".into();
    let mut two = endpoint("/two", "/a", json!({}));
    two["backend"].as_array_mut().unwrap().push(json!({"host": [host()], "url_pattern": "/b"}));
    let mut down = endpoint("/down", "/a", json!({}));
    down["backend"][0]["host"] = json!(["http://127.0.0.1:17"]);
    let mut small = endpoint("/small", "/a", lua("proxy", "pre", "request.load():body()"));
    small["method"] = "POST".into();
    small["extra_config"]["envoy/lua-modifier"] = json!({"limits": {"body_bytes": 10}});
    let secret =
        json!({"auth/validator": {"alg": "HS256", "jwk_local_path": "keys.json", "disable_jwk_security": true}});
    json!({
        "version": 3,
        "extra_config": {
            "router": {"return_error_msg": true},
            "security/cors": {"allow_origins": ["https://a.test"], "allow_credentials": true, "expose_headers": ["X-A"], "allow_methods": ["GET", "HEAD", "POST"]},
            "security/http": {
                "sts_seconds": 31_536_000, "sts_include_subdomains": true, "force_sts_header": true, "frame_deny": true,
                "content_type_nosniff": true, "browser_xss_filter": true, "referrer_policy": "same-origin",
                "content_security_policy": "default-src 'self'; img-src 100%25",
            },
        },
        "endpoints": [
            endpoint("/ok", "/a", json!({})), noop, two, down, small,
            endpoint("/fails", "/fails", json!({})),
            endpoint("/denied", "/a", lua("endpoint", "pre", "custom_error('no', 403)")),
            endpoint("/late", "/a", lua("proxy", "post", "custom_error('no', 418)")),
            endpoint("/secret", "/a", secret),
        ],
    })
}

fn has_own(gateway: &Gateway, about: &str, response: &Response) {
    for (name, wanted) in OWN {
        let found = response.headers.get(name).cloned().unwrap_or_default();
        assert_eq!(found.first().map(String::as_str), Some(wanted), "{} {about}: {name}", gateway.name);
        assert!(
            found.len() == 1 || (about == "no-op" && name == "x-frame-options"),
            "{} {about}: {found:?}",
            gateway.name
        );
    }
}

fn lets_read(gateway: &Gateway, about: &str, response: &Response) {
    // Envoy puts several values of these headers on one line.
    let first = |name: &str| values(response, name).into_iter().next();
    let told =
        ["access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers"].map(first);
    assert_eq!(told, ["https://a.test", "true", "X-A"].map(|value| Some(value.to_owned())), "{} {about}", gateway.name);
    assert_eq!(values(response, "vary").first().map(String::as_str), Some("Origin"), "{} {about}", gateway.name);
}

#[test]
fn each_kind_of_response_has_each_header() {
    let upstream = upstream();
    let keys = key_set(&[&Signer::new("HS256", 0, "k")]);
    let origin = ("Origin", "https://a.test");
    for gateway in gateways(&document(&upstream), &[("keys.json", keys)]) {
        let kinds = [
            ("an endpoint", "GET", "/ok", 200),
            ("HEAD", "HEAD", "/nowhere", 404),
            ("no-op", "GET", "/noop", 200),
            ("two backends", "GET", "/two", 200),
            ("a backend that is not there", "GET", "/down", 500),
            ("a backend that fails", "GET", "/fails", 500),
            ("a script that leaves", "GET", "/denied", 403),
            ("a script that leaves late", "GET", "/late", 418),
            ("no token", "GET", "/secret", 401),
            ("no endpoint", "GET", "/nowhere", 404),
            ("no such method", "POST", "/ok", 405),
            ("a slash more", "GET", "/ok/", 301),
        ];
        for (about, method, path, status) in kinds {
            let response = gateway.fetch(method, path, &[origin]);
            assert_eq!(response.status, status, "{} {about}", gateway.name);
            has_own(&gateway, about, &response);
            lets_read(&gateway, about, &response);
        }
        let large = gateway.post("/small", &[origin], &"x".repeat(20));
        assert_eq!(large.status, 413, "{}", gateway.name);
        has_own(&gateway, "too large a body", &large);
        lets_read(&gateway, "too large a body", &large);
        let other = gateway.fetch("GET", "/late", &[("Origin", "https://evil.test")]);
        has_own(&gateway, "another origin", &other);
        assert_eq!(value(&other, "access-control-allow-origin"), None, "{}", gateway.name);
        // Backends' headers stay, behind the gateway's own.
        let passed = gateway.fetch("GET", "/noop", &[origin]);
        assert_eq!(values(&passed, "x-frame-options"), ["DENY", "SAMEORIGIN"]);
        assert_eq!(values(&passed, "vary"), ["Origin", "Accept"]);
        assert_eq!(values(&passed, "access-control-allow-origin"), ["https://a.test", "https://backend.test"]);
        // A preflight is answered before all these.
        let preflight = gateway.fetch("OPTIONS", "/secret", &[origin, ("Access-Control-Request-Method", "GET")]);
        assert_eq!(
            (preflight.status, preflight.headers.contains_key("x-frame-options")),
            (204, false),
            "{}",
            gateway.name
        );
        if gateway.name != "serve" {
            let huge = "x".repeat(80 << 10);
            for (about, status, headers) in [
                ("too long headers", 431, vec![("X-Huge", huge.as_str())]),
                ("a host that is none", 400, vec![("Host", "a b")]),
            ] {
                let response = gateway.fetch("GET", "/ok", &headers);
                assert_eq!(response.status, status, "{} {about}", gateway.name);
                has_own(&gateway, about, &response);
            }
        }
    }
}
