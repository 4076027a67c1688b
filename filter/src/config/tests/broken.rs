//! Broken documents and their error messages, word by word.

use serde_json::{Value, json};

use super::{complaint, document, read};

#[test]
fn a_broken_value_is_refused_with_its_place_and_a_reason() {
    let long = "x".repeat(200);
    let long_host = format!("\"http://{}...\" is not a host (write it like \"http://name:port\")", "x".repeat(73));
    let many_segments = format!("\"{}...\" has more than 200 segments", "/x".repeat(40));
    // The place of a change, its value, the place that the error names, the reason.
    #[rustfmt::skip] // one row a line
    let table: Vec<(&str, Value, &str, &str)> = vec![
        ("/version", json!(2), "$.version", "must be 3, not 2 (KrakenD itself migrates older documents)"),
        ("/version", json!("3"), "$.version", "must be a whole number, 0 or more, not the string \"3\""),
        ("/version", json!(null), "$.version", "is missing: must be 3"),
        ("/timeout", json!(3), "$.timeout", "must be a string, not the number 3"),
        ("/timeout", json!("3"), "$.timeout", "\"3\" is not a duration (write it like \"2s\", \"500ms\", \"1m30s\")"),
        ("/cache_ttl", json!("-1s"), "$.cache_ttl", "\"-1s\" is not a duration (write it like \"2s\", \"500ms\", \"1m30s\")"),
        ("/host", json!("http://a"), "$.host", "must be a list, not the string \"http://a\""),
        ("/endpoints", json!({}), "$.endpoints", "must be a list, not an object"),
        ("/endpoints/0", json!("/t"), "$.endpoints[0]", "must be an object, not the string \"/t\""),
        ("/Endpoints", json!([]), "$.Endpoints", "write this key as \"endpoints\""),
        ("/output_encoding", json!("rss"), "$.output_encoding", "unknown encoding \"rss\" (known: json, json-collection, string, negotiate, no-op, fast-json, xml, yaml)"),
        ("/endpoints/0/output_encoding", json!("jsn"), "$.endpoints[0].output_encoding", "unknown encoding \"jsn\" (known: json, json-collection, string, negotiate, no-op, fast-json, xml, yaml)"),
        ("/endpoints/0/endpoint", json!(null), "$.endpoints[0].endpoint", "is missing: the path that clients ask for"),
        ("/endpoints/0/endpoint", json!("t/{id}"), "$.endpoints[0].endpoint", "\"t/{id}\" must begin with \"/\""),
        ("/endpoints/0/endpoint", json!("/*"), "$.endpoints[0].endpoint", "\"/*\" has a wildcard that is not its last segment, like /files/*: write other parts as parameters ({name})"),
        ("/endpoints/0/endpoint", json!("/w/*/x"), "$.endpoints[0].endpoint", "\"/w/*/x\" has a wildcard that is not its last segment, like /files/*: write other parts as parameters ({name})"),
        ("/endpoints/0/endpoint", json!("/w*"), "$.endpoints[0].endpoint", "\"/w*\" has a wildcard that is not its last segment, like /files/*: write other parts as parameters ({name})"),
        ("/endpoints/0/endpoint", json!("/t/{id}?a=1"), "$.endpoints[0].endpoint", "\"/t/{id}?a=1\" has a query or a fragment: an endpoint is a path only"),
        ("/endpoints/0/endpoint", json!("/t/:id"), "$.endpoints[0].endpoint", "\"/t/:id\" has a \":\" or \"\\\", which KrakenD's router takes for a parameter: write parameters as {name}"),
        ("/endpoints/0/endpoint", json!("/t/x{id}"), "$.endpoints[0].endpoint", "\"/t/x{id}\" has a \"{\" or \"}\" that is no parameter: a parameter is a whole segment, of letters, digits, - and _"),
        ("/endpoints/0/endpoint", json!("/{id}/{id}"), "$.endpoints[0].endpoint", "\"/{id}/{id}\" has the parameter {id} twice"),
        ("/endpoints/0/endpoint", json!("/__debug/x"), "$.endpoints[0].endpoint", "\"/__debug/x\" is reserved: KrakenD keeps /__debug, /__echo and /__health for itself"),
        ("/endpoints/0/endpoint", json!("/x".repeat(201)), "$.endpoints[0].endpoint", &many_segments),
        ("/endpoints/0/method", json!("FETCH"), "$.endpoints[0].method", "unknown method \"FETCH\" (known: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS)"),
        ("/endpoints/0/timeout", json!("2 s"), "$.endpoints[0].timeout", "\"2 s\" is not a duration (write it like \"2s\", \"500ms\", \"1m30s\")"),
        ("/endpoints/0/input_headers", json!("*"), "$.endpoints[0].input_headers", "must be a list, not the string \"*\""),
        ("/endpoints/0/input_headers", json!(["A", 1]), "$.endpoints[0].input_headers[1]", "must be a string, not the number 1"),
        ("/endpoints/0/input_query_strings", json!([null]), "$.endpoints[0].input_query_strings[0]", "must be a string, not null"),
        ("/endpoints/0/backend", json!(null), "$.endpoints[0].backend", "is missing: an endpoint needs one or more"),
        ("/endpoints/0/backend", json!([]), "$.endpoints[0].backend", "is empty: an endpoint needs one or more"),
        ("/endpoints/0/backend/0/host", json!(null), "$.endpoints[0].backend[0].host", "is missing: name at least one host, here or at the service"),
        ("/endpoints/0/backend/0/host", json!(["ftp://api"]), "$.endpoints[0].backend[0].host[0]", "\"ftp://api\" is not a host (write it like \"http://name:port\")"),
        ("/endpoints/0/backend/0/host", json!([format!("http://{long} ")]), "$.endpoints[0].backend[0].host[0]", &long_host),
        ("/endpoints/0/backend/0/host", json!(["http://api/v1"]), "$.endpoints[0].backend[0].host[0]", "\"http://api/v1\" has a path: put it in front of the url_pattern, or set disable_host_sanitize"),
        ("/endpoints/0/backend/0/url_pattern", json!("/b/{user}"), "$.endpoints[0].backend[0].url_pattern", "\"{user}\" is no parameter of the endpoint (it has id)"),
        ("/endpoints/0/backend/0/encoding", json!("x"), "$.endpoints[0].backend[0].encoding", "unknown encoding \"x\" (known: json, no-op, string, safejson, fast-json, xml, rss, yaml)"),
        ("/endpoints/0/backend/0/encoding", json!("csv"), "$.endpoints[0].backend[0].encoding", "unknown encoding \"csv\" (known: json, no-op, string, safejson, fast-json, xml, rss, yaml)"),
        ("/endpoints/0/backend/0/is_collection", json!("yes"), "$.endpoints[0].backend[0].is_collection", "must be true or false, not the string \"yes\""),
        ("/endpoints/0/backend/0/mapping", json!({"a": 1}), "$.endpoints[0].backend[0].mapping.a", "must be a string, not the number 1"),
        ("/endpoints/0/backend/0/extra_config", json!([]), "$.endpoints[0].backend[0].extra_config", "must be an object, not a list"),
        ("/endpoints/0/extra_config", json!({"modifier/jmespath": {}}), "$.endpoints[0].extra_config[\"modifier/jmespath\"].expr", "is missing: the expression of JMESPath"),
        ("/endpoints/0/extra_config", json!({"modifier/jmespath": {"expr": 1}}), "$.endpoints[0].extra_config[\"modifier/jmespath\"].expr", "must be a string, not the number 1"),
        ("/endpoints/0/extra_config", json!({"modifier/jmespath": {"expr": "a."}}), "$.endpoints[0].extra_config[\"modifier/jmespath\"].expr", "no expression of JMESPath: line 1, column 3: Expected identifier, '*', '{', '[', '&', or '[?' -- found Eof"),
        ("/endpoints/0/backend/0/extra_config", json!({"modifier/jmespath": {"expr": "(".repeat(300)}}), "$.endpoints[0].backend[0].extra_config[\"modifier/jmespath\"].expr", "the expression nests deeper than 250 levels of operators and brackets"),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": 5}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"]", "must be an object, not the number 5"),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {"pre": 5}}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].pre", "must be a string, not the number 5"),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {"skip_next": "no"}}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].skip_next", "must be true or false, not the string \"no\""),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {"Pre": ""}}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].Pre", "write this key as \"pre\""),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {"sources": ["a.lua"]}}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].sources[0]", "source \"a.lua\" is not in extra_config[\"envoy/lua-modifier\"].sources: add its text there under this very name (there are none)"),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {"sources": ["a.lua"], "live": true}}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].sources[0]", "source \"a.lua\" is not in extra_config[\"envoy/lua-modifier\"].sources: add its text there under this very name (there are none), or say in sources_url from where it is fetched at each run"),
        ("/endpoints/0/extra_config", json!({"modifier/lua-proxy": {"md5": {"a.lua": "0"}}}), "$.endpoints[0].extra_config[\"modifier/lua-proxy\"].md5[\"a.lua\"]", "a checksum for \"a.lua\", which this block's sources do not list"),
        ("/endpoints/0/extra_config", json!({"proxy": {"sequential": 1}}), "$.endpoints[0].extra_config.proxy.sequential", "must be true or false, not the number 1"),
        ("/endpoints/0/extra_config", json!({"proxy": {"strategy": "x"}}), "$.endpoints[0].extra_config.proxy.strategy", "unknown strategy \"x\" (known: sequential, parallel)"),
        ("/endpoints/0/extra_config", json!({"proxy": {"static": {"data": 1}}}), "$.endpoints[0].extra_config.proxy.static.data", "must be an object, not the number 1"),
        ("/endpoints/0/extra_config", json!({"envoy/lua-modifier": {"strict": true}}), "$.endpoints[0].extra_config[\"envoy/lua-modifier\"].strict", "strict belongs to envoy/lua-modifier of the service; an endpoint, or an agent, has limits only"),
        ("/endpoints/0/extra_config", json!({"envoy/lua-modifier": {"limits": {"call": 1}}}), "$.endpoints[0].extra_config[\"envoy/lua-modifier\"].limits.call", "unknown key (known: instructions, memory_bytes, body_bytes, calls, time_ms, print_bytes)"),
        ("/endpoints/0/extra_config", json!({"auth/basic": {}}), "$.endpoints[0].extra_config[\"auth/basic\"]", "auth/basic protects this API and is not enforced here: Envoy's filter envoy.filters.http.basic_auth, in front of this one, checks users by {SHA} entries (htpasswd -s), and knows no bcrypt: make the entries anew, or let envoy.filters.http.ext_authz ask a service that has the old ones; then name \"auth/basic\" in extra_config[\"envoy/lua-modifier\"].ignore, or remove it"),
        ("/endpoints/0/extra_config", json!({"github.com/devopsfaith/krakend-cel": {}}), "$.endpoints[0].extra_config[\"github.com/devopsfaith/krakend-cel\"]", "validation/cel protects this API and is not enforced here: a script that leaves with custom_error, or Envoy's filter envoy.filters.http.rbac with a CEL condition; then name \"github.com/devopsfaith/krakend-cel\" in extra_config[\"envoy/lua-modifier\"].ignore, or remove it"),
        ("/endpoints/0/backend/0/extra_config", json!({"qos/circuit-breaker/http": {}}), "$.endpoints[0].backend[0].extra_config[\"qos/circuit-breaker/http\"]", "qos/circuit-breaker/http protects this API and is not enforced here: let Envoy do it and name \"qos/circuit-breaker/http\" in extra_config[\"envoy/lua-modifier\"].ignore, or remove it"),
        ("/endpoints/0/backend/0/extra_config", json!({"envoy/lua-modifier": {}}), "$.endpoints[0].backend[0].extra_config[\"envoy/lua-modifier\"]", "belongs to the extra_config of the service, of an endpoint or of an agent"),
        ("/endpoints/0/backend/0/extra_config", json!({"backend/http": {"return_error_code": 1}}), "$.endpoints[0].backend[0].extra_config[\"backend/http\"].return_error_code", "must be true or false, not the number 1"),
        ("/extra_config", json!({"router": {"return_error_msg": "true"}}), "$.extra_config.router.return_error_msg", "must be true or false, not the string \"true\""),
        ("/extra_config", json!({"router": {}, "github_com/luraproject/lura/router/gin": {}}), "$.extra_config[\"github_com/luraproject/lura/router/gin\"]", "\"router\" is the same namespace: keep one of them"),
        ("/extra_config", json!({"security/http": {}}), "$.extra_config[\"security/http\"]", "security/http protects this API and is not enforced here: `lua-modifier bundle` has Envoy do it, and says so in enforced_by_envoy; where Envoy does it otherwise, name \"security/http\" in extra_config[\"envoy/lua-modifier\"].ignore, or remove it"),
    ];
    for (pointer, value, at, what) in &table {
        let mut changes = vec![(*pointer, value.clone())];
        if pointer.starts_with("/endpoints/0/endpoint") {
            changes.push(("/endpoints/0/backend/0/url_pattern", json!("/")));
        }
        assert_eq!(complaint(&changes), format!("configuration: {at}: {what}"), "{pointer} {value}");
    }
    assert!(table.len() >= 40);
}

#[test]
fn a_broken_value_of_our_own_namespace_is_refused() {
    let place = "$.extra_config[\"envoy/lua-modifier\"]";
    let known = "sources, files, bundle, env, clusters, default_cluster, limits, sources_url, user_agent, ignore, strict, endpoint_error_bodies, error_header, log_level, unmatched, listener, health, helpers, enforced_by_envoy, key_ids";
    let unknown = format!("unknown key (known: {known})");
    #[rustfmt::skip] // one row a line
    let table: [(Value, &str, &str); 23] = [
        (json!([]), "", "must be an object, not a list"),
        (json!({"source": {}}), ".source", &unknown),
        (json!({"sources": {"a.lua": 1}}), ".sources[\"a.lua\"]", "must be a string, not the number 1"),
        (json!({"files": []}), ".files", "must be an object, not a list"),
        (json!({"files": {"lua/a.lua": ["x"]}}), ".files[\"lua/a.lua\"]", "must be a string, not a list"),
        (json!({"bundle": "lua/*.lua"}), ".bundle", "must be a list, not the string \"lua/*.lua\""),
        (json!({"bundle": [{}]}), ".bundle[0]", "must be a string, not an object"),
        (json!({"env": {"KEY": "v"}}), ".env", "must be a list, not an object"),
        (json!({"env": ["KEY", 5]}), ".env[1]", "must be a string, not the number 5"),
        (json!({"env": ["KEY=v"]}), ".env[0]", "\"KEY=v\" is not the name of an environment variable"),
        (json!({"env": [""]}), ".env[0]", "\"\" is not the name of an environment variable"),
        (json!({"clusters": {"a b": "x"}}), ".clusters[\"a b\"]", "\"a b\" is not a host (write it like \"http://name:port\")"),
        (json!({"clusters": {"a": ""}}), ".clusters.a", "must name a cluster of Envoy"),
        (json!({"clusters": {"a": "x", "http://A:80/": "y"}}), ".clusters[\"http://A:80/\"]", "http://a:80 is given another cluster by another key of this map"),
        (json!({"default_cluster": 1}), ".default_cluster", "must be a string, not the number 1"),
        (json!({"limits": {"instructions": 0}}), ".limits.instructions", "must be at least 1"),
        (json!({"limits": {"calls": -1}}), ".limits.calls", "must be a whole number, 0 or more, not the number -1"),
        (json!({"limits": {"calls": 1.5}}), ".limits.calls", "must be a whole number, 0 or more, not the number 1.5"),
        (json!({"sources_url": "ftp://files"}), ".sources_url", "\"ftp://files\" is not a host (write it like \"http://name:port\")"),
        (json!({"user_agent": "a\nb"}), ".user_agent", "must be fit for a header: no line ends, no control characters"),
        (json!({"ignore": "auth/validator"}), ".ignore", "must be a list, not the string \"auth/validator\""),
        (json!({"unmatched": "drop"}), ".unmatched", "unknown choice \"drop\" (known: pass, answer)"),
        (json!({"log_level": "loud"}), ".log_level", "unknown level \"loud\" (known: trace, debug, info, warn, error)"),
    ];
    for (value, at, what) in &table {
        let extra = json!({"envoy/lua-modifier": value});
        assert_eq!(complaint(&[("/extra_config", extra)]), format!("configuration: {place}{at}: {what}"), "{value}");
    }
}

#[test]
fn sources_must_be_there_and_be_the_right_ones() {
    let block = |block: Value| {
        let plugin =
            json!({"sources": {"a.lua": "function fa() return 'A' end", "b.lua": ""}, "sources_url": "http://files"});
        let changes = [
            ("/extra_config", json!({"envoy/lua-modifier": plugin})),
            ("/endpoints/0/extra_config", json!({"modifier/lua-endpoint": block})),
        ];
        read(document(&changes).to_string().as_bytes()).map(|_| ()).map_err(|error| error.to_string())
    };
    let place = "configuration: $.endpoints[0].extra_config[\"modifier/lua-endpoint\"]";
    let sum = "7916904b5f4a6f4b1a2b3ec799092f83";
    #[rustfmt::skip] // one row a line
    let table = [
        (json!({"sources": ["a.lua"], "md5": {"a.lua": sum}}), None),
        (json!({"sources": ["a.lua", "b.lua"], "md5": {"a.lua": sum}}), None),
        (json!({"sources": ["x.lua"], "md5": {"x.lua": "0"}, "live": true}), None),
        (json!({"sources": ["./a.lua"]}), Some(".sources[0]: source \"./a.lua\" is not in extra_config[\"envoy/lua-modifier\"].sources: add its text there under this very name (there are \"a.lua\", \"b.lua\")".to_owned())),
        (json!({"sources": ["a.lua"], "md5": {"a.lua": sum.to_uppercase()}}), Some(format!(".md5[\"a.lua\"]: md5 of \"a.lua\" is \"{sum}\", not \"{}\": mend the source or the checksum (lower case counts)", sum.to_uppercase()))),
        (json!({"sources": ["a.lua"], "md5": {"b.lua": sum}}), Some(".md5[\"b.lua\"]: a checksum for \"b.lua\", which this block's sources do not list".to_owned())),
        (json!({"sources": ["../x.lua"], "live": true}), Some(".sources[0]: \"../x.lua\" leaves the folder of sources_url: no \"..\" here".to_owned())),
    ];
    for (value, wanted) in table {
        let wanted = wanted.map_or(Ok(()), |what| Err(format!("{place}{what}")));
        assert_eq!(block(value.clone()), wanted, "{value}");
    }
}

#[test]
fn what_krakends_router_cannot_tell_apart_is_refused() {
    let backend = json!([{"host": ["http://api"]}]);
    let endpoint = |method: &str, path: &str| json!({"endpoint": path, "method": method, "backend": backend});
    #[rustfmt::skip] // one row a line
    let table = [
        (("GET", "/a"), ("get", "/a"), Some("the method and path of $.endpoints[0] once more")),
        (("GET", "/{a}"), ("GET", "/{b}/c"), Some("{b} stands where $.endpoints[0] has {a}: give both the same name")),
        (("GET", "/{a}"), ("POST", "/{b}/c"), None),
        (("GET", "/a"), ("GET", "/a/"), None),
        (("GET", "/a"), ("GET", "/A"), None),
        (("GET", "/a"), ("GET", "/{x}"), None),
    ];
    for (first, second, wanted) in table {
        let list = json!([endpoint(first.0, first.1), endpoint(second.0, second.1)]);
        let result = read(document(&[("/endpoints", list)]).to_string().as_bytes()).map(|_| ());
        let wanted = wanted.map_or(Ok(()), |what| Err(format!("configuration: $.endpoints[1].endpoint: {what}")));
        assert_eq!(result.map_err(|error| error.to_string()), wanted, "{first:?} {second:?}");
    }
}

#[test]
fn several_backends_cannot_be_handed_through() {
    let backend = json!({"host": ["http://api"]});
    let changes =
        [("/endpoints/0/output_encoding", json!("no-op")), ("/endpoints/0/backend", json!([backend, backend]))];
    let what = "output_encoding \"no-op\" hands one response through: it cannot merge several backends";
    assert_eq!(complaint(&changes), format!("configuration: $.endpoints[0].backend: {what}"));
}

#[test]
fn what_is_no_json_is_told_with_line_column_and_what_stands_there() {
    let deep = "[".repeat(100_000);
    #[rustfmt::skip] // one row a line
    let table: [(&str, &str); 8] = [
        ("", "$: the document is empty"),
        (" \n", "$: the document is empty"),
        ("[]", "$: must be an object, not a list"),
        ("{\n  \"version\": 3,\n  \"x\": {\"a\": 1, }\n}", "line 3, column 17: trailing comma, before or at \"}\""),
        ("{\"a\" 1}", "line 1, column 6: expected `:`, before or at \"1}\""),
        ("{\"a\": 1", "line 1, column 7: EOF while parsing an object, before or at \"1\""),
        ("{\"a\": 1} x", "line 1, column 10: trailing characters, before or at \"x\""),
        (&deep, "line 1, column 128: recursion limit exceeded, before or at \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""),
    ];
    for (text, wanted) in table {
        let short: String = text.chars().take(50).collect();
        assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), format!("configuration: {wanted}"), "{short}");
    }
    assert!(read(b"{\"a\": \"\xff\"}").unwrap_err().to_string().starts_with("configuration: line 1, column 8: "));
}

#[test]
fn a_complaint_is_one_line_whatever_was_written() {
    let changes = [("/endpoints/0/backend/0/encoding", json!("a\nb\u{1b}[31m"))];
    assert!(complaint(&changes).contains("\"a\\nb\\u{1b}[31m\""));
    assert!(!complaint(&changes).contains('\n'));
    let changes = [("/endpoints/0/extra_config", json!({"auth/\nx": {}}))];
    assert!(!complaint(&changes).contains('\n'), "{}", complaint(&changes));
}
