//! Files and variables that scripts ask for, and the command: the files that a bundle contains, the messages about them, and
//! the files that a gateway reads again.

use serde_json::{Value, json};
use tests::cases::list;
use tests::command::{Serving, call, command, yaml};
use tests::machine::Folder;
use tests::wire::client;

/// A document with this block for the service's scripts, and these keys of our namespace.
fn document(block: &Value, ours: &Value) -> String {
    json!({
        "version": 3, "extra_config": {"modifier/lua-endpoint": block, "envoy/lua-modifier": ours},
        "endpoints": [{"endpoint": "/t", "backend": [{"host": ["http://api.internal"], "url_pattern": "/"}]}],
    })
    .to_string()
}

fn bundled(place: &Folder, arguments: &[&str]) -> (String, String) {
    let said = call(place.path(), &[&["bundle", "krakend.json"], arguments].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    (said.out, said.err)
}

#[test]
fn a_bundle_carries_what_scripts_reach_and_says_what_they_do_not() {
    let place = Folder::default();
    let block = json!({
        "sources": ["/etc/krakend/lua/main.lua"], "pre": "dofile('lua/it\\'s \"ü\".lua') dofile('none.lua')",
    });
    place.write("krakend.json", document(&block, &json!({"bundle": ["data/*.txt"]})));
    place.write("lua/main.lua", "package.path = '/etc/krakend/lua/?.lua'; require('mod')");
    place.write("lua/mod.lua", "http_response.new('https://named.in.a.file/')");
    place.write("lua/it's \"ü\".lua", "-- ü");
    place.write("data/a.txt", "a");
    let (text, said) = bundled(&place, &["--plugin-config"]);
    let ours = serde_json::from_str::<Value>(&text).unwrap()["extra_config"]["envoy/lua-modifier"].clone();
    assert_eq!(
        ours["files"],
        json!({
            "/etc/krakend/lua/mod.lua": "http_response.new('https://named.in.a.file/')", "data/a.txt": "a",
            "lua/it's \"ü\".lua": "-- ü",
        })
    );
    assert_eq!(
        said,
        "note: krakend.json: /etc/krakend is taken as . (--root /etc/krakend=.)\n\
         warning: krakend.json: dofile(\"none.lua\"): No such file or directory: a script that comes there fails\n"
    );
    let bootstrap = yaml::document(&bundled(&place, &[]).0);
    let clusters = list(&bootstrap["static_resources"]["clusters"]);
    assert!(clusters.iter().any(|cluster| cluster["name"] == "named.in.a.file:443"), "{clusters:?}");
}

#[test]
fn live_sources_are_embedded_and_that_is_said() {
    let place = Folder::default();
    place.write("krakend.json", document(&json!({"live": true, "sources": ["b.lua", "a.lua"]}), &json!({})));
    place.write("a.lua", "");
    place.write("b.lua", "");
    let (_, said) = bundled(&place, &["--plugin-config"]);
    let note = "note: krakend.json: \"live\" sources are embedded as they are now (a.lua, b.lua): an edit asks for another bundle";
    assert!(said.starts_with(note), "{said}");
    let fetched = json!({"sources_url": "http://lua.internal/"});
    place.write("krakend.json", document(&json!({"live": true, "sources": ["b.lua", "a.lua"]}), &fetched));
    assert_eq!(bundled(&place, &["--plugin-config"]).1, "");
}

#[test]
fn variables_are_named_in_every_kind_of_bundle_and_their_values_nowhere() {
    let place = Folder::default();
    let pre = json!({"allow_open_libs": true, "pre": "key = os.getenv('API_KEY')"});
    place.write("krakend.json", document(&pre, &json!({"env": ["API_KEY", "A \"B\"", "API_KEY"]})));
    let listed = json!(["A \"B\"", "API_KEY"]);
    let text = |arguments: &[&str]| {
        let mut bundle = command(place.path());
        bundle.env("API_KEY", "sesame").args(["bundle", "krakend.json"]).args(arguments);
        let out = bundle.output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success() && !text.contains("sesame"), "{}", String::from_utf8_lossy(&out.stderr));
        text
    };
    let vm = |config: &Value| config["vm_config"]["environment_variables"]["host_env_keys"].clone();
    let bootstrap = yaml::document(&text(&[]));
    let manager = &bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    assert_eq!(vm(&manager["http_filters"][0]["typed_config"]["config"]), listed);
    let at = ["--module-path", "oci://r/m:1"];
    let istio = yaml::documents(&text(&[&["--istio"], at.as_slice()].concat()));
    let patch = &istio[0]["spec"]["configPatches"][1]["patch"]["value"];
    assert_eq!(vm(&patch["typed_config"]["config"]), listed);
    let gateway = yaml::documents(&text(&[&["--envoy-gateway"], at.as_slice()].concat()));
    assert_eq!(gateway[0]["spec"]["wasm"][0]["env"]["hostKeys"], listed);
    text(&["-o", "envoy.yaml", "--xds"]);
    let filter = yaml::document(&place.read("envoy.xds/filter/filter.yaml"));
    assert_eq!(vm(&filter["resources"][0]["typed_config"]["config"]), listed);
}

/// The gateway's answer to a request: the message with which its script failed.
fn answered(serving: &Serving) -> String {
    let response = client::get(serving.port, "/t").unwrap();
    String::from_utf8(response.body.to_vec()).unwrap()
}

fn serving(folder: Folder, block: &Value, ours: &Value, options: &[&str]) -> Serving {
    let mut json: Value = serde_json::from_str(&document(&json!({}), ours)).unwrap();
    json["endpoints"][0]["extra_config"]["modifier/lua-proxy"] = block.clone();
    json["extra_config"]["router"] = json!({"return_error_msg": true});
    folder.write("krakend.json", json.to_string());
    Serving::start_in(folder, options).unwrap()
}

#[test]
fn an_edit_is_served_with_the_next_request() {
    let folder = Folder::default();
    folder.write("a.lua", "function value() return dofile('b.lua') end");
    folder.write("b.lua", "return 'b'");
    let pre = "local ok, more = pcall(dofile, 'c.lua'); custom_error(value() .. (ok and more or ''), 400)";
    let block = json!({"live": true, "sources": ["a.lua"], "pre": pre});
    let serving = serving(folder, &block, &json!({}), &[]);
    assert_eq!(answered(&serving), "b");
    for round in 0..10 {
        serving.folder().replace("b.lua", &format!("return 'edited {round}'"));
        assert_eq!(answered(&serving), format!("edited {round}"));
        serving.folder().write("a.lua", format!("function value() return 'live {round}' end"));
        assert_eq!(answered(&serving), format!("live {round}"));
        serving.folder().write("a.lua", "function value() return dofile('b.lua') end");
    }
    serving.folder().write("c.lua", "return ', and one that was not there'");
    assert_eq!(answered(&serving), "edited 9, and one that was not there");
}

#[test]
fn a_gateway_hands_listed_variables_on_and_those_that_it_is_given() {
    let pre = "custom_error((os.getenv('PATH') and 'a path' or 'none') .. ' ' .. tostring(os.getenv('GIVEN')) .. ' '
        .. tostring(os.getenv('HOME')), 400)";
    let block = json!({"allow_open_libs": true, "pre": pre});
    let ours = json!({"env": ["PATH", "GIVEN"]});
    let serving = serving(Folder::default(), &block, &ours, &["--env", "GIVEN=on the line"]);
    assert_eq!(answered(&serving), "a path on the line nil");
}
