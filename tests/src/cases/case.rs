//! A case as its file tells it: a configuration, requests, the upstream's rules, and what KrakenD made of them.
//! Knows nothing of how a case is played or compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{HeaderLists, Response, UpstreamRequest, glob};
use crate::repository;
use crate::upstreams::Rule;

/// One behaviour: what is configured, what is sent, what must come out.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name, which is also the file's.
    pub name: String,
    /// Why the case exists, where that is not plain.
    pub note: Option<String>,
    /// The KrakenD configuration document; a string is a text that need not be one, and is given to the module as it is.
    pub config: Value,
    /// Lua sources, and other files that scripts reach, by path.
    pub files: BTreeMap<String, String>,
    /// The environment of the gateway's process.
    pub env: BTreeMap<String, String>,
    /// What the client sends, one after the other.
    pub requests: Vec<ClientRequest>,
    /// How the upstream answers.
    pub upstream: Vec<Rule>,
    /// The upstream's requests came in no particular order.
    pub unordered: bool,
    /// Something happens after the last answer, and takes up to so long.
    pub settles: Duration,
    /// What must come out.
    pub recorded: Recorded,
}

/// A request of a case's client.
#[derive(Clone, Debug)]
pub struct ClientRequest {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers, just these.
    pub headers: Vec<(String, String)>,
    /// The body, if the request has one.
    pub body: Option<String>,
    /// Sources that change before this request is sent.
    pub write_files: BTreeMap<String, String>,
}

impl ClientRequest {
    /// A request without headers and without a body.
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: None,
            write_files: BTreeMap::new(),
        }
    }

    /// The same with one header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with this body.
    pub fn body(self, body: impl Into<String>) -> Self {
        Self { body: Some(body.into()), ..self }
    }
}

/// What was recorded, or is demanded by a case of our own.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// A response for each request.
    pub responses: Vec<Response>,
    /// What the upstream was asked.
    pub upstream: Vec<UpstreamRequest>,
    /// What scripts printed.
    pub printed: String,
    /// Lines that the module must have logged, among others and in this order.
    pub logged: Vec<String>,
    /// The configuration must be refused, with these words in the message.
    pub refused: Option<String>,
}

/// All cases, recorded and own, whose name matches the pattern; by name.
pub fn load(pattern: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for part in ["krakend", "own"] {
        for path in repository::files(&repository::cases().join(part), "json") {
            if glob::matches(pattern, path.file_stem().unwrap().to_str().unwrap()) {
                cases.push(read(&path));
            }
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn read(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).unwrap();
    let document = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let case = Case::new(&document);
    assert_eq!(path.file_stem().and_then(|s| s.to_str()), Some(case.name.as_str()), "a case is called like its file");
    case
}

impl Case {
    /// Reads a case from its document.
    pub fn new(document: &Value) -> Self {
        let requests = match document.get("requests") {
            Some(several) => list(several).iter().map(client_request).collect(),
            None => vec![client_request(&document["request"])],
        };
        let backends = |endpoint: &Value| endpoint["backend"].as_array().map_or(0, Vec::len);
        let backends: usize = list(&document["config"]["endpoints"]).iter().map(backends).sum();
        Self {
            name: text(&document["name"]),
            note: document["note"].as_str().map(str::to_owned),
            config: document["config"].clone(),
            files: texts(&document["files"]),
            env: texts(&document["env"]),
            requests,
            upstream: list(&document["upstream"]).iter().map(Rule::new).collect(),
            unordered: document["sort_upstream"].as_bool().unwrap_or(backends > 1),
            settles: Duration::from_millis(document["settle_ms"].as_u64().unwrap_or(0)),
            recorded: recorded(&document["observed"]),
        }
    }

    /// Does the case know its upstream by another name, too?
    pub fn names_other_host(&self) -> bool {
        let word = "OTHERHOST";
        self.config.to_string().contains(word) || self.upstream.iter().any(|rule| rule.to_string().contains(word))
    }

    /// Does Envoy answer for the module, or beside it (`security/cors`, `security/http`)?
    pub fn has_a_front(&self) -> bool {
        let extra = &self.config["extra_config"];
        ["security/cors", "security/http"].iter().any(|name| extra[*name].is_object())
    }

    /// Every `modifier/lua-*` block of the configuration, wherever it stands.
    pub fn lua_blocks(&self) -> Vec<&Value> {
        let mut found = Vec::new();
        collect_lua_blocks(&self.config, &mut found);
        found
    }
}

fn collect_lua_blocks<'a>(node: &'a Value, found: &mut Vec<&'a Value>) {
    match node {
        Value::Object(map) => {
            if let Some(Value::Object(namespaces)) = map.get("extra_config") {
                let lua =
                    namespaces.iter().filter(|(name, block)| name.starts_with("modifier/lua-") && block.is_object());
                found.extend(lua.map(|(_, block)| block));
            }
            map.values().for_each(|child| collect_lua_blocks(child, found));
        }
        Value::Array(items) => items.iter().for_each(|child| collect_lua_blocks(child, found)),
        _ => {}
    }
}

fn client_request(value: &Value) -> ClientRequest {
    ClientRequest {
        method: value["method"].as_str().unwrap_or("GET").to_owned(),
        path: text(&value["path"]),
        headers: header_pairs(&value["headers"]),
        body: value["body"].as_str().map(str::to_owned),
        write_files: texts(&value["write_files"]),
    }
}

fn recorded(observed: &Value) -> Recorded {
    let responses = match observed.get("responses") {
        Some(several) => list(several).iter().map(response).collect(),
        None if observed.get("status").is_some() => vec![response(observed)],
        None => Vec::new(),
    };
    // KrakenD ended before it listened: whatever the words.
    let ended = observed["startup_failure"] == true;
    Recorded {
        responses,
        upstream: upstream_requests(&observed["upstream_requests"]),
        printed: observed["stdout"].as_str().unwrap_or_default().to_owned(),
        logged: list(&observed["logged"]).iter().map(text).collect(),
        refused: observed["refused"].as_str().or(ended.then_some("")).map(str::to_owned),
    }
}

fn response(value: &Value) -> Response {
    Response {
        status: u16::try_from(value["status"].as_u64().unwrap()).unwrap(),
        headers: header_lists(&value["headers"]),
        body: value["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
        truncated: value["truncated"].as_bool().unwrap_or(false),
    }
}

/// Upstream requests as cases and accepted outcomes write them.
pub fn upstream_requests(value: &Value) -> Vec<UpstreamRequest> {
    let one = |value: &Value| UpstreamRequest {
        method: text(&value["method"]),
        path: text(&value["path"]),
        headers: header_lists(&value["headers"]),
        body: value["body"].as_str().unwrap_or_default().to_owned(),
    };
    list(value).iter().map(one).collect()
}

/// Headers written as `{name: value or [values]}`, one pair for each value.
pub fn header_pairs(value: &Value) -> Vec<(String, String)> {
    let Value::Object(map) = value else { return Vec::new() };
    let mut pairs = Vec::new();
    for (name, values) in map {
        match values {
            Value::Array(several) => pairs.extend(several.iter().map(|one| (name.clone(), text(one)))),
            one => pairs.push((name.clone(), text(one))),
        }
    }
    pairs
}

fn header_lists(value: &Value) -> HeaderLists {
    super::header_lists(&header_pairs(value))
}

/// The items of a list; none where there is no list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let Value::Object(map) = value else { return BTreeMap::new() };
    map.iter().map(|(name, one)| (name.clone(), text(one))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text is expected, not {value}")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_can_be_read() {
        assert!(load("*").len() >= 528);
    }

    #[test]
    fn lua_blocks_are_found_at_every_level() {
        let block = |code: &str| serde_json::json!({"modifier/lua-proxy": {"pre": code}, "other": {}});
        let case = Case::new(&serde_json::json!({
            "name": "n", "request": {"path": "/"}, "observed": {},
            "config": {"extra_config": block("a"), "endpoints": [{"extra_config": block("b"), "backend": [{"extra_config": block("c")}]}]},
        }));
        let mut codes: Vec<_> = case.lua_blocks().iter().map(|b| b["pre"].as_str().unwrap()).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["a", "b", "c"]);
    }
}
