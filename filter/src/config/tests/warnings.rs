//! What is reported and not refused, and how `ignore` and `strict` change that.

use serde_json::{Value, json};

use super::{complaint, read_changed};

#[test]
fn what_is_not_supported_is_told_in_one_line_each() {
    let configuration = read_changed(&[
        ("/plugin", json!({"folder": "x"})),
        ("/port", json!(8080)),
        ("/debug_endpoint", json!(false)),
        (
            "/endpoints/0/extra_config",
            json!({"modifier/response-body-generator": {}, "modifier/lua-backend": {"pre": ""}}),
        ),
        ("/endpoints/0/backend/0/extra_config", json!({"modifier/response-body-generator": {}, "my/own": 1})),
        ("/endpoints/0/backend/0/sd", json!("dns")),
        ("/endpoints/0/backend/0/whitelst", json!(["a"])),
        ("/extra_config", json!({"router": {"error_body": {"404": {}}}})),
    ]);
    let wanted = [
        "$.plugin: plugin is not supported here and has no effect",
        "$.extra_config.router.error_body.404: is not served: what meets no endpoint goes on along Envoy's routes, unless \"unmatched\" is \"answer\" in envoy/lua-modifier",
        "$.endpoints[0].extra_config[\"modifier/lua-backend\"]: modifier/lua-backend has no effect at this level, as in KrakenD",
        "$.endpoints[0].extra_config[\"modifier/response-body-generator\"]: modifier/response-body-generator is not supported here and has no effect (and at 1 more place)",
        "$.endpoints[0].backend[0].whitelst: \"whitelst\" is a key that nobody reads (known here: host, url_pattern, method, encoding, is_collection, group, target, allow, deny, mapping, input_headers, input_query_strings, extra_config, disable_host_sanitize, sd)",
        "$.endpoints[0].backend[0].sd: sd is not supported here and has no effect",
        "$.endpoints[0].backend[0].extra_config[\"my/own\"]: my/own is not supported here and has no effect",
    ];
    assert_eq!(configuration.warnings, wanted.map(|line| format!("configuration: {line}")));
    assert_eq!(configuration.notes.len(), 1, "of the port: {:?}", configuration.notes);
}

#[test]
fn live_sources_that_nobody_serves_are_fixed_and_the_log_says_so_once() {
    let block = json!({"modifier/lua-proxy": {"sources": ["a.lua"], "live": true}});
    let ours = json!({"envoy/lua-modifier": {"sources": {"a.lua": ""}}});
    let configuration = read_changed(&[("/endpoints/0/extra_config", block.clone()), ("/extra_config", ours)]);
    assert_eq!(
        configuration.remarks,
        [
            "configuration: $.endpoints[0].extra_config[\"modifier/lua-proxy\"]: \"live\": true without a sources_url: the sources are fixed until a new configuration comes; to have them read at each run, name a server of them in extra_config[\"envoy/lua-modifier\"].sources_url"
        ]
    );
    let ours = json!({"envoy/lua-modifier": {"sources_url": "http://files.test"}});
    let configuration = read_changed(&[("/endpoints/0/extra_config", block), ("/extra_config", ours)]);
    assert!(configuration.remarks.is_empty());
}

#[test]
fn what_is_done_elsewhere_and_what_nobody_misses_is_a_note_even_with_strict() {
    let configuration = read_changed(&[
        ("/port", json!(8080)),
        ("/listen_ip", json!("127.0.0.1")),
        ("/debug_endpoint", json!(true)),
        ("/dns_cache_ttl", json!("1s")),
        (
            "/extra_config",
            json!({
                "envoy/lua-modifier": {"strict": true},
                "github_com/devopsfaith/krakend-gologging": {"level": "INFO"},
                "documentation/openapi": {},
                "router": {"logger_skip_paths": ["/a"], "hide_version_header": true},
            }),
        ),
        ("/endpoints/0/extra_config", json!({"documentation/openapi": {"summary": "x"}})),
    ]);
    assert!(configuration.warnings.is_empty(), "{:?}", configuration.warnings);
    let mut wanted = [
        "$.port: port is Envoy's part: `lua-modifier bundle` writes it into the address of the listener",
        "$.listen_ip: listen_ip is Envoy's part: `lua-modifier bundle` writes it into the address of the listener",
        "$.debug_endpoint: debug_endpoint is not needed here: there is no /__debug/ here",
        "$.dns_cache_ttl: dns_cache_ttl is not needed here: Envoy's clusters look up names by themselves",
        "$.extra_config[\"documentation/openapi\"]: documentation/openapi is not needed here: it describes the API, and serves nothing (and at 1 more place)",
        "$.extra_config[\"github_com/devopsfaith/krakend-gologging\"]: telemetry/logging is not needed here: Envoy has logs, metrics and traces of its own",
        "$.extra_config.router.logger_skip_paths: logger_skip_paths is not needed here: Envoy has access logs of its own, and filters for them",
        "$.extra_config.router.hide_version_header: hide_version_header is not needed here: there is no header with a version here",
    ]
    .map(|line| format!("configuration: {line}"));
    let mut notes = configuration.notes;
    notes.sort();
    wanted.sort();
    assert_eq!(notes, wanted);
}

#[test]
fn what_is_lost_is_a_warning_that_says_what_to_do() {
    let configuration = read_changed(&[
        ("/tls", json!({"public_key": "a"})),
        ("/read_header_timeout", json!("1s")),
        (
            "/endpoints/0/backend/0/extra_config",
            json!({"backend/soap": {"path": "x"}, "plugin/http-client": {"name": "x"}}),
        ),
    ]);
    let mut wanted = [
        "$.read_header_timeout: read_header_timeout is not supported here and has no effect: request_headers_timeout of the connection manager of Envoy's listener is meant",
        "$.tls: tls is not supported here and has no effect",
        "$.endpoints[0].backend[0].extra_config[\"plugin/http-client\"]: plugin/http-client is not supported here and has no effect: Go plugins do not run in Envoy",
        "$.endpoints[0].backend[0].extra_config[\"backend/soap\"]: backend/soap is not supported here and has no effect",
    ]
    .map(|line| format!("configuration: {line}"));
    let mut warnings = configuration.warnings;
    warnings.sort();
    wanted.sort();
    assert_eq!(warnings, wanted);
    assert!(configuration.notes.is_empty(), "{:?}", configuration.notes);
    assert!(
        complaint(&[("/extra_config", json!({"governance/quota": {}}))]).contains("governance/quota protects this API")
    );
}

#[test]
fn what_only_opens_is_a_warning_under_its_own_name_and_that_of_long_ago() {
    for written in ["security/cors", "github_com/devopsfaith/krakend-cors"] {
        let configuration = read_changed(&[("/extra_config", json!({(written): {"allow_origins": ["*"]}}))]);
        let wanted = format!(
            "configuration: $.extra_config[\"{written}\"]: security/cors is Envoy's part, and not done here: `lua-modifier bundle` writes it in front of this filter"
        );
        assert_eq!(configuration.warnings, [wanted]);
    }
    // KrakenD knows no other spelling of this name: the author of this document believed that it protects.
    assert!(complaint(&[("/extra_config", json!({"Security/Cors": {}}))]).contains("protects this API"));
}

#[test]
fn keys_of_krakends_second_version_are_told_their_names_of_today() {
    let configuration = read_changed(&[
        ("/endpoints/0/headers_to_pass", json!(["X"])),
        ("/endpoints/0/querystring_params", json!(["q"])),
        ("/endpoints/0/backend/0/blacklist", json!(["a"])),
        ("/endpoints/0/backend/0/whitelist", json!(["a"])),
        ("/whitelist", json!([])),
    ]);
    let told: Vec<&str> =
        configuration.warnings.iter().filter_map(|line| line.split_once(": \"")).map(|(_, what)| what).collect();
    let mut told: Vec<&str> = told.iter().map(|what| what.split(" (known here").next().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "blacklist\" is a key that nobody reads: \"deny\" is meant",
            "headers_to_pass\" is a key that nobody reads: \"input_headers\" is meant",
            "querystring_params\" is a key that nobody reads: \"input_query_strings\" is meant",
            "whitelist\" is a key that nobody reads",
            "whitelist\" is a key that nobody reads: \"allow\" is meant",
        ]
    );
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
        complaint(&[strict(), ("/plugin", json!({"folder": "x"})), ("/tls", json!({"a": 1}))]),
        "configuration: $.plugin: plugin is not supported here and has no effect; refused, as strict is set (and 1 more of this kind)"
    );
    assert_eq!(
        complaint(&[strict(), ("/endpoints/0/extra_config", json!({"modifier/response-body-generator": {}}))]),
        "configuration: $.endpoints[0].extra_config[\"modifier/response-body-generator\"]: modifier/response-body-generator is not supported here and has no effect; refused, as strict is set"
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
    let reason = "stays as it is unless a script sets it";
    assert_eq!(
        with("/{JWT.sub}", json!({})),
        [format!("{place}: {{JWT.sub}} {reason}: this endpoint asks for no token")]
    );
}
