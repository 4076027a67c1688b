//! The values that are read from a document: defaults, inheritance, and every key of the contract.

use std::time::Duration;

use serde_json::json;

use super::read_changed;
use crate::config::{Encoding, LetIn, LogLevel, OutputEncoding, StaticStrategy};

fn listed(names: &[&str]) -> LetIn {
    LetIn::Listed(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn what_is_not_said_is_krakends_default() {
    let configuration = read_changed(&[]);
    let endpoint = &configuration.endpoints[0];
    assert_eq!(configuration.warnings, Vec::<String>::new());
    assert_eq!(endpoint.method, "GET");
    assert_eq!((endpoint.timeout, endpoint.cache_ttl), (Duration::from_secs(2), Duration::ZERO));
    assert_eq!((endpoint.output_encoding, endpoint.sequential), (OutputEncoding::Json, false));
    assert_eq!((&endpoint.input_headers, &endpoint.input_query_strings), (&listed(&["Content-Type"]), &listed(&[])));
    assert_eq!((endpoint.path.as_str(), endpoint.params.as_slice()), ("/t/{id}", &["id".to_owned()][..]));
    let backend = &endpoint.backends[0];
    assert_eq!((backend.method.as_str(), backend.encoding), ("GET", Encoding::Json));
    assert_eq!((backend.input_headers.as_ref(), backend.input_query_strings.as_ref()), (None, None));
    assert_eq!(backend.url_pattern.printed, "/b/{{.Id}}");
    assert_eq!((backend.hosts[0].cluster.as_str(), backend.hosts[0].url().as_str()), ("api:80", "http://api"));
    assert_eq!(
        (configuration.plugin.user_agent.as_str(), configuration.plugin.log_level),
        ("lua-modifier", LogLevel::Info)
    );
}

#[test]
fn endpoints_inherit_from_the_service_and_backends_from_their_endpoint() {
    let configuration = read_changed(&[
        ("/timeout", json!("3s")),
        ("/cache_ttl", json!("1m")),
        ("/output_encoding", json!("no-op")),
        ("/host", json!(["https://Api.internal/", "b:8080"])),
        ("/endpoints/0/method", json!("post")),
        ("/endpoints/0/timeout", json!("0s")),
        ("/endpoints/0/backend/0", json!({"url_pattern": "x", "encoding": "string"})),
        ("/extra_config", json!({"envoy/lua-modifier": {"clusters": {"https://api.internal:443": "api"}}})),
    ]);
    let endpoint = &configuration.endpoints[0];
    assert_eq!((endpoint.timeout, endpoint.cache_ttl), (Duration::from_secs(3), Duration::from_secs(60)));
    assert_eq!((endpoint.method.as_str(), endpoint.output_encoding), ("POST", OutputEncoding::NoOp));
    let backend = &endpoint.backends[0];
    assert_eq!((backend.method.as_str(), backend.encoding), ("POST", Encoding::NoOp));
    let hosts: Vec<_> = backend.hosts.iter().map(|host| (host.authority.as_str(), host.cluster.as_str())).collect();
    assert_eq!(hosts, [("Api.internal", "api"), ("b:8080", "b:8080")]);
}

#[test]
fn null_is_read_as_absent_and_comments_are_not_read() {
    let configuration = read_changed(&[
        ("/$schema", json!("https://www.krakend.io/schema/krakend.json")),
        ("/@comment", json!(["anything"])),
        ("/timeout", json!(null)),
        ("/endpoints/0/output_encoding", json!(null)),
        ("/endpoints/0/@x", json!(1)),
        (
            "/endpoints/0/extra_config",
            json!({"@auth/validator": {}, "modifier/lua-proxy": {"@comment-pre": 5, "pre": null}, "auth/validator": null}),
        ),
        ("/extra_config", json!({"envoy/lua-modifier": {"@why": 1, "limits": {"$x": 1}}})),
    ]);
    assert_eq!(configuration.warnings, Vec::<String>::new());
    assert!(configuration.endpoints[0].lua_proxy.as_ref().is_some_and(|block| block.pre.is_empty()));
}

#[test]
fn lists_of_what_is_let_in_follow_krakend() {
    let configuration = read_changed(&[
        ("/endpoints/0/input_headers", json!(["x-tenant", "*"])),
        ("/endpoints/0/input_query_strings", json!(["*"])),
        ("/endpoints/0/backend/0/input_headers", json!(["x-tenant"])),
        ("/endpoints/0/backend/0/input_query_strings", json!([])),
    ]);
    let endpoint = &configuration.endpoints[0];
    assert_eq!((&endpoint.input_headers, &endpoint.input_query_strings), (&LetIn::All, &LetIn::All));
    assert_eq!(endpoint.backends[0].input_headers, Some(vec!["X-Tenant".to_owned()]));
    assert_eq!(endpoint.backends[0].input_query_strings, None);
    let configuration = read_changed(&[("/endpoints/0/input_headers", json!(["x-tenant", "ACCEPT"]))]);
    assert_eq!(configuration.endpoints[0].input_headers, listed(&["X-Tenant", "Accept"]));
}

#[test]
fn a_block_of_scripts_keeps_its_place_and_shares_its_sources() {
    let block = json!({"sources": ["a.lua"], "pre": "p", "post": "q", "skip_next": true, "allow_open_libs": true});
    let configuration = read_changed(&[
        (
            "/extra_config",
            json!({"envoy/lua-modifier": {"sources": {"a.lua": "-- a"}}, "modifier/lua-endpoint": block}),
        ),
        (
            "/endpoints/0/extra_config",
            json!({"modifier/lua-endpoint": block, "github.com/devopsfaith/krakend-lua/proxy": block}),
        ),
        ("/endpoints/0/backend/0/extra_config", json!({"modifier/lua-backend": block})),
    ]);
    let endpoint = &configuration.endpoints[0];
    let blocks = [
        configuration.service.lua_endpoint.as_ref(),
        endpoint.lua_endpoint.as_deref(),
        endpoint.lua_proxy.as_deref(),
        endpoint.backends[0].lua_backend.as_deref(),
    ];
    let places = [
        "$.extra_config[\"modifier/lua-endpoint\"]",
        "$.endpoints[0].extra_config[\"modifier/lua-endpoint\"]",
        "$.endpoints[0].extra_config[\"github.com/devopsfaith/krakend-lua/proxy\"]",
        "$.endpoints[0].backend[0].extra_config[\"modifier/lua-backend\"]",
    ];
    for (block, place) in blocks.into_iter().zip(places) {
        let block = block.unwrap();
        assert_eq!((&*block.at, &*block.pre, &*block.post), (place, "p", "q"));
        assert!(block.skip_next && block.allow_open_libs && !block.live);
        assert_eq!((block.sources[0].name.as_str(), block.sources[0].text.as_deref()), ("a.lua", Some("-- a")));
    }
}

#[test]
fn namespaces_of_krakend_that_are_served_are_read() {
    let configuration = read_changed(&[
        ("/extra_config", json!({"router": {"return_error_msg": true}})),
        (
            "/endpoints/0/extra_config",
            json!({"proxy": {"sequential": true, "static": {"data": {"st": 1}, "strategy": "errored"}}}),
        ),
        (
            "/endpoints/0/backend/0/extra_config",
            json!({"backend/http": {"return_error_details": "b", "return_error_code": true}}),
        ),
    ]);
    let endpoint = &configuration.endpoints[0];
    assert!(configuration.service.router.return_error_msg && endpoint.sequential);
    let fixed = endpoint.static_data.as_ref().unwrap();
    assert_eq!((fixed.json.as_str(), fixed.strategy), ("{\"st\":1}", StaticStrategy::Errored));
    let backend = &endpoint.backends[0];
    assert_eq!((backend.return_error_details.as_deref(), backend.return_error_code), (Some("b"), false));
}

#[test]
fn a_backend_that_is_never_reached_needs_no_host() {
    let skip = json!({"modifier/lua-proxy": {"skip_next": true}});
    let changes = [("/endpoints/0/backend/0/host", json!(null)), ("/endpoints/0/extra_config", skip)];
    assert!(read_changed(&changes).endpoints[0].backends[0].hosts.is_empty());
}

#[test]
fn a_host_may_have_a_path_where_it_is_not_sanitized() {
    let configuration = read_changed(&[
        ("/endpoints/0/backend/0/host", json!(["http://api:8080/v1/"])),
        ("/endpoints/0/backend/0/disable_host_sanitize", json!(true)),
    ]);
    let host = &configuration.endpoints[0].backends[0].hosts[0];
    assert_eq!((host.url().as_str(), host.cluster.as_str()), ("http://api:8080/v1", "api:8080"));
}
