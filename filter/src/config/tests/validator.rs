//! `auth/validator`, its providers, and protections that are enforced elsewhere.

use std::time::Duration;

use serde_json::{Value, json};

use super::{complaint, document, read_changed};
use crate::config::migration::{self, Level};
use crate::config::{Configuration, KeySource, Place, ScopesMatcher, Unmatched, digest, read};

fn block(more: Value) -> Value {
    let mut block = json!({"alg": "RS256", "jwk_url": "https://issuer.test/keys"});
    for (key, value) in more.as_object().unwrap() {
        block[key] = value.clone();
    }
    json!({"auth/validator": block})
}

fn with(more: Value) -> Configuration {
    read_changed(&[("/endpoints/0/extra_config", block(more))])
}

#[test]
fn what_is_not_said_is_as_in_krakend() {
    let plain = with(json!({}));
    let validator = plain.endpoints[0].validator.as_ref().unwrap();
    assert_eq!((validator.header_name.as_str(), validator.cookie_name.as_str()), ("authorization", "access_token"));
    assert_eq!((validator.leeway, validator.cache), (Duration::from_secs(1), None));
    assert_eq!(
        (validator.roles_key.as_slice(), validator.scopes_matcher),
        (&["roles".to_owned()][..], ScopesMatcher::Any)
    );
    assert_eq!((plain.warnings, plain.remarks), (Vec::<String>::new(), Vec::<String>::new()));
    assert_eq!(plain.plugin.unmatched, Unmatched::Answer, "a spelling that is no endpoint's goes nowhere");
    let old = (
        "/endpoints/0/extra_config",
        json!({"github.com/devopsfaith/krakend-jose/validator": block(json!({}))["auth/validator"]}),
    );
    assert!(read_changed(&[old]).endpoints[0].validator.is_some());
}

#[test]
fn each_key_has_its_meaning() {
    let all = with(json!({
        "auth_header_name": "X-Token", "cookie_key": "jwt", "leeway": "1m30s", "cache": true, "cache_duration": 60,
        "issuer": "i", "audience": ["a", "b"], "roles": ["r"], "roles_key": "realm.roles", "roles_key_is_nested": true,
        "scopes": ["s"], "scopes_key": "a.scope", "scopes_matcher": "all", "propagate_claims": [["a.b", "X-B"], ["http://x.y", "x-c"]],
        "propagate_claims_preserve_array": true, "operation_debug": true, "key_identify_strategy": "kid", "jwk_local_ca": "ca.pem",
        "cipher_suites": [49199], "failed_jwk_key_cooldown": "5m", "jwk_fingerprints": [], "secret_url": "", "cypher_key": ""
    }));
    let validator = all.endpoints[0].validator.as_ref().unwrap();
    let (url, ca) = ("https://issuer.test/keys".to_owned(), Some("ca.pem".to_owned()));
    assert_eq!(validator.source, KeySource::Url { url, checks_certificate: true, ca });
    assert_eq!((validator.header_name.as_str(), validator.cookie_name.as_str()), ("x-token", "jwt"));
    assert_eq!((validator.leeway, validator.cache), (Duration::from_secs(90), Some(Duration::from_secs(60))));
    assert_eq!((&*validator.roles_key.join("|"), &*validator.scopes_key.join("|")), ("realm|roles", "a|scope"));
    let propagated: Vec<_> =
        validator.propagations.iter().map(|one| (one.claim.join("|"), one.header.as_str())).collect();
    assert_eq!(propagated, [("a|b".to_owned(), "x-b"), ("http://x.y".to_owned(), "x-c")]);
    assert_eq!(all.warnings, Vec::<String>::new());
    for leeway in ["", "soon", "500ms", "-5s", "0"] {
        assert_eq!(
            with(json!({"leeway": leeway})).endpoints[0].validator.as_ref().unwrap().leeway,
            Duration::from_secs(1)
        );
    }
    let strange =
        with(json!({"leeway": "soon", "scopes": ["a"], "scopes_matcher": "none", "disable_jwk_security": true}));
    assert_eq!((strange.remarks.len(), &strange.endpoints[0].validator.as_ref().unwrap().scopes), (4, &Vec::new()));
}

#[test]
fn what_cannot_be_kept_is_refused_by_name() {
    let place = "configuration: $.endpoints[0].extra_config[\"auth/validator\"]";
    let table = [
        (json!({"alg": null}), ".alg: is missing"),
        (json!({"alg": "none"}), ".alg: unknown algorithm \"none\""),
        (json!({"alg": "rs256"}), ".alg: unknown algorithm"),
        (json!({"jwk_url": null}), ".jwk_url: must begin with \"https://\""),
        (json!({"jwk_url": "http://issuer.test/keys"}), ".jwk_url: must begin with \"https://\""),
        (json!({"jwk_url": null, "jwk_local_path": "keys.json"}), ".jwk_url: must begin with \"https://\""),
        (json!({"jwk_url": null, "disable_jwk_security": true}), ".jwk_url: is missing"),
        (json!({"jwk_url": "https:///keys"}), ".jwk_url: \"https:///keys\" is not a URL"),
        (json!({"jwk_url": "https://u:p@issuer.test"}), ".jwk_url:"),
        (json!({"jwk_local_path": "keys.json", "cache": true}), ".cache: cannot stand beside jwk_local_path"),
        (json!({"key_identify_strategy": "x5t"}), ".key_identify_strategy: \"x5t\" cannot be kept"),
        (json!({"jwk_fingerprints": ["S3Jha2VuRA=="]}), ".jwk_fingerprints: jwk_fingerprints cannot be kept"),
        (json!({"secret_url": "vault://x"}), ".secret_url: secret_url cannot be kept"),
        (json!({"cypher_key": "x"}), ".cypher_key: cypher_key cannot be kept"),
        (json!({"auth_header_name": "a b"}), ".auth_header_name: \"a b\" is not the name of a header"),
        (json!({"cookie_key": "a=b"}), ".cookie_key: \"a=b\" is not the name of a cookie"),
        (json!({"roles": "admin"}), ".roles: must be a list"),
        (json!({"audience": [1]}), ".audience[0]: must be a string"),
        (json!({"issuer": ["i"]}), ".issuer: must be a string"),
        (
            json!({"propagate_claims": [["sub"]]}),
            ".propagate_claims[0]: must be the name of a claim and the name of a header",
        ),
        (json!({"propagate_claims": [["sub", "X:Y"]]}), ".propagate_claims[0]: \"X:Y\" is not the name of a header"),
        (json!({"Roles": ["a"]}), ".Roles: write this key as \"roles\""),
    ];
    for (more, what) in table {
        let told = complaint(&[("/endpoints/0/extra_config", block(more.clone()))]);
        assert!(told.starts_with(&format!("{place}{what}")), "{more}: {told}");
    }
}

#[test]
fn endpoints_share_a_provider_for_each_key_set_and_place() {
    let endpoint = |number: usize, more: Value| json!({"endpoint": format!("/{number}"), "extra_config": block(more), "backend": [{"host": ["http://api"]}]});
    let all = |endpoints: Vec<Value>| {
        read(document(&[("/endpoints", endpoints.into())]).to_string().as_bytes()).unwrap().providers()
    };
    let shared = all(vec![
        endpoint(1, json!({"leeway": "5s", "cache": true, "alg": "ES256"})),
        endpoint(2, json!({"leeway": "3s", "cache": true, "cache_duration": 10, "issuer": "i"})),
    ]);
    assert_eq!(shared.len(), 2);
    for provider in &shared {
        assert_eq!((provider.max_leeway, provider.cache), (Duration::from_secs(5), Some(Duration::from_secs(10))));
        assert!(provider.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{}", provider.name);
    }
    let places: Vec<&Place> = shared.iter().map(|provider| &provider.place).collect();
    assert_eq!(places, [&Place::Cookie("access_token".to_owned()), &Place::Header("authorization".to_owned())]);
    for other in [
        json!({"jwk_url": "https://other.test/keys"}),
        json!({"disable_jwk_security": true}),
        json!({"jwk_local_ca": "ca.pem"}),
        json!({"jwk_local_path": "https://issuer.test/keys"}),
        json!({"cookie_key": "a", "auth_header_name": "b"}),
    ] {
        assert_eq!(all(vec![endpoint(1, json!({})), endpoint(2, other.clone())]).len(), 4, "{other}");
    }
}

#[test]
fn a_validator_that_is_ignored_or_at_the_service_enforces_nothing_and_says_so() {
    let ignoring = ("/extra_config", json!({"envoy/lua-modifier": {"ignore": ["auth/validator"]}}));
    let ignored = read_changed(&[ignoring, ("/endpoints/0/extra_config", block(json!({})))]);
    assert!(
        ignored.endpoints[0].validator.is_none() && ignored.remarks[0].contains("is in ignore"),
        "{:?}",
        ignored.remarks
    );
    assert_eq!(ignored.plugin.unmatched, Unmatched::Pass);
    let service = read_changed(&[("/extra_config", json!({"auth/validator": {"shared_cache_duration": 100}}))]);
    assert!(
        service.warnings.is_empty() && service.notes[0].contains("auth/validator is not needed here"),
        "{:?}",
        service.notes
    );
    let backend = complaint(&[("/endpoints/0/backend/0/extra_config", block(json!({})))]);
    assert!(backend.contains("protects this API and is not enforced here"), "{backend}");
    let passing = ("/extra_config", json!({"envoy/lua-modifier": {"unmatched": "pass"}}));
    let passing = read_changed(&[passing, ("/endpoints/0/extra_config", block(json!({})))]);
    assert_eq!((passing.plugin.unmatched, passing.remarks.len()), (Unmatched::Pass, 1));
}

#[test]
fn what_protects_is_enforced_by_envoy_only_as_it_was_carried_over() {
    let security = json!({"frame_deny": true, "sts_seconds": 300});
    let path = "$.extra_config[\"security/http\"]";
    let carried = |path: &str, digest: &str| {
        let list = json!([{"namespace": "security/http", "path": path, "digest": digest}]);
        [("/extra_config", json!({"security/http": security, "envoy/lua-modifier": {"enforced_by_envoy": list}}))]
    };
    assert_eq!(read_changed(&carried(path, &digest(&security))).warnings, Vec::<String>::new());
    let changed = complaint(&carried(path, &digest(&json!({"frame_deny": true}))));
    assert!(changed.contains("security/http is not what Envoy enforces"), "{changed}");
    let elsewhere = complaint(&carried("$.endpoints[0]", &digest(&security)));
    assert!(elsewhere.contains("is not enforced here"), "{elsewhere}");
    for broken in [
        json!({}),
        json!([1]),
        json!([{"namespace": "a", "path": "b"}]),
        json!([{"namespace": "a", "path": "b", "digest": "c", "d": 1}]),
    ] {
        complaint(&[("/extra_config", json!({"envoy/lua-modifier": {"enforced_by_envoy": broken}}))]);
    }
}

#[test]
fn whatever_is_called_served_is_read() {
    let rows = migration::namespace("auth/validator", Level::Endpoint).unwrap().keys;
    for row in rows.iter().filter(|row| row.state.is_served()) {
        let told = complaint(&[("/endpoints/0/extra_config", block(json!({row.name: -1.5})))]);
        assert!(told.contains(row.name) && told.contains("-1.5"), "nobody reads {}: {told}", row.name);
    }
}
