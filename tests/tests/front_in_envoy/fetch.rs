//! What browsers may ask by the Fetch standard, and what the gateway tells them: simple requests, preflights, credentials,
//! wildcards, the origin `null`, ports, upper and lower case.

use serde_json::json;

use crate::setting::{Gateway, document, gateways, upstream, value, values};

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: &str = "access-control-allow-credentials";

/// By the standard's check, may a page of this origin read the answer?
fn may_read(gateway: &Gateway, origin: &str, with_credentials: bool) -> bool {
    let response = gateway.fetch("GET", "/t", &[("Origin", origin)]);
    assert_eq!((response.status, values(&response, "vary").first().unwrap().as_str()), (200, "Origin"));
    match value(&response, ORIGIN) {
        Some(allowed) if allowed == "*" => !with_credentials,
        Some(allowed) if allowed == origin => {
            !with_credentials || value(&response, CREDENTIALS).as_deref() == Some("true")
        }
        _ => false,
    }
}

/// By the standard's check, may a page send this request? None if its preflight was not answered 204.
fn may_send(gateway: &Gateway, origin: &str, method: &str, names: Option<&str>) -> Option<bool> {
    let mut headers = vec![("Origin", origin), ("Access-Control-Request-Method", method)];
    headers.extend(names.map(|names| ("Access-Control-Request-Headers", names)));
    let response = gateway.fetch("OPTIONS", "/t", &headers);
    assert_eq!(values(&response, "vary").first().map(String::as_str), Some("Origin"), "{}", gateway.name);
    assert!(response.body.is_empty());
    let is_allowed = value(&response, ORIGIN).is_some_and(|allowed| allowed == "*" || allowed == origin);
    let methods = values(&response, "access-control-allow-methods");
    let allowed = values(&response, "access-control-allow-headers");
    let mut asked = names.into_iter().flat_map(|names| names.split(','));
    let all = asked.all(|name| allowed.iter().any(|known| known == name));
    (response.status == 204).then_some(is_allowed && all && methods.iter().any(|known| known == method))
}

#[test]
fn pages_of_named_origins_may_read_and_send_what_is_allowed_and_others_nothing() {
    let upstream = upstream();
    let cors = json!({
        "allow_origins": ["https://a.test", "http://b.test:8080", "https://*.c.test"], "allow_methods": ["GET", "PUT"],
        "allow_headers": ["X-One", "Content-Type"], "expose_headers": ["x-exposed"], "allow_credentials": true, "max_age": "90s",
        "allow_private_network": true,
    });
    for gateway in gateways(&document(&upstream, json!({"security/cors": cors})), &[]) {
        let reads = [
            ("https://a.test", true),
            ("https://A.TEST", true),
            ("http://a.test", false),
            ("https://a.test:443", false),
            ("https://a.test.", false),
            ("https://a.test/", false),
            ("http://b.test:8080", true),
            ("http://b.test", false),
            ("http://b.test:80801", false),
            ("https://x.c.test", true),
            ("https://x.y.c.test", true),
            ("https://c.test", false),
            ("https://evil-c.test", false),
            ("https://x.c.test:8443", false),
            ("https://x.c.test.evil.test", false),
            ("null", false),
            ("https://evil.test", false),
        ];
        for (origin, allowed) in reads {
            for with_credentials in [false, true] {
                assert_eq!(may_read(&gateway, origin, with_credentials), allowed, "{} {origin}", gateway.name);
            }
            assert_eq!(
                may_send(&gateway, origin, "PUT", Some("content-type,x-one")),
                Some(allowed),
                "{} {origin}",
                gateway.name
            );
        }
        let origin = "https://a.test";
        let sends = [
            ("GET", None, true),
            ("PUT", Some("x-one"), true),
            ("PUT", Some(""), true),
            ("POST", None, false),
            ("put", None, false),
            ("PUT", Some("x-two"), false),
            ("PUT", Some("x-one,x-two"), false),
            ("PUT", Some("x-one,content-type"), false), // browsers sort names
        ];
        for (method, names, allowed) in sends {
            let names = names.filter(|names| !names.is_empty());
            assert_eq!(may_send(&gateway, origin, method, names), Some(allowed), "{} {method} {names:?}", gateway.name);
        }
        let told = gateway.fetch("GET", "/t", &[("Origin", origin)]);
        assert_eq!(value(&told, "access-control-expose-headers").as_deref(), Some("X-Exposed"));
        let private = ("Access-Control-Request-Private-Network", "true");
        let told =
            gateway.fetch("OPTIONS", "/t", &[("Origin", origin), ("Access-Control-Request-Method", "GET"), private]);
        assert_eq!(value(&told, "access-control-allow-private-network").as_deref(), Some("true"));
        assert_eq!(value(&told, "access-control-max-age").as_deref(), Some("90"));
        // OPTIONS without the header of a preflight is a request like any other.
        let plain = gateway.fetch("OPTIONS", "/t", &[("Origin", origin)]);
        assert_eq!((plain.status, value(&plain, ORIGIN).as_deref()), (405, Some(origin)));
        let without = gateway.fetch("GET", "/t", &[]);
        assert_eq!(
            (without.status, value(&without, ORIGIN), values(&without, "vary")),
            (200, None, vec!["Origin".to_owned()])
        );
    }
}

#[test]
fn pages_of_any_origin_may_read_without_credentials_where_all_are_allowed() {
    let upstream = upstream();
    let cors = json!({"allow_origins": ["*"], "allow_credentials": true});
    for gateway in gateways(&document(&upstream, json!({"security/cors": cors})), &[]) {
        for origin in ["https://a.test", "null", "http://localhost:3000"] {
            assert_eq!(
                (may_read(&gateway, origin, false), may_read(&gateway, origin, true)),
                (true, false),
                "{origin}"
            );
            assert_eq!(may_send(&gateway, origin, "POST", Some("x-any")), Some(true), "{} {origin}", gateway.name);
            assert_eq!(may_send(&gateway, origin, "PUT", None), Some(false), "{} {origin}", gateway.name);
        }
    }
}

#[test]
fn preflights_reach_endpoints_where_they_are_to() {
    let upstream = upstream();
    let cors = json!({"allow_origins": ["https://a.test"], "options_passthrough": true});
    for gateway in gateways(&document(&upstream, json!({"security/cors": cors})), &[]) {
        let asks = [("Origin", "https://a.test"), ("Access-Control-Request-Method", "GET")];
        let told = gateway.fetch("OPTIONS", "/t", &asks);
        let allowed = (value(&told, ORIGIN), value(&told, "access-control-allow-methods"));
        assert_eq!(
            (told.status, allowed),
            (405, (Some("https://a.test".to_owned()), Some("GET".to_owned()))),
            "{}",
            gateway.name
        );
        assert_eq!(values(&told, "vary").len(), 3, "{:?}", told.headers);
    }
}
