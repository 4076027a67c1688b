//! `auth/api-keys`: which keys there are, where a request has its key, and that no message ever shows a key.

use serde_json::{Value, json};

use super::{complaint, document, read_changed};
use crate::config::{Configuration, KeyPlace, read};

const SERVICE: &str = "/extra_config";
const ENDPOINT: &str = "/endpoints/0/extra_config";

fn changes(service: Value, endpoint: Value) -> [(&'static str, Value); 2] {
    [(SERVICE, json!({"auth/api-keys": service})), (ENDPOINT, json!({"auth/api-keys": endpoint}))]
}

fn keyed(service: Value, endpoint: Value) -> Configuration {
    read_changed(&changes(service, endpoint))
}

fn keys() -> Value {
    json!([{"key": "hunter-2", "roles": ["admin"], "@description": "ours"}, {"key": "hunter-3"}])
}

#[test]
fn a_key_is_looked_for_where_service_and_endpoint_say() {
    let header = |name: &str| KeyPlace::Header(name.to_owned());
    let query = |name: &str| KeyPlace::Query(name.to_owned());
    let table = [
        (json!({}), json!({}), header("authorization")),
        (json!({"strategy": "header", "identifier": "X-Key"}), json!({}), header("x-key")),
        (json!({"strategy": "query_string"}), json!({}), query("key")),
        (json!({"strategy": "query_string", "identifier": "K"}), json!({}), query("K")),
        (json!({"identifier": "X-Key"}), json!({"identifier": "X-Other"}), header("x-other")),
        (json!({"identifier": "X-Key"}), json!({"strategy": "query_string"}), query("X-Key")),
        (json!({"strategy": "query_string"}), json!({"strategy": "header", "identifier": ""}), header("authorization")),
    ];
    for (mut service, mut endpoint, place) in table {
        service["keys"] = keys();
        endpoint["roles"] = json!(["admin"]);
        let configuration = keyed(service.clone(), endpoint);
        assert_eq!(configuration.endpoints[0].api_keys.as_ref().unwrap().place, place, "{service}");
        assert!(configuration.warnings.is_empty() && configuration.remarks.is_empty());
    }
}

#[test]
fn a_key_is_found_by_what_a_client_shows() {
    let sum = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"; // of "secret"
    let hashed = json!({"hash": "sha256", "keys": [{"key": sum, "roles": ["a"]}]});
    for (service, good, bad) in [(json!({"keys": keys()}), "hunter-2", "hunter-4"), (hashed, "secret", sum)] {
        let configuration = keyed(service, json!({"roles": []}));
        let ring = &configuration.endpoints[0].api_keys.as_ref().unwrap().ring;
        assert_eq!(ring.find(good.as_bytes()).unwrap().roles.len(), 1);
        assert!([bad, "", "hunter-", "\0"].iter().all(|shown| ring.find(shown.as_bytes()).is_none()));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_without_a_key() {
    let of_service = "$.extra_config[\"auth/api-keys\"]";
    let of_endpoint = "$.endpoints[0].extra_config[\"auth/api-keys\"]";
    let (door, ring) = (json!({"roles": []}), json!({"keys": keys()}));
    let table = [
        (json!({}), door.clone(), format!("{of_service}.keys: is missing")),
        (json!({"keys": [{}]}), door.clone(), format!("{of_service}.keys[0].key: is missing")),
        (json!({"keys": [{"key": ""}]}), door.clone(), format!("{of_service}.keys[0].key: is empty")),
        (json!({"keys": [{"key": 31337}]}), door.clone(), format!("{of_service}.keys[0].key: must be a string")),
        (
            json!({"keys": [{"key": "hunter"}, {"key": "hunter"}]}),
            door.clone(),
            format!("{of_service}.keys[1].key: is the same as"),
        ),
        (
            json!({"keys": [{"key": "k", "roles": "admin"}]}),
            door.clone(),
            format!("{of_service}.keys[0].roles: must be a list"),
        ),
        (json!({"hash": "md5", "keys": []}), door.clone(), format!("{of_service}.hash: unknown hash \"md5\"")),
        (
            json!({"hash": "sha1", "keys": [{"key": "hunter-2"}]}),
            door.clone(),
            format!("{of_service}.keys[0].key: must be the sum of a key, in 40"),
        ),
        (
            json!({"salt": 31337, "hash": "sha1", "keys": []}),
            door.clone(),
            format!("{of_service}.salt: must be a string"),
        ),
        (
            json!({"strategy": "cookie", "keys": []}),
            door.clone(),
            format!("{of_service}.strategy: unknown strategy \"cookie\""),
        ),
        (
            json!({"propagate_role": "X Role", "keys": []}),
            door.clone(),
            format!("{of_service}.propagate_role: \"X Role\" is not the name of a header"),
        ),
        (ring.clone(), json!({}), format!("{of_endpoint}.roles: is missing")),
        (
            ring.clone(),
            json!({"roles": [], "identifier": "a b"}),
            format!("{of_endpoint}.identifier: \"a b\" is not the name of a header"),
        ),
        (
            ring.clone(),
            json!({"roles": [], "client_max_rate": -1}),
            format!("{of_endpoint}.client_max_rate: must be 0 or more"),
        ),
        (
            ring,
            json!({"roles": [], "client_max_rate": "x"}),
            format!("{of_endpoint}.client_max_rate: must be a number"),
        ),
    ];
    for (service, endpoint, told) in table {
        let said = complaint(&changes(service, endpoint));
        assert!(said.starts_with(&format!("configuration: {told}")), "{said}");
        assert!(!said.contains("hunter") && !said.contains("31337"), "{said}");
    }
    let said = complaint(&[(ENDPOINT, json!({"auth/api-keys": {"roles": []}}))]);
    assert!(said.contains("there are no keys"), "{said}");
}

#[test]
fn no_key_is_shown_by_a_configuration() {
    let configuration = keyed(json!({"salt": "pepper", "hash": "plain", "keys": keys()}), json!({"roles": ["admin"]}));
    let shown = format!("{configuration:?}");
    assert!(shown.contains("admin") && !shown.contains("hunter") && !shown.contains("pepper"), "{shown}");
}

#[test]
fn what_may_surprise_is_remarked() {
    let remarks = |service: Value, endpoint: Value| {
        let configuration = keyed(service, endpoint);
        [configuration.warnings, configuration.remarks].concat()
    };
    let table = [
        (json!({"salt": "x", "keys": keys()}), json!({"roles": []}), "a salt means nothing to plain keys"),
        (json!({"hash": "fnv128", "keys": []}), json!({"roles": []}), "fnv128 protects no key"),
        (json!({"keys": []}), json!({"roles": []}), "there is no key: nobody is let in"),
        (json!({"keys": keys()}), json!({"roles": ["Admin"]}), "no key has the role \"Admin\""),
        (json!({"propagate_role": "X-Role", "keys": keys()}), json!({"roles": []}), "the backends do not get x-role"),
    ];
    for (service, endpoint, told) in table {
        let said = remarks(service, endpoint);
        assert!(said.iter().any(|line| line.contains(told)), "{told}: {said:?}");
    }
    let unused = read_changed(&[(SERVICE, json!({"auth/api-keys": {"keys": keys()}}))]);
    assert!(unused.remarks[0].contains("the keys protect nothing"), "{:?}", unused.remarks);
}

#[test]
fn beside_protected_endpoints_nothing_passes_by_another_spelling() {
    use crate::config::Unmatched;
    let rated = json!({"qos/ratelimit/router": {"max_rate": 1}});
    let with = |changes: &[(&str, Value)]| read(document(changes).to_string().as_bytes()).unwrap().plugin.unmatched;
    assert_eq!(with(&[]), Unmatched::Pass);
    assert_eq!(with(&[(ENDPOINT, rated)]), Unmatched::Answer);
    assert_eq!(with(&changes(json!({"keys": []}), json!({"roles": []}))), Unmatched::Answer);
}
