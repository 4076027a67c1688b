//! Settings beside scripts that change which backends a request meets and how it is answered: shadows, concurrent calls,
//! propagated parameters, `flatmap_filter`, wildcards.

use std::time::Duration;

use serde_json::{Value, json};

use super::{complaint, read_changed};
use crate::config::{Backend, Configuration, FlatmapOp, Piece};

fn with_backends(backends: &Value, more: &[(&str, Value)]) -> Vec<(&'static str, Value)> {
    let known = |pointer: &str| match pointer {
        "/endpoints/0/extra_config" => "/endpoints/0/extra_config",
        "/endpoints/0/timeout" => "/endpoints/0/timeout",
        other => panic!("{other}"),
    };
    let more = more.iter().map(|(pointer, value)| (known(pointer), value.clone()));
    [("/endpoints/0/backend", backends.clone())].into_iter().chain(more).collect()
}

fn patterns(backends: &[Backend]) -> Vec<(usize, &str)> {
    backends.iter().map(|backend| (backend.number, backend.url_pattern.written.as_str())).collect()
}

fn backend(pattern: &str, proxy: &Value) -> Value {
    json!({"host": ["http://a"], "url_pattern": pattern, "extra_config": {"proxy": proxy}})
}

#[test]
fn shadows_are_a_group_of_their_own_and_keep_their_numbers() {
    let backends = json!([
        backend("/s1", &json!({"shadow": true, "shadow_timeout": "7s"})),
        backend("/r", &json!({"shadow": false})),
        backend("/s2", &json!({"shadow": true})),
    ]);
    let more =
        [("/endpoints/0/timeout", json!("3s")), ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {}}))];
    let configuration = read_changed(&with_backends(&backends, &more));
    let endpoint = &configuration.endpoints[0];
    let shadow = endpoint.shadow.as_ref().unwrap();
    assert_eq!(patterns(&endpoint.backends), [(1, "/r")]);
    assert_eq!(patterns(&shadow.endpoint.backends), [(0, "/s1"), (2, "/s2")]);
    assert_eq!((shadow.timeout, shadow.endpoint.timeout), (Duration::from_secs(7), Duration::from_secs(3)));
    assert!(endpoint.lua_proxy.is_some() && shadow.endpoint.lua_proxy.is_none());
    assert_eq!(configuration.warnings, Vec::<String>::new());
}

#[test]
fn an_endpoint_needs_a_backend_that_answers() {
    let told = complaint(&[("/endpoints/0/backend", json!([backend("/s", &json!({"shadow": true}))]))]);
    assert!(told.contains("$.endpoints[0].backend: has shadows only"), "{told}");
    let useless = json!([backend("/b", &json!({"shadow_timeout": "1s"}))]);
    let warned = read_changed(&[("/endpoints/0/backend", useless)]).warnings;
    assert!(warned[0].contains("shadow_timeout: has no effect without \"shadow\": true"), "{warned:?}");
}

#[test]
fn concurrent_calls_are_counted_and_bounded() {
    let calls = |count: Value| read_changed(&[("/endpoints/0/concurrent_calls", count)]).endpoints[0].concurrent_calls;
    assert_eq!([json!(0), json!(1), json!(3), json!(32)].map(calls), [1, 1, 3, 32]);
    let told = complaint(&[("/endpoints/0/concurrent_calls", json!(33))]);
    assert!(told.contains("$.endpoints[0].concurrent_calls: at most 32 calls"), "{told}");
}

fn propagated(names: Value, sequential: bool) -> Configuration {
    let backends = json!([backend("/a", &json!({})), backend("/b", &json!({}))]);
    let proxy = json!({"proxy": {"sequential": sequential, "sequential_propagated_params": names}});
    read_changed(&with_backends(&backends, &[("/endpoints/0/extra_config", proxy)]))
}

#[test]
fn propagated_parameters_name_their_backends() {
    let configuration = propagated(json!(["resp0_user.id", "Resp0", "resp7_x"]), true);
    let params = &configuration.endpoints[0].propagated;
    let told: Vec<_> = params.iter().map(|param| (param.key.as_str(), param.backend, param.path.len())).collect();
    assert_eq!(told, [("Resp0_user.id", 0, 2), ("Resp0", 0, 0), ("Resp7_x", 7, 1)]);
    assert_eq!(configuration.warnings.len(), 1);
    assert!(configuration.warnings[0].contains("Resp7_x refers to no backend"), "{:?}", configuration.warnings);
    let parallel = propagated(json!(["resp0_x"]), false);
    assert!(parallel.warnings[0].contains("the endpoint's proxy is not sequential"), "{:?}", parallel.warnings);
    assert!(parallel.endpoints[0].propagated.is_empty());
    let wrong = json!({"proxy": {"sequential": true, "sequential_propagated_params": ["token"]}});
    let told = complaint(&[("/endpoints/0/extra_config", wrong)]);
    assert!(told.contains("sequential_propagated_params[0]: \"token\" names no response"), "{told}");
}

#[test]
fn operations_on_data_are_read_or_refused() {
    let proxy = |operations: Value| json!({"proxy": {"flatmap_filter": operations}});
    let place = "/endpoints/0/backend/0/extra_config";
    let operations =
        json!([{"type": "move", "args": ["a.b", "c"]}, {"type": "del"}, {"type": "append", "args": ["a", "b"]}]);
    let configuration = read_changed(&[(place, proxy(operations)), ("/endpoints/0/backend/0/allow", json!(["a"]))]);
    let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    let wanted =
        [FlatmapOp::Move(path("a.b"), path("c")), FlatmapOp::Del(Vec::new()), FlatmapOp::Append(path("a"), path("b"))];
    assert_eq!(configuration.endpoints[0].backends[0].formatting.as_ref().unwrap().flatmap, wanted);
    assert!(
        configuration.remarks[0].contains("allow is not looked at beside flatmap_filter"),
        "{:?}",
        configuration.remarks
    );
    let table = [
        (json!([{"type": "sort"}]), "unknown operation \"sort\""),
        (json!([{"args": ["a"]}]), "flatmap_filter[0].type: is missing"),
        (json!([{"type": "move", "args": ["a"]}]), "flatmap_filter[0].args: needs two paths"),
        (json!([{"type": "del", "args": [1]}]), "flatmap_filter[0].args[0]: must be a string"),
        (json!({"type": "del"}), "flatmap_filter: must be a list"),
    ];
    for (operations, wanted) in table {
        let told = complaint(&[(place, proxy(operations))]);
        assert!(told.contains(wanted), "{told}");
    }
    let idle = read_changed(&[("/endpoints/0/extra_config", proxy(json!([{"type": "del", "args": ["a"]}])))]);
    assert!(idle.remarks[0].contains("with one backend does nothing"), "{:?}", idle.remarks);
}

#[test]
fn a_wildcard_is_a_parameter_behind_each_pattern() {
    let configuration = read_changed(&[("/endpoints/0/endpoint", json!("/t/{id}/*"))]);
    let endpoint = &configuration.endpoints[0];
    assert_eq!(endpoint.params, ["id", "*"]);
    let pieces = &endpoint.backends[0].url_pattern.pieces;
    assert_eq!(pieces.last(), Some(&Piece::Param("*".to_owned())));
    assert!(configuration.remarks[0].contains("Enterprise"), "{:?}", configuration.remarks);
}
