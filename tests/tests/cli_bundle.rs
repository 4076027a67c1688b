//! `lua-modifier bundle` without a gateway: its output, read back by another parser, and its messages about bad input.
//! `cli_bundle_in_envoy.rs` tests whether Envoy accepts and serves the output.

use serde_json::{Value, json};
use tests::cases::list;
use tests::command::{call, yaml};
use tests::machine::Folder;
use tests::repository;

/// A document with this block at its only proxy stage.
fn document(block: &Value, service: &Value) -> Value {
    json!({
        "version": 3, "extra_config": service,
        "endpoints": [{
            "endpoint": "/t", "backend": [{"host": ["http://api.internal:8080"], "url_pattern": "/"}],
            "extra_config": {"modifier/lua-proxy": block},
        }],
    })
}

#[test]
fn bad_input_gets_a_message_and_writes_nothing() {
    let text = std::fs::read_to_string(repository::cases().join("bundle/trouble.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let place = Folder::default();
        for (name, text) in case["files"].as_object().into_iter().flatten() {
            place.write(name, text.as_str().unwrap());
        }
        for (name, bytes) in case["bytes"].as_object().into_iter().flatten() {
            place.write(name, list(bytes).iter().map(|byte| byte.as_u64().unwrap() as u8).collect::<Vec<u8>>());
        }
        if let Some(block) = case.get("document") {
            place
                .write("krakend.json", document(block, &case.get("service").cloned().unwrap_or(json!({}))).to_string());
        }
        let before = place.names();
        let arguments = case["arguments"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        let mut arguments: Vec<&str> = arguments.iter().map(|one| one.as_str().unwrap()).collect();
        if case.get("arguments").is_none() {
            arguments = vec!["krakend.json", "-o", "envoy.yaml"];
        }
        arguments.insert(0, "bundle");
        let said = call(place.path(), &arguments);
        let lacks: Vec<&Value> =
            list(&case["says"]).iter().filter(|words| !said.err.contains(words.as_str().unwrap())).collect();
        let code = said.code.map(Value::from).unwrap_or_default();
        if code != case["code"] || !lacks.is_empty() || !said.out.is_empty() || place.names() != before {
            let name = &case["name"];
            wrong.push(format!("{name}: ended with {code}, lacks {lacks:?}, left {:?}\n{}", place.names(), said.err));
        }
    }
    assert!(cases.len() >= 30 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts that mean something to YAML, to JSON or to a terminal, and nothing to the code here.
const HOSTILE: [&str; 10] = [
    "100% of 'it' and \"that\" \\ / \\n",
    "\t\ttabs\r\nand\r\n\r\nline ends\r",
    "a\0zero\u{1}\u{1b}[31m\u{7f}",
    "\u{85}\u{2028}\u{2029}\u{feff}\u{fffe}\u{9f}",
    "grüße, 世界, 😀\u{200d}\u{301}",
    "---\nkey: [value, *anchor, &other]\n...\n# no comment\n- !!binary x\n<<: {a: b}\n? x\n: |\n  y\n%YAML 1.1",
    "{{ name }} {% include 'x' %} {# no #} $VAR ${VAR} `id`",
    "  leading and trailing  \n\n\n",
    "yes",
    "\n",
];

/// Scripts that hold these texts in long strings, and equally odd hosts, sources and keys.
fn hostile() -> (Value, Vec<(String, String)>) {
    // Lua reads any line end in a long string as \n, but the embedded text must keep its line ends.
    let scripts = HOSTILE.iter().enumerate();
    let sources: Vec<(String, String)> = scripts
        .map(|(n, text)| (format!("lua/{n} 'ö' \"#: {{}}.lua"), format!("t{n} = [==[{text}]==] -- {{ # : \r\n")))
        .collect();
    let names: Vec<&String> = sources.iter().map(|(name, _)| name).collect();
    let mut odd = json!({});
    HOSTILE.iter().for_each(|text| odd[*text] = (*text).into());
    let mut service = json!({
        "envoy/lua-modifier": {
            "clusters": {"HTTP://Under_score.internal": HOSTILE[5], "[::1]:8080": "six: # \"", "https://10.0.0.1": HOSTILE[3]},
            "user_agent": "a: 'b' # {c}",
        },
    });
    service["@odd"] = odd.clone();
    let mut document = document(&json!({"sources": names, "post": "print(t0)", "@odd": odd}), &service);
    document["@comment\n---\nkey: value"] = serde_json::from_str("[0.1000, 12345678901234567890123]").unwrap();
    (document, sources)
}

fn hostile_folder() -> (Folder, Value) {
    let (document, sources) = hostile();
    let place = Folder::default();
    place.write("krakend.json", document.to_string());
    let mut wanted = document;
    for (name, text) in &sources {
        place.write(name, text);
        wanted["extra_config"]["envoy/lua-modifier"]["sources"][name] = text.as_str().into();
    }
    (place, wanted)
}

fn written(place: &Folder, arguments: &[&str]) -> String {
    let said = call(place.path(), &[&["bundle", "krakend.json"], arguments].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    said.out
}

#[test]
fn hostile_texts_come_back_as_they_went_in() {
    let (place, wanted) = hostile_folder();
    let json = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap();

    assert_eq!(serde_json::from_str::<Value>(&written(&place, &["--plugin-config"])).unwrap(), wanted);

    let bootstrap = yaml::document(&written(&place, &["--name", "a: \"b\"\n# c"]));
    let manager = &bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    // No other route stands behind this Envoy.
    let mut alone = wanted.clone();
    alone["extra_config"]["envoy/lua-modifier"]["unmatched"] = "answer".into();
    assert_eq!(json(&manager["http_filters"][0]["typed_config"]["config"]["configuration"]["value"]), alone);
    assert_eq!(manager["stat_prefix"], "a: \"b\"\n# c");
    let clusters = list(&bootstrap["static_resources"]["clusters"]);
    let names: Vec<&str> = clusters.iter().map(|cluster| cluster["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["api.internal:8080", "six: # \"", HOSTILE[5], HOSTILE[3]]);

    let mut probed = wanted.clone();
    probed["extra_config"]["envoy/lua-modifier"]["health"] = true.into();
    let configuration = written(&place, &["--plugin-config", "--health"]);
    assert_eq!(serde_json::from_str::<Value>(&configuration).unwrap(), probed);

    let at = ["--module-path", "oci://r/m:1"];
    let istio = yaml::documents(&written(&place, &[&["--istio"], at.as_slice()].concat()));
    let patch = &istio[0]["spec"]["configPatches"][1]["patch"]["value"];
    assert_eq!(json(&patch["typed_config"]["config"]["configuration"]["value"]), wanted);

    let gateway = yaml::documents(&written(&place, &[&["--envoy-gateway"], at.as_slice()].concat()));
    let mut config = gateway[0]["spec"]["wasm"][0]["config"].clone();
    // YAML's numbers have no digits beyond those of a double; its parser reads them as doubles.
    let odd = "@comment\n---\nkey: value";
    assert!(config[odd].take().is_array());
    let mut wanted = wanted;
    wanted[odd].take();
    assert_eq!(config, wanted);
}

#[test]
fn a_bundle_says_where_it_listens_and_what_it_waits_for() {
    let place = Folder::default();
    let mut document =
        document(&json!({"post": "print(1)"}), &json!({"envoy/lua-modifier": {"limits": {"body_bytes": 5_000_000}}}));
    document["endpoints"][0]["timeout"] = "10m500ms".into();
    document["endpoints"][0]["extra_config"]["envoy/lua-modifier"] = json!({"limits": {"body_bytes": 7_000_000}});
    place.write("krakend.json", document.to_string());
    let listener = |arguments: &[&str]| {
        let bootstrap = yaml::document(&written(&place, arguments));
        bootstrap["static_resources"]["listeners"][0].clone()
    };
    let at = |listener: &Value| listener["address"]["socket_address"].clone();
    let first = listener(&[]);
    assert_eq!(at(&first), json!({"address": "127.0.0.1", "port_value": 10000}));
    assert_eq!(first["per_connection_buffer_limit_bytes"], 7_000_000);
    let manager = &first["filter_chains"][0]["filters"][0]["typed_config"];
    assert_eq!(manager["stream_idle_timeout"], "616s");
    assert!(manager.get("upgrade_configs").is_none());
    let websocket = listener(&["--websocket"])["filter_chains"][0]["filters"][0]["typed_config"].clone();
    assert_eq!(websocket["upgrade_configs"], json!([{"upgrade_type": "websocket"}]));
    let route = &manager["route_config"]["virtual_hosts"][0]["routes"][0];
    assert_eq!(route["route"]["timeout"], "601s");
    assert_eq!(route["request_headers_to_remove"], json!(["x-lua-modifier-cluster"]));
    assert_eq!(at(&listener(&["--listen", "[::1]:7"])), json!({"address": "::1", "port_value": 7}));

    // The address is read as KrakenD reads it.
    document["port"] = 8080.into();
    place.write("krakend.json", document.to_string());
    assert_eq!(at(&listener(&[])), json!({"address": "0.0.0.0", "port_value": 8080}));
    document["listen_ip"] = "127.0.0.2".into();
    place.write("krakend.json", document.to_string());
    assert_eq!(at(&listener(&[])), json!({"address": "127.0.0.2", "port_value": 8080}));
}

#[test]
fn a_file_is_replaced_whole_and_a_refused_one_stays() {
    let place = Folder::default();
    place.write("krakend.json", document(&json!({"post": "print(1)"}), &json!({})).to_string());
    place.write("real/envoy.yaml", "old");
    #[cfg(unix)]
    std::os::unix::fs::symlink("real/envoy.yaml", place.path().join("envoy.yaml")).unwrap();
    assert_eq!(written(&place, &["-o", "envoy.yaml"]), "");
    let good = place.read("real/envoy.yaml");
    assert!(good.starts_with("# An Envoy that runs KrakenD's Lua scripts"), "{good}");
    assert!(std::fs::symlink_metadata(place.path().join("envoy.yaml")).unwrap().is_symlink());
    assert_eq!(std::fs::read_dir(place.path().join("real")).unwrap().count(), 1, "nothing else is left there");

    place.write("krakend.json", document(&json!({"post": "no Lua"}), &json!({})).to_string());
    let said = call(place.path(), &["bundle", "krakend.json", "-o", "envoy.yaml"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert_eq!(place.read("real/envoy.yaml"), good);
}

#[test]
fn warnings_of_the_module_are_told_and_do_no_harm() {
    let place = Folder::default();
    let service = json!({"modifier/martian": {}, "telemetry/metrics": {}, "envoy/lua-modifier": {}});
    let mut document = document(&json!({"post": "print(1)"}), &service);
    document["port"] = 8080.into();
    place.write("krakend.json", document.to_string());
    let said = call(place.path(), &["bundle", "krakend.json"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.starts_with("warning: ") && said.err.contains("modifier/martian"), "{}", said.err);
    assert_eq!(said.err.lines().count(), 1, "what nobody misses is not told: {}", said.err);
    yaml::document(&said.out);
}

#[test]
fn a_host_that_is_reached_elsewhere_needs_no_default_cluster() {
    let place = Folder::default();
    let service = json!({"envoy/lua-modifier": {"default_cluster": "any", "clusters": null}});
    place.write("krakend.json", document(&json!({"pre": "x = 'http://other'"}), &service).to_string());
    let detours =
        ["--connect-to", "http://api.internal:8080=127.0.0.1:9", "--connect-to", "http://made.up=127.0.0.1:8"];
    let said = call(place.path(), &[&["bundle", "krakend.json"], detours.as_slice()].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.err, "warning: --connect-to: no host and no script of the configuration names http://made.up:80\n");
    let bootstrap = yaml::document(&said.out);
    let clusters = list(&bootstrap["static_resources"]["clusters"]);
    let address = |cluster: &Value| {
        let endpoint = &cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"];
        endpoint["address"]["socket_address"]["port_value"].clone()
    };
    let found: Vec<(&Value, Value)> = clusters.iter().map(|cluster| (&cluster["name"], address(cluster))).collect();
    assert_eq!(
        found,
        [(&json!("any"), Value::Null), (&json!("api.internal:8080"), json!(9)), (&json!("made.up:80"), json!(8)),]
    );
    // The filter must know of the clusters.
    let manager = &bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let configuration = &manager["http_filters"][0]["typed_config"]["config"]["configuration"]["value"];
    let configuration: Value = serde_json::from_str(configuration.as_str().unwrap()).unwrap();
    assert_eq!(
        configuration["extra_config"]["envoy/lua-modifier"]["clusters"],
        json!({"http://api.internal:8080": "api.internal:8080", "http://made.up:80": "made.up:80"})
    );
}
