//! `security/cors` and `security/http`, which run in front of the filter: documents in, typed values, warnings and errors out.

use serde_json::{Value, json};

use super::{complaint, document, read_changed};
use crate::config::migration::{self, Level, State};
use crate::config::{AllowedHosts, Front, Origins, digest};

fn front(extra: Value) -> Front {
    Front::read(&document(&[("/extra_config", extra)])).unwrap()
}

fn refusal(extra: Value) -> String {
    Front::read(&document(&[("/extra_config", extra)])).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn without_its_blocks_nothing_stands_in_front() {
    assert!(front(json!({})).is_empty());
    let ignored = json!({"security/cors": 1, "security/http": 1, "envoy/lua-modifier": {"ignore": ["security/cors", "security/http"]}});
    assert!(front(ignored).is_empty());
}

#[test]
fn an_empty_cors_lets_all_pages_read_simple_requests() {
    let cors = front(json!({"security/cors": {}})).cors.unwrap();
    assert_eq!((cors.origins, cors.methods), (Origins::Any, ["GET", "POST", "HEAD"].map(str::to_owned).to_vec()));
    assert_eq!((cors.headers, cors.exposed, cors.max_age, cors.credentials), (None, None, None, false));
}

#[test]
fn what_cors_allows_is_read_as_rs_cors_reads_it() {
    let cors = front(json!({"security/cors": {
        "allow_origins": ["https://A.test", "http://*.b.test:8080"], "allow_methods": ["PUT"], "allow_headers": ["X-B", "x-a", "X-A"],
        "expose_headers": ["x-one", "Content-length"], "max_age": "1h30m0.9s", "allow_credentials": true,
        "allow_private_network": true, "options_passthrough": true, "options_success_status": 200, "debug": true,
    }}));
    assert_eq!(cors.warnings, Vec::<String>::new());
    let cors = cors.cors.unwrap();
    let pattern = ("http://".to_owned(), ".b.test:8080".to_owned());
    assert_eq!(cors.origins, Origins::These(vec!["https://a.test".to_owned()], vec![pattern]));
    assert_eq!(cors.headers, Some(vec!["x-a".to_owned(), "x-b".to_owned()]));
    assert_eq!((cors.exposed.as_deref(), cors.max_age), (Some("X-One, Content-Length"), Some(5400)));
    assert!(cors.credentials && cors.private_network && cors.passes_preflights);
    assert_eq!(cors.preflight_vary().split(", ").count(), 4);
    let origins = |list: Value| front(json!({"security/cors": {"allow_origins": list}})).cors.unwrap().origins;
    assert_eq!((origins(json!([])), origins(json!(["https://a.test", "*"]))), (Origins::Any, Origins::Any));
    let age = |text: &str| front(json!({"security/cors": {"max_age": text}})).cors.unwrap().max_age;
    assert_eq!(
        ["0s", "900ms", "-1s", "-0.1s", "2s", "long", ""].map(age),
        [None, None, Some(0), None, Some(2), None, None]
    );
}

#[test]
fn what_opens_more_than_it_seems_is_a_warning() {
    for (block, words) in [
        (json!({"allow_origins": ["*"], "allow_credentials": true}), "allow_credentials has no effect"),
        (json!({"allow_credentials": true}), "allow_credentials has no effect"),
        (json!({"allow_origins": ["https://*a.test"]}), "origins of strangers"),
        (json!({"allow_origins": ["https://a.*"]}), "origins of strangers"),
        (json!({"allow_origins": ["https://a.test*"]}), "origins of strangers"),
        (json!({"allow_methods": ["*"]}), "is no method"),
        (json!({"max_age": "long"}), "is not a duration"),
        (json!({"Allow_Origins": ["https://a.test"]}), "a key that nobody reads: \"allow_origins\" is meant"),
    ] {
        let warnings = front(json!({"security/cors": block})).warnings;
        assert!(warnings.iter().any(|line| line.contains(words)), "{block}: {warnings:?}");
    }
    for origin in ["https://*.a.test", "*://a.test", "https://*.a.test:8443"] {
        let warnings = front(json!({"security/cors": {"allow_origins": [origin]}})).warnings;
        assert_eq!(warnings, Vec::<String>::new(), "{origin}");
    }
}

#[test]
fn the_headers_of_security_http_are_those_of_unrolled_secure() {
    let guard = front(json!({"security/http": {
        "sts_seconds": 300, "sts_include_subdomains": true, "force_sts_header": true, "frame_deny": true, "content_type_nosniff": true,
        "browser_xss_filter": true, "content_security_policy": "default-src 'self'", "referrer_policy": "same-origin",
        "custom_frame_options_value": "SAMEORIGIN", "ssl_redirect": false, "allowed_hosts": [], "is_development": false,
    }}));
    assert_eq!(guard.warnings, Vec::<String>::new());
    let guard = guard.guard.unwrap();
    let headers: Vec<(&str, &str)> = guard.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        headers,
        [
            ("x-frame-options", "SAMEORIGIN"),
            ("x-content-type-options", "nosniff"),
            ("x-xss-protection", "1; mode=block"),
            ("content-security-policy", "default-src 'self'"),
            ("referrer-policy", "same-origin"),
            ("strict-transport-security", "max-age=300; includeSubDomains"),
        ]
    );
    assert_eq!((guard.hosts, guard.transport.sts, guard.transport.redirects), (None, None, false));
    let guard = front(json!({"security/http": {"sts_seconds": 5, "frame_deny": true}})).guard.unwrap();
    assert_eq!((guard.transport.sts.as_deref(), guard.headers.len()), (Some("max-age=5"), 1));
}

#[test]
fn development_lets_any_host_and_any_way_in() {
    let front = front(json!({"security/http": {
        "allowed_hosts": ["a.test"], "ssl_redirect": true, "sts_seconds": 5, "force_sts_header": true, "frame_deny": true, "is_development": true,
    }}));
    let guard = front.guard.unwrap();
    assert_eq!(
        (guard.hosts, guard.transport.redirects, guard.headers.len(), front.warnings.len()),
        (None, false, 1, 1)
    );
}

#[test]
fn hosts_are_names_in_any_case_or_expressions_for_the_whole() {
    let hosts = |block: Value| front(json!({"security/http": block})).guard.unwrap().hosts.unwrap();
    let names = hosts(json!({"allowed_hosts": ["A.test", "b.test:8080"]}));
    assert_eq!(names.allowed, AllowedHosts::Names(vec!["a.test".to_owned(), "b.test:8080".to_owned()]));
    let patterns = hosts(json!({"allowed_hosts": ["a|b\\.test"], "allowed_hosts_are_regex": true}));
    let AllowedHosts::Patterns(patterns) = patterns.allowed else { panic!() };
    let fits = |host: &str| patterns.iter().any(|pattern| pattern.is_in(host.as_bytes()));
    assert_eq!(["a", "b.test", "a.evil", "evil.b.test", "b.testx"].map(fits), [true, true, false, false, false]);
}

#[test]
fn a_value_that_cannot_be_kept_is_refused_with_its_place() {
    for (block, key, words) in [
        (json!({"security/cors": []}), "", "must be an object"),
        (
            json!({"security/cors": {"allow_origins": "https://a.test"}}),
            ".allow_origins",
            "must be a list, not the string",
        ),
        (json!({"security/cors": {"allow_origins": [1]}}), ".allow_origins[0]", "must be a string"),
        (
            json!({"security/cors": {"allow_origins": ["https://a.test\n"]}}),
            ".allow_origins[0]",
            "no origin that a browser sends",
        ),
        (json!({"security/cors": {"allow_credentials": "yes"}}), ".allow_credentials", "must be true or false"),
        (json!({"security/cors": {"max_age": 3600}}), ".max_age", "must be a string"),
        (json!({"security/cors": {"allow_headers": ["a b"]}}), ".allow_headers", "no name of a header"),
        (json!({"security/http": {"allowed_hosts": "a.test"}}), ".allowed_hosts", "must be a list"),
        (
            json!({"security/http": {"allowed_hosts": ["("], "allowed_hosts_are_regex": true}}),
            ".allowed_hosts[0]",
            "no regular expression",
        ),
        (
            json!({"security/http": {"allowed_hosts": ["a)|(b"], "allowed_hosts_are_regex": true}}),
            ".allowed_hosts[0]",
            "no regular expression",
        ),
        (json!({"security/http": {"ssl_host": "https://a.test"}}), ".ssl_host", "is no host"),
        (
            json!({"security/http": {"ssl_proxy_headers": {"a b": "x"}}}),
            ".ssl_proxy_headers[\"a b\"]",
            "no name of a header",
        ),
        (
            json!({"security/http": {"content_security_policy": "a\nb"}}),
            ".content_security_policy",
            "no value of a header",
        ),
        (
            json!({"security/http": {"content_security_policy": "script-src $NONCE"}}),
            ".content_security_policy",
            "$NONCE",
        ),
        (json!({"security/http": {"sts_seconds": "300"}}), ".sts_seconds", "must be a whole number"),
    ] {
        let told = refusal(block.clone());
        let name = block.as_object().unwrap().keys().next().unwrap();
        assert!(
            told.contains(&format!("$.extra_config[\"{name}\"]{key}: ")) && told.contains(words),
            "{block}: {told}"
        );
    }
}

#[test]
fn every_key_that_krakend_reads_is_read() {
    for name in ["security/cors", "security/http"] {
        let rows = migration::namespace(name, Level::Service).unwrap().keys;
        for row in rows.iter().filter(|row| row.name != "hpkp_public_key") {
            let told = refusal(json!({(name): {(row.name): -1.5}}));
            assert!(told.contains(row.name) && told.contains("-1.5"), "nobody reads {}: {told}", row.name);
        }
    }
}

#[test]
fn the_module_takes_what_envoy_enforces_as_it_was_carried_over() {
    let (cors, http) = (json!({"allow_origins": ["https://a.test"]}), json!({"frame_deny": true}));
    let extra = json!({"github_com/devopsfaith/krakend-cors": cors, "security/http": http});
    let blocks = front(extra.clone()).blocks;
    assert_eq!(
        blocks.iter().map(|block| block.namespace.as_str()).collect::<Vec<_>>(),
        ["security/cors", "security/http"]
    );
    assert_eq!(blocks[0].digest, digest(&cors));
    let listed: Vec<Value> = blocks
        .iter()
        .map(|block| json!({"namespace": block.namespace, "path": block.path, "digest": block.digest}))
        .collect();
    let with = |cors: &Value, http: &Value| {
        let mut extra = extra.clone();
        extra["github_com/devopsfaith/krakend-cors"] = cors.clone();
        extra["security/http"] = http.clone();
        extra["envoy/lua-modifier"] = json!({"enforced_by_envoy": listed});
        [("/extra_config", extra)]
    };
    assert_eq!(read_changed(&with(&cors, &http)).warnings, Vec::<String>::new());
    let opened = read_changed(&with(&json!({}), &http)).warnings;
    assert!(opened.len() == 1 && opened[0].contains("security/cors is not what Envoy does"), "{opened:?}");
    assert!(complaint(&with(&cors, &json!({}))).contains("security/http is not what Envoy enforces"));
}

#[test]
fn at_an_endpoint_neither_does_anything_as_in_krakend() {
    let blocks = json!({"security/cors": {}, "security/http": {"allowed_hosts": ["a.test"]}});
    let read = read_changed(&[("/endpoints/0/extra_config", blocks)]);
    assert_eq!((read.warnings.len(), read.notes.len()), (0, 2), "{:?} {:?}", read.warnings, read.notes);
    let row = migration::namespace("security/http", Level::Endpoint).unwrap();
    assert_eq!(row.state, State::NotNeeded);
}
