//! Envoy's configuration for some cases: a listener for each, and as few additions by Envoy as possible, so that the filter
//! sees what arrives, and what the filter writes is what leaves.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::cases::CLOSED;

/// The header by which the filter chooses the cluster.
const ROUTE_HEADER: &str = "x-lua-modifier-cluster";
const HTTP: &str =
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const MUTATION: &str = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const ROUTER: &str = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
const LISTENER: &str = "type.googleapis.com/envoy.config.listener.v3.Listener";
const UPSTREAM_OPTIONS: &str = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/// The listener that answers without the filter.
pub(super) const PROBE: &str = "probe";

/// What Envoy must serve for one case.
pub(crate) struct Served {
    /// The name of the listener, and of the VM.
    pub(crate) listener: String,
    /// The plugin configuration, as text.
    pub(crate) configuration: String,
    /// Variables of the VM's environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// The case's own clusters: name and `host:port`; an empty address makes a cluster without a host.
    pub(crate) clusters: Vec<(String, String)>,
    /// `allow_on_headers_stop_iteration`.
    pub(crate) body_while_headers_are_held: bool,
    /// The HTTP filters before the module.
    pub(crate) in_front: Vec<Value>,
    /// Additional settings of the connection manager.
    pub(crate) manager: Value,
    /// The plugin's settings for a worker whose VM has died.
    pub(crate) when_it_fails: Value,
}

/// The file with which Envoy starts. Listeners come from another file, so that a refused one does not affect the others.
pub(super) fn bootstrap(served: &[Served], listeners: &Path) -> Value {
    let own = served.iter().flat_map(|one| &one.clusters).map(|(name, authority)| cluster(name, authority));
    let clusters: Vec<Value> = [cluster("closed", CLOSED)].into_iter().chain(own).collect();
    json!({
        "node": {"id": "tests", "cluster": "tests"},
        "admin": {"address": address("127.0.0.1:0")},
        "static_resources": {"clusters": clusters},
        "dynamic_resources": {"lds_config": {"path_config_source": {"path": listeners}}},
    })
}

/// The file with the listeners.
pub(super) fn listeners(served: &[Served], module: &Path) -> Value {
    let cases = served.iter().map(|one| case_listener(one, module));
    let all: Vec<Value> = cases.chain([probe()]).collect();
    json!({"resources": all})
}

fn address(authority: &str) -> Value {
    let (host, port) = authority.rsplit_once(':').unwrap();
    json!({"socket_address": {"address": host, "port_value": port.parse::<u16>().unwrap()}})
}

fn cluster(name: &str, authority: &str) -> Value {
    let as_go_writes_names = json!({"header_key_format": {"proper_case_words": {}}});
    let hosts: Vec<Value> = Some(authority)
        .filter(|at| !at.is_empty())
        .map(|at| json!({"endpoint": {"address": address(at)}}))
        .into_iter()
        .collect();
    json!({
        "name": name, "type": "STATIC", "connect_timeout": "10s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": UPSTREAM_OPTIONS, "explicit_http_config": {"http_protocol_options": as_go_writes_names},
        }},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": hosts}]},
    })
}

fn case_listener(served: &Served, module: &Path) -> Value {
    let unwanted = ["x-request-id", "x-envoy-internal", "x-envoy-external-address"];
    let mut plugin = json!({
        "name": served.listener,
        "allow_on_headers_stop_iteration": served.body_while_headers_are_held,
        "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": served.configuration},
        "vm_config": {
            "vm_id": served.listener, "runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": module}},
            "environment_variables": {"key_values": served.environment},
        },
    });
    merge(&mut plugin, &served.when_it_fails);
    let route = json!({
        "match": {"prefix": "/"},
        "route": {"cluster_header": ROUTE_HEADER, "cluster_not_found_response_code": "NOT_FOUND"},
        "request_headers_to_remove": [ROUTE_HEADER],
    });
    let mutation = json!({"request_mutations": unwanted.map(|name| json!({"remove": name}))});
    let mut filters = vec![filter("header_mutation", json!({"@type": MUTATION, "mutations": mutation}))];
    filters.extend(served.in_front.iter().cloned());
    filters.push(filter("wasm", json!({"@type": WASM, "config": plugin})));
    filters.push(filter("router", json!({"@type": ROUTER, "suppress_envoy_headers": true})));
    let mut manager = json!({
            "codec_type": "HTTP1",
            "generate_request_id": false,
            "use_remote_address": false,
            "skip_xff_append": true,
            "server_header_transformation": "PASS_THROUGH",
            "normalize_path": false,
            "merge_slashes": false,
            "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
            "stream_error_on_invalid_http_message": true,
            "http_protocol_options": {"allow_absolute_url": true, "accept_http_10": true},
            "route_config": routes(route),
            "http_filters": filters,
    });
    merge(&mut manager, &served.manager);
    listener(&served.listener, manager)
}

fn merge(into: &mut Value, more: &Value) {
    into.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

/// A listener without the filter: if it answers and another listener does not, the worker is not stuck.
fn probe() -> Value {
    let route = json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}});
    listener(
        PROBE,
        json!({"route_config": routes(route), "http_filters": [filter("router", json!({"@type": ROUTER}))]}),
    )
}

fn routes(route: Value) -> Value {
    json!({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]})
}

fn filter(name: &str, config: Value) -> Value {
    json!({"name": format!("envoy.filters.http.{name}"), "typed_config": config})
}

fn listener(name: &str, mut manager: Value) -> Value {
    manager["@type"] = HTTP.into();
    manager["stat_prefix"] = name.into();
    json!({
        "@type": LISTENER,
        "name": name,
        "address": address("127.0.0.1:0"),
        "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}],
    })
}
