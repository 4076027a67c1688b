//! What `lua-modifier bundle` makes of agents: the second listener, its configuration, and the bundles that have no such
//! listener. `agents_in_envoy.rs` tests that the listener works.

use serde_json::{Value, json};
use tests::cases::list;
use tests::command::{call, yaml};
use tests::machine::Folder;

fn document() -> Value {
    json!({
        "version": 3, "timeout": "4s",
        "extra_config": {"security/http": {"allowed_hosts": ["a.test"]}, "envoy/lua-modifier": {"listener": "agents"}},
        "endpoints": [{"endpoint": "/t", "backend": [{"host": ["http://one"], "url_pattern": "/b"}]}],
        "async_agent": [{
            "name": "orders", "consumer": {"topic": "*", "timeout": "20s"},
            "backend": [{"host": ["http://two:81"], "url_pattern": "/b"}],
            "extra_config": {
                "async/amqp": {"host": "amqp://rabbit/", "name": "q", "exchange": "e"},
                "modifier/lua-proxy": {"sources": ["lib.lua"], "pre": "http_response.new('http://three/x')"},
            },
        }],
    })
}

fn place(document: &Value) -> Folder {
    let place = Folder::default();
    place.write("krakend.json", document.to_string());
    place.write("lib.lua", "x = 1");
    place
}

/// The configuration of a listener's filter.
fn configuration(listener: &Value) -> Value {
    let filters = list(&listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]).to_vec();
    let ours = filters.iter().find(|filter| {
        filter["name"].as_str().unwrap().starts_with("lua-modifier")
            && filter["typed_config"]["config"]["vm_config"].is_object()
    });
    serde_json::from_str(ours.unwrap()["typed_config"]["config"]["configuration"]["value"].as_str().unwrap()).unwrap()
}

#[test]
fn agents_have_a_listener_of_their_own_with_what_they_need() {
    let place = place(&document());
    let said = call(place.path(), &["bundle", "krakend.json", "--listen=127.0.0.1:10000"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let bootstrap = yaml::document(&said.out);
    let [endpoints, agents] = list(&bootstrap["static_resources"]["listeners"]) else { panic!() };
    assert_eq!((&endpoints["name"], &agents["name"]), (&json!("lua-modifier"), &json!("lua-modifier-agents")));
    assert_eq!(agents["address"]["socket_address"], json!({"address": "127.0.0.1", "port_value": 10100}));
    let manager = &agents["filter_chains"][0]["filters"][0]["typed_config"];
    assert_eq!(manager["stat_prefix"], "lua-modifier-agents");
    assert_eq!(manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["timeout"], "20s");
    let filters: Vec<&str> = list(&manager["http_filters"]).iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(filters, ["lua-modifier-agents", "envoy.filters.http.router"], "no front");
    let plugin = |filter: &Value| filter["typed_config"]["config"].clone();
    let (own, other) = (plugin(&manager["http_filters"][0]), endpoints.to_string());
    assert_eq!((&own["root_id"], &own["vm_config"]["vm_id"]), (&json!("agents"), &json!("lua-modifier")));
    assert!(other.contains("lua-modifier.front"), "{other}");
    let (of_endpoints, of_agents) = (configuration(endpoints), configuration(agents));
    assert_eq!(of_agents["extra_config"]["envoy/lua-modifier"]["listener"], "agents");
    assert_eq!(of_agents["extra_config"]["envoy/lua-modifier"]["sources"], json!({"lib.lua": "x = 1"}));
    assert_eq!((of_agents.get("endpoints"), &of_agents["timeout"]), (None, &json!("4s")));
    assert_eq!(of_endpoints["extra_config"]["envoy/lua-modifier"].get("listener"), None);
    let clusters: Vec<&str> =
        list(&bootstrap["static_resources"]["clusters"]).iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(clusters, ["one:80", "two:81", "three:80"]);
    let alone = call(place.path(), &["bundle", "krakend.json", "--plugin-config", "--agents"]);
    // Alone, the document is refused because of its front.
    assert_eq!(alone.code, Some(1), "{}", alone.err);
}

#[test]
fn the_configuration_of_agents_can_be_had_alone() {
    let mut document = document();
    document["extra_config"] = json!({});
    let place = place(&document);
    let said = call(place.path(), &["bundle", "krakend.json", "--plugin-config", "--agents"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let told: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told["extra_config"]["envoy/lua-modifier"]["listener"], "agents");
    let said = call(place.path(), &["bundle", "krakend.json", "--plugin-config"]);
    assert_eq!(said.code, Some(0));
    assert!(said.err.contains("--plugin-config --agents writes it"), "{}", said.err);
    assert!(said.out.contains("\"endpoints\""));
    document.as_object_mut().unwrap().remove("async_agent");
    place.write("krakend.json", document.to_string());
    let said = call(place.path(), &["bundle", "krakend.json", "--plugin-config", "--agents"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("has no async_agent: leave --agents out"), "{}", said.err);
}

#[test]
fn a_mesh_gets_no_listener_for_agents_and_is_told_what_to_do() {
    let place = place(&document());
    for kind in ["--istio", "--envoy-gateway"] {
        let said =
            call(place.path(), &["bundle", "krakend.json", kind, "--module-path=oci://registry.example.com/m:1"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(said.err.contains("run `lua-modifier agent krakend.json` beside it"), "{}", said.err);
        assert!(!said.out.contains("\"listener\": \"agents\""));
    }
}

#[test]
fn what_the_module_refuses_of_an_agent_is_not_written() {
    let mut document = document();
    document["async_agent"][0]["extra_config"]["modifier/lua-proxy"] = json!({"pre": "end"});
    let place = place(&document);
    let said = call(place.path(), &["bundle", "krakend.json"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("$.async_agent[0].extra_config[\"modifier/lua-proxy\"].pre: line 1"), "{}", said.err);
    let said = call(place.path(), &["check", "krakend.json"]);
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains("error[syntax]") || said.out.contains("syntax"), "{}", said.out);
}

#[test]
fn both_listeners_cannot_have_one_address() {
    let place = place(&document());
    let said =
        call(place.path(), &["bundle", "krakend.json", "--listen=0.0.0.0:9000", "--agents-listen=127.0.0.1:9000"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("give the agents another address with --agents-listen"), "{}", said.err);
}
