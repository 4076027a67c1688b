//! A document that is a template: its parts may change like the document itself, in old and new folders.

use serde_json::json;
use tests::command::Serving;
use tests::machine::Folder;
use tests::upstreams::Gate;

use crate::setting::{backend, get};

const SERVES: &str = "krakend.json has changed: the new configuration serves";

#[test]
fn partials_settings_and_sub_templates_are_followed_and_a_broken_one_is_told_where_it_is_broken() {
    let gate = Gate::for_so_many(0);
    let backend = backend(&gate);
    let folder = Folder::default();
    folder.write("krakend.json", "{ \"version\": 3, \"endpoints\": [{{ template \"endpoint.tmpl\" .service }}] }");
    folder.write("conf/settings/service.json", json!({"host": backend.authority(), "value": "first"}).to_string());
    let endpoint = |script: &str| {
        let block = format!("\"modifier/lua-proxy\": {{ \"post\": {{{{ marshal {script} }}}} }}");
        let backend = "\"backend\": [{ \"host\": [\"http://{{ .host }}\"], \"url_pattern\": \"/ok\" }]";
        format!("{{ \"endpoint\": \"/t\", {backend}, \"extra_config\": {{ {block} }} }}")
    };
    folder.write("conf/templates/endpoint.tmpl", endpoint("(printf (include \"post.lua\") .value)"));
    folder.write("conf/partials/post.lua", "response.load():data():set('v', '%s')");
    let options =
        ["--settings", "conf/settings", "--partials", "conf/partials", "--templates", "conf/templates"].as_slice();
    let serving = Serving::start_in(folder, options).unwrap();
    let place = serving.folder();
    let v = || get(&serving, "/t").1["v"].clone();
    assert_eq!(v(), "first");

    place.replace("conf/settings/service.json", &json!({"host": backend.authority(), "value": "second"}).to_string());
    assert!(serving.says_times(SERVES, 1));
    assert_eq!(v(), "second");

    place.replace("conf/partials/post.lua", "response.load():data():set('v', 'of %s')");
    assert!(serving.says_times(SERVES, 2));
    assert_eq!(v(), "of second");

    // The template names a file in a folder that does not exist yet, and so cannot be watched.
    place.replace("conf/templates/endpoint.tmpl", &endpoint("(include \"lua/new.lua\")"));
    let line = serving.says("the old configuration goes on").unwrap();
    assert!(line.contains("conf/templates/endpoint.tmpl:1:"), "{line}");
    assert!(line.contains("conf/partials/lua/new.lua cannot be read: No such file or directory"), "{line}");
    assert_eq!(v(), "of second");
    place.write("conf/partials/lua/new.lua", "response.load():data():set('v', 'new')");
    assert!(serving.says_times(SERVES, 3));
    assert_eq!(v(), "new");

    // Another folder takes the place of a folder.
    place.write("conf/other/lua/new.lua", "response.load():data():set('v', 'other')");
    std::fs::rename(place.path().join("conf/partials"), place.path().join("conf/gone")).unwrap();
    std::fs::rename(place.path().join("conf/other"), place.path().join("conf/partials")).unwrap();
    assert!(serving.says_times(SERVES, 4));
    assert_eq!(v(), "other");
    place.replace("conf/partials/lua/new.lua", "response.load():data():set('v', 'mended')");
    assert!(serving.says_times(SERVES, 5));
    assert_eq!(v(), "mended");
}

#[test]
fn what_was_rendered_may_be_written_where_changes_are_looked_for() {
    let gate = Gate::for_so_many(0);
    let backend = backend(&gate);
    let folder = Folder::default();
    let endpoint =
        "{\"endpoint\": \"/t\", \"backend\": [{\"host\": [\"http://{{ .s.host }}\"], \"url_pattern\": \"/ok\"}]}";
    folder.write("krakend.json", format!("{{ \"version\": 3, \"endpoints\": [{endpoint}] }}"));
    folder.write("settings/s.json", json!({"host": "nobody.invalid"}).to_string());
    let serving = Serving::start_in(folder, &["--settings", "settings", "--rendered", "settings/out.txt"]).unwrap();
    serving.folder().replace("settings/s.json", &json!({"host": backend.authority()}).to_string());
    assert!(serving.says_times(SERVES, 1));
    assert_eq!(get(&serving, "/t"), (200, json!({"ok": 1})));
    assert!(serving.folder().read("settings/out.txt").contains(&backend.authority()));
}
