//! A case of `lua-modifier check` as its file describes it, and the folder in which it is played. Knows nothing of how it is
//! judged.
//!
//! A case has either its files (`krakend.json` among them), each a list of lines, where `@/` stands for its folder; or one
//! `modifier/lua-*` block: `block` (or `service`), `lua` (the lines of a source, script.lua), `pre`, `post`, `open`, `helpers`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::list;
use crate::machine::Folder;

/// One case.
#[derive(Debug)]
pub struct CheckCase {
    /// The name, which is also the folder's name.
    pub name: String,
    /// The files, by their path in the folder.
    pub files: BTreeMap<String, String>,
    /// The expected findings, in this order: `file:line:column level rule part of the message`.
    pub expected: Vec<String>,
}

impl CheckCase {
    /// Reads the cases of a file.
    pub fn read_all(path: &Path) -> Vec<Self> {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cases: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        list(&cases).iter().map(Self::read).collect()
    }

    fn read(case: &Value) -> Self {
        let name = case["name"].as_str().unwrap().to_owned();
        let mut files: BTreeMap<String, String> = match case["files"].as_object() {
            Some(files) => files.iter().map(|(path, lines)| (path.clone(), joined(lines))).collect(),
            None => BTreeMap::from([("krakend.json".to_owned(), document(case))]),
        };
        if case["lua"].is_array() {
            files.insert("script.lua".to_owned(), joined(&case["lua"]));
        }
        for text in files.values_mut() {
            *text = text.replace("@/", &format!("{name}/"));
        }
        let expected = list(&case["expect"]).iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        Self { name, files, expected }
    }

    /// Writes the case's files into its folder inside this one.
    pub fn write(&self, root: &Folder) {
        for (path, text) in &self.files {
            root.write(&format!("{}/{path}", self.name), text);
        }
    }
}

fn joined(lines: &Value) -> String {
    list(lines).iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

// Every key of the block has its own line, so that a reader can count lines.
fn document(case: &Value) -> String {
    let block = case["block"].as_str().unwrap();
    let mut keys = vec![format!("\"allow_open_libs\": {}", case["open"].as_bool().unwrap_or(false))];
    if case["lua"].is_array() {
        keys.push("\"sources\": [\"@/script.lua\"]".to_owned());
    }
    keys.extend(
        ["pre", "post"].iter().filter(|key| case[**key].is_string()).map(|key| format!("\"{key}\": {}", case[*key])),
    );
    let at = |level: &str| match block == level || block == "service" && level == "service" {
        true if level == "service" => format!("\"modifier/lua-endpoint\": {{\n{}\n}},", keys.join(",\n")),
        true => format!("\"{level}\": {{\n{}\n}}", keys.join(",\n")),
        false => String::new(),
    };
    let helpers = if case["helpers"] == true { "\"helpers\": true, " } else { "" };
    let endpoint = ["modifier/lua-endpoint", "modifier/lua-proxy"].map(at).concat();
    [
        "{ \"version\": 3,",
        &format!("  \"extra_config\": {{ {}", at("service")),
        &format!("    \"envoy/lua-modifier\": {{ {helpers}\"clusters\": {{ \"http://api.internal\": \"api\" }} }} }},"),
        "  \"endpoints\": [ { \"endpoint\": \"/t/{id}\",",
        &format!("    \"extra_config\": {{ {endpoint} }},"),
        "    \"backend\": [ { \"host\": [\"http://up.internal\"], \"url_pattern\": \"/t/{id}\",",
        &format!("      \"extra_config\": {{ {} }} }} ] }} ] }}", at("modifier/lua-backend")),
    ]
    .join("\n")
}
