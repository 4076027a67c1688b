//! The output of `lua-modifier bundle` in a real Envoy: it accepts every configuration of the cases, and manifests' filters and
//! clusters of every kind, and the demo's configuration serves. `cli_bundle_watch_in_envoy.rs` tests that it follows changes.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tests::built::module_from_env;
use tests::cases::plugin_config::{is_live, key_sets};
use tests::cases::{self, Addresses, Case, ClientRequest, list};
use tests::command::{call, yaml};
use tests::envoy::{Bundled, validate};
use tests::machine::Folder;
use tests::repository;
use tests::upstreams::{Rule, Upstream};
use tests::wire::client;
use tests::worlds::one_by_one;
use tokens::KeySet;

/// The number of configurations that one Envoy validates at once: each has a plugin, and they share a VM.
const BATCH: usize = 90;
const PROCESSES: usize = 2;

/// A case's configuration as its author would write it, with its sources inside: different cases use the same file names.
fn document(case: &Case) -> Value {
    let at = Addresses { upstream: "127.0.0.1:10001".into(), files: None, gateway: String::new() };
    let mut document = at.fill_json(&case.config);
    let sources: BTreeMap<&str, String> = case
        .lua_blocks()
        .into_iter()
        .flat_map(|block| list(&block["sources"]))
        .filter_map(Value::as_str)
        .filter_map(|name| Some((name, at.fill(case.files.get(name.trim_start_matches("./"))?))))
        .collect();
    if !sources.is_empty() {
        let ours = &mut document["extra_config"]["envoy/lua-modifier"]["sources"];
        for (name, text) in sources {
            ours[name] = text.into();
        }
    }
    if is_live(case) {
        document["extra_config"]["envoy/lua-modifier"]["sources_url"] = "http://127.0.0.1:10002/lua".into();
    }
    for endpoint in document["endpoints"].as_array_mut().into_iter().flatten() {
        if let Some(Value::String(name)) = endpoint.pointer_mut("/extra_config/auth~1validator/jwk_local_path") {
            *name = key_file(case, name);
        }
    }
    document
}

/// The name of a case's key set among all key sets.
fn key_file(case: &Case, name: &str) -> String {
    format!("{}.{name}", case.name)
}

#[test]
fn envoy_takes_the_bundle_of_every_configuration_of_the_cases() {
    let place = Folder::default();
    let cases: Vec<Case> = cases::load("*").into_iter().filter(|case| case.config.is_object()).collect();
    let cases: Vec<Case> =
        cases.into_iter().filter(|case| sources_are_there(case) && key_sets_are_there(case)).collect();
    for case in &cases {
        for name in key_sets(case) {
            place.write(&key_file(case, &name), &case.files[&name]);
        }
        place.write(&format!("in/{}.json", case.name), document(case).to_string());
    }
    place.write("out/x", "");
    let parts: Vec<&[Case]> = cases.chunks(cases.len().div_ceil(PROCESSES)).collect();
    one_by_one(&parts, PROCESSES, |_, part| {
        let names: Vec<String> = part.iter().map(|case| format!("in/{}.json", case.name)).collect();
        let arguments = ["bundle", "-o", "out"].into_iter().chain(names.iter().map(String::as_str));
        let said = call(place.path(), &arguments.collect::<Vec<&str>>());
        assert!(matches!(said.code, Some(0 | 1)), "{:?}: {}", said.code, said.err);
    });
    let bundled = |case: &&Case| place.path().join(format!("out/{}.yaml", case.name)).is_file();
    let (served, refused): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(bundled);
    println!("{} of {} configurations are served, {} refused", served.len(), cases.len(), refused.len());
    assert!(served.len() >= 500, "{} of {}", served.len(), cases.len());

    let batches: Vec<&[&Case]> = served.chunks(BATCH).collect();
    let taken = one_by_one(&batches, PROCESSES, |number, batch| {
        let all: Vec<Value> =
            batch.iter().map(|case| yaml::document(&place.read(&format!("out/{}.yaml", case.name)))).collect();
        let path = place.path().join(format!("all-{number}.json"));
        fs::write(&path, merged(&all).to_string()).unwrap();
        validate(&path)
    });
    let refusals: Vec<String> = taken.into_iter().filter_map(Result::err).collect();
    assert!(refusals.is_empty(), "{}", refusals.join("\n"));
}

/// Whether the sources of a case exist; if they do not, the command itself refuses the case.
fn sources_are_there(case: &Case) -> bool {
    let fixed = case.lua_blocks().into_iter().filter(|block| block["live"] != true || !is_live(case));
    let mut names = fixed.flat_map(|block| list(&block["sources"])).filter_map(Value::as_str);
    names.all(|name| case.files.contains_key(name.trim_start_matches("./")))
}

/// Whether the key sets of a case can be read; if they cannot, the command ends.
fn key_sets_are_there(case: &Case) -> bool {
    key_sets(case).iter().all(|name| case.files.get(name).is_some_and(|text| KeySet::read(text.as_bytes()).is_ok()))
}

/// Several bootstraps as one: the listeners of each, and each cluster once.
fn merged(bootstraps: &[Value]) -> Value {
    let mut clusters: BTreeMap<String, Value> = BTreeMap::new();
    let mut listeners = Vec::new();
    for (number, bootstrap) in bootstraps.iter().enumerate() {
        // One listener is for the endpoints, and perhaps one for agents.
        for (which, listener) in list(&bootstrap["static_resources"]["listeners"]).iter().enumerate() {
            let mut listener = listener.clone();
            listener["name"] = format!("listener_{number}_{which}").into();
            listener["address"]["socket_address"]["port_value"] = 0.into();
            listeners.push(listener);
        }
        for cluster in list(&bootstrap["static_resources"]["clusters"]) {
            let name = cluster["name"].as_str().unwrap();
            // Clusters with the same name are equal, except for how much of a body they hold.
            clusters.entry(name.to_owned()).or_insert_with(|| cluster.clone());
        }
    }
    let clusters: Vec<Value> = clusters.into_values().collect();
    json!({"static_resources": {"listeners": listeners, "clusters": clusters}})
}

fn authority_rule(path: &str, body: &Value) -> Rule {
    Rule::new(&json!({"path": path, "body": body.to_string()}))
}

#[test]
fn the_demos_bundle_serves() {
    let upstream = Upstream::start();
    upstream.set_rules(vec![
        authority_rule("/v1/orders/7", &json!({"id": 7, "source_result": {"message": "Successfully shipped"}})),
        authority_rule("/v1/account", &json!({"account": "A-17"})),
        Rule::new(&json!({"path": "/check", "method": "POST", "headers": {"X-User": "alice"}, "body": "{}"})),
        authority_rule("/v1/users/alice", &json!({"name": "Alice", "city": "Lisbon"})),
        authority_rule("/v1/orders-of/alice", &json!([{"id": 7, "amount": 30}, {"id": 9, "amount": 12.5}])),
        authority_rule("/v1/offers", &json!({"offers": ["tea"], "internal_margin": 0.4})),
    ]);
    let place = Folder::default();
    let output = place.path().join("envoy.yaml");
    let detours: Vec<String> = ["shop", "users", "auth"]
        .iter()
        .map(|host| format!("--connect-to=http://{host}.internal={}", upstream.authority()))
        .collect();
    let mut arguments =
        vec!["bundle", "krakend.json", "--listen=127.0.0.1:0", "--admin-port=0", "-o", output.to_str().unwrap()];
    arguments.extend(detours.iter().map(String::as_str));
    let said = call(repository::root().join("envoy/demo"), &arguments);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));

    // The same bootstrap, with the configuration as a message instead of a text.
    let mut bootstrap = yaml::document(&fs::read_to_string(&output).unwrap());
    let manager = &mut bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let configuration = &mut manager["http_filters"][0]["typed_config"]["config"]["configuration"];
    let document: Value = serde_json::from_str(configuration["value"].as_str().unwrap()).unwrap();
    *configuration = json!({"@type": "type.googleapis.com/google.protobuf.Struct", "value": document});
    place.write("struct.json", bootstrap.to_string());
    let structured = place.path().join("struct.json");

    for (envoy, bootstrap) in [("ENVOY", &output), ("ENVOY_OLDEST", &output), ("ENVOY", &structured)] {
        let envoy = Bundled::start_as(envoy, bootstrap);
        let get = |path: &str, headers: &[(&str, &str)]| {
            let plain = ClientRequest::new("GET", path);
            let request = headers.iter().fold(plain, |request, (name, value)| request.header(name, value));
            client::send(envoy.port("lua-modifier"), &request).unwrap().told()
        };
        let order = json!({"id": 7, "result": "success", "source_result": {"message": "Successfully shipped"}});
        assert_eq!(get("/orders/7", &[]), (200, order));
        assert_eq!(get("/coffee", &[]).0, 418);
        assert_eq!(get("/nowhere", &[]).0, 404);
        assert_eq!(get("/account", &[("Authorization", "Bearer sesame")]), (200, json!({"account": "A-17"})));
        let board = get("/dashboard/alice", &[]);
        assert_eq!((board.0, &board.1["user"]["name"], &board.1["offers"]), (200, &json!("Alice"), &json!(["tea"])));
    }
    let asked = upstream.asked();
    let account = asked.iter().find(|asked| asked.path == "/v1/account").unwrap();
    let header = |name: &str| account.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
    assert_eq!(header("x-user").unwrap().1, "alice");
    assert_eq!(header("host").unwrap().1, "users.internal");
    assert_eq!(header("x-lua-modifier-cluster"), None);
}

#[test]
fn the_filter_of_the_manifests_is_one_that_envoy_takes() {
    let place = Folder::default();
    let document = json!({
        "version": 3,
        "endpoints": [{
            "endpoint": "/t", "backend": [{"host": ["http://shop.default.svc.cluster.local"], "url_pattern": "/b"}],
            "extra_config": {"modifier/lua-proxy": {"post": "response.load():data():set('said', 'hello')"}},
        }],
    });
    place.write("krakend.json", document.to_string());
    let written = |kind: &str| {
        let said = call(place.path(), &["bundle", "krakend.json", kind, "--module-path", "oci://r.example.com/m:1"]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        yaml::documents(&said.out)
    };
    let istio = written("--istio");
    let patches = list(&istio[0]["spec"]["configPatches"]);
    let of = |kind: &str| -> Vec<Value> {
        patches.iter().filter(|patch| patch["applyTo"] == kind).map(|patch| patch["patch"]["value"].clone()).collect()
    };
    let mut filter = of("EXTENSION_CONFIG").remove(0);
    let code = &mut filter["typed_config"]["config"]["vm_config"]["code"];
    assert_eq!(code["remote"]["http_uri"]["uri"], "oci://r.example.com/m:1");
    *code = json!({"local": {"filename": module_from_env().unwrap()}});
    assert_eq!(of("HTTP_FILTER")[0]["name"], filter["name"]);
    accepted(&place, filter, of("HTTP_ROUTE"), of("CLUSTER"));

    let gateway = written("--envoy-gateway");
    let kinds: Vec<&str> = gateway.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["EnvoyExtensionPolicy", "EnvoyPatchPolicy", "HTTPRoute", "HTTPRouteFilter"]);
    let patches = list(&gateway[1]["spec"]["jsonPatches"]);
    let of = |kind: &str| -> Vec<Value> {
        let fits = |patch: &&Value| patch["type"].as_str().unwrap().ends_with(kind);
        patches.iter().filter(fits).map(|patch| patch["operation"].clone()).collect()
    };
    let values = |kind: &str| of(kind).iter().map(|operation| operation["value"].clone()).collect::<Vec<Value>>();
    let mut config = json!({
        "name": "lua-modifier",
        "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": module_from_env().unwrap()}}},
        "configuration": {
            "@type": "type.googleapis.com/google.protobuf.Struct", "value": gateway[0]["spec"]["wasm"][0]["config"],
        },
    });
    for patch in of("Listener") {
        config[patch["path"].as_str().unwrap()] = patch["value"].clone();
    }
    assert_eq!(
        (&config["allow_on_headers_stop_iteration"], &config["failure_policy"]),
        (&json!(true), &json!("FAIL_RELOAD"))
    );
    let typed = json!({"@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm", "config": config});
    accepted(
        &place,
        json!({"name": "lua-modifier", "typed_config": typed}),
        values("RouteConfiguration"),
        values("Cluster"),
    );
}

/// Tests that Envoy accepts a listener with this filter, this route and these clusters.
fn accepted(place: &Folder, filter: Value, routes: Vec<Value>, clusters: Vec<Value>) {
    assert_eq!((routes.len(), clusters.len()), (1, 1));
    let said = call(place.path(), &["bundle", "krakend.json"]);
    let mut bootstrap = yaml::document(&said.out);
    bootstrap["static_resources"]["clusters"] = clusters.into();
    let manager = &mut bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    manager["http_filters"][0] = filter;
    manager["route_config"]["virtual_hosts"][0]["routes"] = routes.into();
    place.write("whole.json", bootstrap.to_string());
    validate(&place.path().join("whole.json")).unwrap();
}

#[test]
fn envoy_takes_clusters_of_every_kind() {
    let place = Folder::default();
    let script = "print('https://example.com', 'https://10.0.0.1:8443', 'http://[::1]:8080')";
    let document = json!({
        "version": 3,
        "extra_config": {"envoy/lua-modifier": {
            "default_cluster": "dynamic_forward_proxy", "limits": {"body_bytes": 5_000_000},
            "clusters": {
                "https://example.com": "example", "https://10.0.0.1:8443": "address", "http://[::1]:8080": "six",
                "https://one.example.com": "two", "https://two.example.com": "two",
            },
        }},
        "endpoints": [{
            "endpoint": "/t", "backend": [{"host": ["http://any.example.com"], "url_pattern": "/"}],
            "extra_config": {"modifier/lua-proxy": {"pre": script}},
        }],
    });
    place.write("krakend.json", document.to_string());
    let said = call(place.path(), &["bundle", "krakend.json", "-o", "envoy.yaml"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let clusters = yaml::document(&place.read("envoy.yaml"))["static_resources"]["clusters"].clone();
    let kinds: Vec<(&Value, &Value, &Value)> = list(&clusters)
        .iter()
        .map(|cluster| (&cluster["name"], &cluster["type"], &cluster["transport_socket"]["typed_config"]["sni"]))
        .collect();
    let null = Value::Null;
    let (fixed, by_name) = (json!("STATIC"), json!("STRICT_DNS"));
    assert_eq!(
        kinds,
        [
            (&json!("dynamic_forward_proxy"), &null, &null),
            (&json!("example"), &by_name, &json!("example.com")),
            (&json!("address"), &fixed, &null),
            (&json!("six"), &fixed, &null),
            (&json!("two"), &by_name, &null),
        ]
    );
    validate(&place.path().join("envoy.yaml")).unwrap();
}
