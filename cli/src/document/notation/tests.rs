//! YAML and TOML become the JSON that they mean, and each place leads back.

use std::path::Path;

use serde_json::{Value, json};

use super::super::{Page, Places, Step};
use super::Notation;

fn page(name: &str, text: &str) -> Page {
    Page { name: name.to_owned(), text: text.to_owned() }
}

fn read(name: &str, text: &str) -> Value {
    let (json, _) = Notation::of(Path::new(name)).json(&page(name, text)).unwrap().unwrap();
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn refused(name: &str, text: &str) -> String {
    let page = page(name, text);
    let wrong = Notation::of(Path::new(name)).json(&page).unwrap_err();
    format!("{} {}", page.place(wrong.span.start), wrong.message)
}

/// The line and column, and the source text there, for a part of a text that a key of the document holds.
fn place(name: &str, text: &str, path: &[&str], part: &str) -> String {
    let page = page(name, text);
    let (json, origins) = Notation::of(Path::new(name)).json(&page).unwrap().unwrap();
    let steps: Vec<Step> = path.iter().map(|key| Step::Key((*key).to_owned())).collect();
    let places = Places::of(&json);
    let found = places.find(&steps).unwrap();
    let value: String = serde_json::from_str(json.get(found.value.clone()).unwrap()).unwrap();
    let at = value.find(part).unwrap();
    let made = places.inside(&found.value, at)..places.inside(&found.value, at + part.len());
    let (_, span) = origins.find(&made).unwrap();
    format!("{} {}", page.place(span.start), page.text.get(span).unwrap())
}

const YAML: &str = "\
# a gateway
version: 3
name: &name 'it''s'
extra_config:
  modifier/lua-proxy: &block
    pre: |
      local r = request.load()

      if r then
        r:nope()   -- é
      end
    post: \"local s = \\\"\\u00e9\\\"; \\
      s:gone()\"
    sources: [a.lua, \"b.lua\"]
  again:
    <<: *block
    post: >-
      folded
      here()
  other: *name
1: 0x10
";

#[test]
fn yaml_is_the_json_that_it_stands_for() {
    let block = json!({
        "pre": "local r = request.load()\n\nif r then\n  r:nope()   -- é\nend\n",
        "post": "local s = \"é\"; s:gone()", "sources": ["a.lua", "b.lua"],
    });
    let mut again = block.clone();
    again["post"] = "folded here()".into();
    let wanted = json!({
        "version": 3, "name": "it's", "1": 16,
        "extra_config": {"modifier/lua-proxy": block, "again": again, "other": "it's"},
    });
    assert_eq!(read("k.yaml", YAML), wanted);
    assert_eq!(read("k.yml", &YAML.replace('\n', "\r\n")), wanted);
    assert_eq!(read("k.yaml", "a: 1.50\n---\nb: 2\n").to_string(), "{\"a\":1.50}");
    assert_eq!(read("k.yaml", ""), Value::Null);
}

#[test]
fn places_in_yaml_lead_back_through_blocks_quotes_and_aliases() {
    let place = |path: &[&str], part: &str| place("k.yaml", YAML, path, part);
    let proxy = ["extra_config", "modifier/lua-proxy"];
    assert_eq!(place(&[proxy[0], proxy[1], "pre"], "nope"), "k.yaml:10:11 nope");
    assert_eq!(place(&[proxy[0], proxy[1], "pre"], "request.load()"), "k.yaml:7:17 request.load()");
    assert_eq!(place(&[proxy[0], proxy[1], "post"], "gone"), "k.yaml:13:9 gone");
    assert_eq!(place(&[proxy[0], proxy[1], "post"], "é"), "k.yaml:12:24 \\u00e9");
    assert_eq!(place(&["extra_config", "again", "pre"], "nope"), "k.yaml:10:11 nope");
    assert_eq!(place(&["extra_config", "again", "post"], "here"), "k.yaml:19:7 here");
    assert_eq!(place(&["extra_config", "other"], "s"), "k.yaml:3:18 s");
}

#[test]
fn what_yaml_says_and_json_cannot_is_told_with_its_place() {
    for (text, wanted) in [
        ("a: 1\nb: [1", "k.yaml:2:"),
        ("a: 1\nb: 2\na: 3\n", "k.yaml:3:1 the key \"a\" stands here twice"),
        ("a: .inf\n", "k.yaml:1:4 JSON has no number for .inf"),
        ("a:\n  <<: 5\n", "k.yaml:2:7 << takes a map, or a list of maps"),
        ("a: &x [*x]\n", "k.yaml:1:8 this alias is part of what it stands for"),
        ("a: *x\n", "k.yaml:1:4 while parsing node, found unknown anchor"),
        ("? [a]\n: b\n", "k.yaml:1:3 a key must be a text"),
    ] {
        let said = refused("k.yaml", text);
        assert!(said.starts_with(wanted), "{text}: {said}");
    }
    let bomb = (1..9).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, n| {
        let list = vec![format!("*a{}", n - 1); 9].join(",");
        format!("{text}a{n}: &a{n} [{list}]\n")
    });
    assert!(refused("k.yaml", &bomb).contains("more than 8 MB of JSON"));
    assert!(refused("k.yaml", &"- ".repeat(100_000)).contains("nests too deeply"));
    let flow = refused("k.yaml", &"[".repeat(100_000));
    assert!(flow.contains("nests too deeply") || flow.contains("recursion limit"), "{flow}");
}

const TOML: &str = "\
version = 3
port = 0x1F90

[extra_config.'modifier/lua-proxy']
pre = '''
local r = request.load()
  r:nope()
'''
post = \"\"\"local s = \\\"\\u00e9\\\"; \\
  s:gone()\"\"\"

[[endpoints]]
endpoint = \"/a\"
since = 2026-01-31

[[endpoints]]
backend = [{ host = ['h'], timeout = 1.50 }]
";

#[test]
fn toml_is_the_json_that_it_stands_for() {
    let block = json!({"pre": "local r = request.load()\n  r:nope()\n", "post": "local s = \"é\"; s:gone()"});
    let json = read("k.toml", TOML);
    assert_eq!(json["extra_config"]["modifier/lua-proxy"], block);
    assert_eq!((&json["port"], &json["endpoints"][0]["since"]), (&json!(8080), &json!("2026-01-31")));
    assert_eq!(json["endpoints"][1]["backend"].to_string(), "[{\"host\":[\"h\"],\"timeout\":1.50}]");
}

#[test]
fn places_in_toml_lead_back() {
    let proxy = ["extra_config", "modifier/lua-proxy"];
    assert_eq!(place("k.toml", TOML, &[proxy[0], proxy[1], "pre"], "nope"), "k.toml:7:5 nope");
    assert_eq!(place("k.toml", TOML, &[proxy[0], proxy[1], "post"], "gone"), "k.toml:10:5 gone");
    assert_eq!(place("k.toml", TOML, &[proxy[0], proxy[1], "post"], "é"), "k.toml:9:23 \\u00e9");
}

#[test]
fn what_toml_says_and_json_cannot_is_told_with_its_place() {
    assert!(refused("k.toml", "a = 1\nb = \n").starts_with("k.toml:2:"));
    assert!(refused("k.toml", "a = 1\na = 2\n").starts_with("k.toml:2:1 duplicate key"));
    assert_eq!(refused("k.toml", "a = nan\n"), "k.toml:1:5 JSON has no number for nan");
    assert!(refused("k.toml", &format!("a = {}", "[".repeat(100_000))).starts_with("k.toml:1:"));
}
