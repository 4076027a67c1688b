//! The plugin configuration of a case: its KrakenD document, with the filter's one namespace merged in. Knows the names in that
//! namespace (README, configuration), but not how the module reads them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Addresses, CLOSED, Case, list};

/// The clusters of one case in an Envoy that serves many cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// The cluster of the upstream.
    pub upstream: String,
    /// The cluster at whose address nothing listens.
    pub closed: String,
    /// The cluster of the file server.
    pub files: String,
}

impl Clusters {
    /// The names for the case with this number in its batch.
    pub fn of(index: usize) -> Self {
        Self { upstream: format!("upstream_{index}"), closed: "closed".into(), files: format!("files_{index}") }
    }
}

/// The text with which the module is configured.
pub fn plugin_text(case: &Case, at: &Addresses, clusters: &Clusters) -> String {
    match &case.config {
        Value::String(text) => at.fill(text),
        _ => plugin_config(case, at, clusters).to_string(),
    }
}

/// The document with which the module is configured. If the case has the namespace itself, its keys are added, and win.
pub fn plugin_config(case: &Case, at: &Addresses, clusters: &Clusters) -> Value {
    let mut ours = Map::new();
    ours.insert("user_agent".into(), "KrakenD Version undefined".into()); // the name that the recorded gateway used
    ours.insert("unmatched".into(), "answer".into()); // nothing stands behind the recorded gateway
    let mut served =
        json!({format!("http://{}", at.upstream): clusters.upstream, format!("http://{CLOSED}"): clusters.closed});
    let sources = sources(case, at);
    if !sources.is_empty() {
        ours.insert("sources".into(), Value::Object(sources));
    }
    if !case.files.is_empty() {
        ours.insert("files".into(), json!(served_files(case, at)));
    }
    if !case.env.is_empty() {
        ours.insert("env".into(), json!(case.env.keys().collect::<Vec<_>>()));
    }
    let key_ids = key_ids(case, at);
    if !key_ids.is_empty() {
        ours.insert("key_ids".into(), Value::Object(key_ids));
    }
    if let Some(files) = &at.files {
        ours.insert("sources_url".into(), format!("http://{files}/").into());
        served[format!("http://{files}")] = clusters.files.clone().into();
    }
    if case.names_other_host() {
        served[format!("http://{}", at.other_host())] = clusters.upstream.clone().into();
    }
    ours.insert("clusters".into(), served);

    let mut document = at.fill_json(&case.config);
    let namespace = &mut document["extra_config"]["envoy/lua-modifier"];
    if let Value::Object(own) = namespace.take() {
        ours.extend(own);
    }
    *namespace = Value::Object(ours);
    document
}

/// The sources that blocks name and the case has; `live` sources come from the file server, if there is one.
fn sources(case: &Case, at: &Addresses) -> Map<String, Value> {
    let files = served_files(case, at);
    let fixed = case.lua_blocks().into_iter().filter(|block| at.files.is_none() || block["live"] != true);
    let names = fixed.flat_map(|block| list(&block["sources"])).filter_map(Value::as_str);
    names.filter_map(|name| Some((name.to_owned(), files.get(&normal(name))?.clone().into()))).collect()
}

/// The key sets that the document names as files.
pub fn key_sets(case: &Case) -> Vec<String> {
    of_validators(case, "jwk_local_path")
}

/// The paths of the key sets that are fetched from the upstream.
pub fn key_set_paths(case: &Case) -> Vec<String> {
    let of_upstream = |url: String| url.strip_prefix("http://UPSTREAM").map(str::to_owned);
    of_validators(case, "jwk_url").into_iter().filter_map(of_upstream).collect()
}

fn of_validators(case: &Case, key: &str) -> Vec<String> {
    let endpoints = list(&case.config["endpoints"]).iter();
    let values = endpoints.filter_map(|endpoint| endpoint["extra_config"]["auth/validator"][key].as_str());
    values.map(str::to_owned).collect()
}

/// The names of the keys in these key sets, as the command tells them to the module.
fn key_ids(case: &Case, at: &Addresses) -> Map<String, Value> {
    let files = served_files(case, at);
    let names = key_sets(case).into_iter().filter_map(|name| {
        let set = tokens::KeySet::read(files.get(&normal(&name))?.as_bytes()).ok()?;
        Some((name, set.names().into()))
    });
    names.collect()
}

/// Does a block of the case read its sources anew at every run? Not if the case itself leaves `sources_url` empty.
pub fn is_live(case: &Case) -> bool {
    let without = case.config["extra_config"]["envoy/lua-modifier"]["sources_url"] == "";
    !without && case.lua_blocks().iter().any(|block| block["live"] == true)
}

/// The case's files by normalised name, with addresses filled in.
pub fn served_files(case: &Case, at: &Addresses) -> BTreeMap<String, String> {
    case.files.iter().map(|(name, text)| (normal(name), at.fill(text))).collect()
}

/// A relative path without `.`, `..` and doubled slashes.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(live: bool) -> Case {
        Case::new(&json!({
            "name": "n", "request": {"path": "/t"}, "observed": {},
            "files": {"a.lua": "-- UPSTREAM", "unnamed.lua": ""}, "env": {"KEY": "value"},
            "config": {"version": 3, "extra_config": {
                "modifier/lua-endpoint": {"sources": ["./a.lua", "absent.lua"], "live": live},
                "envoy/lua-modifier": {"strict": true},
            }},
        }))
    }

    #[test]
    fn sources_stand_under_the_string_that_the_block_uses() {
        let at = Addresses { upstream: "u:1".into(), files: None, gateway: String::new() };
        let document = plugin_config(&case(false), &at, &Clusters::of(3));
        assert_eq!(
            document["extra_config"]["envoy/lua-modifier"],
            json!({
                "sources": {"./a.lua": "-- u:1"}, "files": {"a.lua": "-- u:1", "unnamed.lua": ""}, "env": ["KEY"], "strict": true, "user_agent": "KrakenD Version undefined", "unmatched": "answer",
                "clusters": {"http://u:1": "upstream_3", "http://127.0.0.1:17": "closed"},
            })
        );
    }

    #[test]
    fn live_sources_come_from_the_file_server() {
        let at = Addresses { upstream: "u:1".into(), files: Some("f:2".into()), gateway: String::new() };
        let ours = &plugin_config(&case(true), &at, &Clusters::of(0))["extra_config"]["envoy/lua-modifier"];
        assert_eq!(ours["sources_url"], "http://f:2/");
        assert_eq!(ours["clusters"]["http://f:2"], "files_0");
        assert_eq!(ours.get("sources"), None);
    }

    #[test]
    fn paths_are_normalised() {
        assert_eq!(normal("./a//b/../c.lua"), "a/c.lua");
        assert_eq!(normal("../x/./y"), "../x/y");
        assert_eq!(normal("/etc/../a"), "/a");
    }
}
