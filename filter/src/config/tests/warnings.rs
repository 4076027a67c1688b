//! What is told and not refused, and what `ignore` and `strict` make of it.

use serde_json::{Value, json};

use super::{complaint, read_changed};

#[test]
fn what_is_not_supported_is_told_in_one_line_each() {
    let configuration = read_changed(&[
        ("/async_agent", json!([{"name": "x"}])),
        ("/port", json!(8080)),
        ("/debug_endpoint", json!(false)),
        ("/endpoints/0/concurrent_calls", json!(3)),
        ("/endpoints/0/extra_config", json!({"modifier/martian": {}, "modifier/lua-backend": {"pre": ""}})),
        ("/endpoints/0/backend/0/extra_config", json!({"modifier/martian": {}, "my/own": 1})),
        ("/endpoints/0/backend/0/sd", json!("dns")),
        ("/endpoints/0/backend/0/whitelist", json!(["a"])),
        ("/extra_config", json!({"router": {"error_body": {"404": {}}}})),
    ]);
    let wanted = [
        "$.async_agent: async_agent is not supported here and has no effect",
        "$.port: port is not supported here and has no effect",
        "$.extra_config.router.error_body.404: is not served: what meets no endpoint goes on along Envoy's routes, unless \"unmatched\" is \"answer\" in envoy/lua-modifier",
        "$.endpoints[0].concurrent_calls: concurrent_calls is not supported here and has no effect",
        "$.endpoints[0].extra_config[\"modifier/lua-backend\"]: modifier/lua-backend has no effect at this level, as in KrakenD",
        "$.endpoints[0].extra_config[\"modifier/martian\"]: modifier/martian is not supported here and has no effect (and at 1 more place)",
        "$.endpoints[0].backend[0].whitelist: \"whitelist\" is a key that nobody reads (known here: host, url_pattern, method, encoding, is_collection, group, target, allow, deny, mapping, input_headers, input_query_strings, extra_config, disable_host_sanitize, sd)",
        "$.endpoints[0].backend[0].sd: sd is not supported here and has no effect",
        "$.endpoints[0].backend[0].extra_config[\"my/own\"]: my/own is not supported here and has no effect",
    ];
    assert_eq!(configuration.warnings, wanted.map(|line| format!("configuration: {line}")));
}

#[test]
fn what_is_ignored_by_name_is_neither_told_nor_refused() {
    let ignore = json!({"envoy/lua-modifier": {"ignore": ["auth/validator", "qos/ratelimit/router", "async_agent"], "strict": true}});
    let configuration = read_changed(&[
        ("/extra_config", ignore),
        ("/async_agent", json!([{}])),
        (
            "/endpoints/0/extra_config",
            json!({"auth/validator": {}, "github.com/devopsfaith/krakend-ratelimit/juju/router": {}}),
        ),
    ]);
    assert_eq!(configuration.warnings, Vec::<String>::new());
}

#[test]
fn strict_refuses_what_would_be_told() {
    let strict = || ("/extra_config", json!({"envoy/lua-modifier": {"strict": true}}));
    assert_eq!(
        complaint(&[strict(), ("/async_agent", json!([{}])), ("/port", json!(1))]),
        "configuration: $.async_agent: async_agent is not supported here and has no effect; refused, as strict is set (and 1 more of this kind)"
    );
    assert_eq!(
        complaint(&[strict(), ("/endpoints/0/extra_config", json!({"modifier/martian": {}}))]),
        "configuration: $.endpoints[0].extra_config[\"modifier/martian\"]: modifier/martian is not supported here and has no effect; refused, as strict is set"
    );
    assert!(read_changed(&[strict()]).warnings.is_empty());
}

#[test]
fn parameters_that_nobody_fills_are_told() {
    let with = |pattern: &str, extra: Value| {
        read_changed(&[("/endpoints/0/backend/0/url_pattern", json!(pattern)), ("/endpoints/0/extra_config", extra)])
            .warnings
    };
    let place = "configuration: $.endpoints[0].backend[0].url_pattern";
    let reason = "stays empty unless a script sets it";
    assert_eq!(
        with("/{resp0_id}", json!({})),
        [format!("{place}: {{resp0_id}} {reason}: the endpoint's proxy is not sequential")]
    );
    let sequential = json!({"proxy": {"sequential": true}});
    assert_eq!(
        with("/{resp0_id}", sequential),
        [format!("{place}: {{resp0_id}} {reason}: it refers to no earlier backend")]
    );
    assert_eq!(with("/{JWT.sub}", json!({})), [format!("{place}: {{JWT.sub}} {reason}: tokens are not read here")]);
}
