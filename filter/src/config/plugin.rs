//! The namespace `envoy/lua-modifier`, which KrakenD does not know. Here an unknown key is an error, because nothing else reads
//! it.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use super::enforced::{self, Enforced};
use super::hosts::{Clusters, ServiceHost, normal_form};
use super::listener::{Listener, listener_at};
use super::namespaces::PLUGIN;
use super::reader::{Node, Result, listed, quoted};
use crate::http::without_credentials;

/// The settings of the filter itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// The `User-Agent` that requests carry.
    pub user_agent: String,
    /// Maps a host to the Envoy cluster that serves it.
    pub clusters: Clusters,
    /// The server of `live` sources.
    pub sources_url: Option<SourcesUrl>,
    /// The text of each source, by the name that scripts' blocks use.
    pub sources: HashMap<String, Arc<str>>,
    /// The text of each file that scripts reach by name, by its name as it is written.
    pub files: HashMap<String, Arc<str>>,
    /// The environment variables that scripts may read.
    pub env: Vec<String>,
    /// What a run of a script may use.
    pub limits: Limits,
    /// Whether the message, status and content type of an endpoint's `custom_error` are honoured (KrakenD: no).
    pub endpoint_error_bodies: bool,
    /// Whether a response header names a failure.
    pub error_header: bool,
    /// The lowest level that Envoy's log gets.
    pub log_level: LogLevel,
    /// Whether a configuration with warnings is refused.
    pub strict: bool,
    /// The namespaces and keys that are known to be missing here.
    pub ignore: Vec<String>,
    /// What happens with a request that meets no endpoint.
    pub unmatched: Unmatched,
    /// What this listener serves: the endpoints, or the messages of agents.
    pub listener: Listener,
    /// Whether scripts have helpers: `json`, `base64`, `hash` …
    pub helpers: bool,
    /// The protecting blocks that Envoy enforces in front of this filter.
    pub enforced_by_envoy: Vec<Enforced>,
    /// The names (`kid`) of all keys in a file of keys, by the file's path, if they are known; a key without a name has an
    /// empty one.
    pub key_ids: HashMap<String, Vec<String>>,
    /// Whether this filter answers the health check of `router`.
    pub health: bool,
}

/// What happens with a request that meets no endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmatched {
    /// It goes on along Envoy's own routes.
    #[default]
    Pass,
    /// It is answered with 404, as in KrakenD.
    Answer,
}

/// What one run of a script, or one message, may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// VM instructions of one run.
    pub instructions: u64,
    /// Heap of one run.
    pub memory_bytes: u64,
    /// The body of one message.
    pub body_bytes: u64,
    /// Side calls of one run.
    pub calls: u64,
    /// Time that the scripts of one block may compute for one request.
    pub time_ms: u64,
    /// Bytes that the scripts may print.
    pub print_bytes: u64,
}

/// The lowest level that the log gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "a level's name says it")]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// The server of `live` sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcesUrl {
    /// Its address.
    pub host: ServiceHost,
}

impl SourcesUrl {
    /// The path of a source: base, `/`, the name without leading `./` and `/`, percent-encoded. `None` for a name with `..`.
    pub fn path(&self, name: &str) -> Option<String> {
        let mut name = name;
        while let Some(rest) = name.strip_prefix("./").or_else(|| name.strip_prefix('/')) {
            name = rest;
        }
        if name.split(['/', '\\']).any(|segment| segment == "..") {
            return None;
        }
        let mut path = format!("{}/", self.host.base);
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                path.push(char::from(byte));
            } else {
                let _ = write!(path, "%{byte:02X}"); // writing to a String cannot fail
            }
        }
        Some(path)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            instructions: 10_000_000,
            memory_bytes: 16 << 20,
            body_bytes: 1 << 20,
            calls: 16,
            time_ms: 1000,
            print_bytes: 65_536,
        }
    }
}

impl Default for Plugin {
    fn default() -> Self {
        Self {
            user_agent: "lua-modifier".to_owned(),
            clusters: Clusters::default(),
            sources_url: None,
            sources: HashMap::new(),
            files: HashMap::new(),
            env: Vec::new(),
            limits: Limits::default(),
            endpoint_error_bodies: false,
            error_header: false,
            log_level: LogLevel::Info,
            strict: false,
            ignore: Vec::new(),
            unmatched: Unmatched::Pass,
            listener: Listener::Endpoints,
            helpers: false,
            enforced_by_envoy: Vec::new(),
            key_ids: HashMap::new(),
            health: false,
        }
    }
}

/// The Envoy cluster that serves a URL's host.
pub fn cluster_for(plugin: &Plugin, scheme: &str, authority: &str) -> String {
    plugin.clusters.serving(scheme, authority)
}

const KEYS: [&str; 20] = [
    "sources",
    "files",
    "bundle",
    "env",
    "clusters",
    "default_cluster",
    "limits",
    "sources_url",
    "user_agent",
    "ignore",
    "strict",
    "endpoint_error_bodies",
    "error_header",
    "log_level",
    "unmatched",
    "listener",
    "health",
    "helpers",
    "enforced_by_envoy",
    "key_ids",
];
const LEVELS: [(&str, LogLevel); 5] = [
    ("trace", LogLevel::Trace),
    ("debug", LogLevel::Debug),
    ("info", LogLevel::Info),
    ("warn", LogLevel::Warn),
    ("error", LogLevel::Error),
];

/// Reads the namespace at the service.
pub(super) fn read(node: Option<&Node<'_>>) -> Result<Plugin> {
    let mut plugin = Plugin::default();
    let Some(node) = node else { return Ok(plugin) };
    refuse_unknown(node, &KEYS)?;
    if let Some(agent) = node.text_at("user_agent")?.filter(|agent| !agent.is_empty()) {
        if agent.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return Err(node.error_at("user_agent", "must be fit for a header: no line ends, no control characters"));
        }
        plugin.user_agent = agent;
    }
    if let Some(clusters) = node.get("clusters") {
        plugin.clusters.named = read_clusters(&clusters)?;
    }
    plugin.clusters.default = node.text_at("default_cluster")?.filter(|name| !name.is_empty());
    if let Some(sources) = node.get("sources") {
        for (name, text) in sources.data_entries()? {
            plugin.sources.insert(name.to_owned(), text.text()?.into());
        }
    }
    if let Some(files) = node.get("files") {
        for (name, text) in files.data_entries()? {
            plugin.files.insert(name.to_owned(), text.text()?.into());
        }
    }
    node.texts_at("bundle")?; // only checked: these are patterns by which the command fills `files`
    plugin.env = read_env(node)?;
    if let Some(url) = node.get("sources_url")
        && !url.text()?.is_empty()
    {
        plugin.sources_url = Some(SourcesUrl { host: ServiceHost::read(&url, &plugin.clusters, false)? });
    }
    plugin.limits = read_limits(node, plugin.limits)?;
    plugin.endpoint_error_bodies = node.flag_at("endpoint_error_bodies")?;
    plugin.error_header = node.flag_at("error_header")?;
    plugin.strict = node.flag_at("strict")?;
    plugin.ignore = node.texts_at("ignore")?;
    plugin.helpers = node.flag_at("helpers")?;
    plugin.health = node.flag_at("health")?;
    if let Some(files) = node.get("key_ids") {
        for (path, names) in files.data_entries()? {
            plugin.key_ids.insert(path.to_owned(), names.texts()?);
        }
    }
    plugin.enforced_by_envoy = node.get("enforced_by_envoy").map_or(Ok(Vec::new()), |list| enforced::read(&list))?;
    plugin.unmatched = match unmatched_at(node) {
        None => Unmatched::Pass,
        Some(choice) => match choice.text()? {
            "pass" => Unmatched::Pass,
            "answer" => Unmatched::Answer,
            other => return Err(choice.error(format!("unknown choice {} (known: pass, answer)", quoted(other)))),
        },
    };
    plugin.listener = listener_at(node)?;
    if let Some(level) = node.get("log_level") {
        let name = level.text()?;
        let found = LEVELS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            level.error(format!(
                "unknown level {} (known: {})",
                quoted(name),
                listed(LEVELS.iter().map(|(name, _)| *name))
            ))
        })?;
        plugin.log_level = found.1;
    }
    Ok(plugin)
}

/// The value of `unmatched`, if it is written.
pub(super) fn unmatched_at<'b>(node: &'b Node<'_>) -> Option<Node<'b>> {
    node.get("unmatched")
}

/// Reads the namespace at an endpoint or an agent: limits and nothing else.
pub(super) fn read_at_endpoint(node: &Node<'_>, service: Limits) -> Result<Limits> {
    if let Some((key, child)) = node.entries()?.find(|(key, _)| KEYS.contains(key) && *key != "limits") {
        return Err(
            child.error(format!("{key} belongs to {PLUGIN} of the service; an endpoint, or an agent, has limits only"))
        );
    }
    refuse_unknown(node, &["limits"])?;
    read_limits(node, service)
}

fn refuse_unknown(node: &Node<'_>, known: &[&str]) -> Result<()> {
    match node.entries()?.find(|(key, _)| !known.contains(key)) {
        Some((_, child)) => Err(child.error(format!("unknown key (known: {})", listed(known.iter().copied())))),
        None => Ok(()),
    }
}

fn read_env(node: &Node<'_>) -> Result<Vec<String>> {
    let Some(list) = node.get("env") else { return Ok(Vec::new()) };
    let name = |item: Node<'_>| match item.text()? {
        name if name.is_empty() || name.contains(['=', '\0']) => {
            Err(item.error(format!("{} is not the name of an environment variable", quoted(name))))
        }
        name => Ok(name.to_owned()),
    };
    list.items()?.map(name).collect()
}

fn read_clusters(node: &Node<'_>) -> Result<HashMap<String, String>> {
    let mut clusters = HashMap::new();
    for (host, cluster) in node.data_entries()? {
        let name = cluster.text()?;
        if name.is_empty() {
            return Err(cluster.error("must name a cluster of Envoy"));
        }
        let key = normal_form(host).ok_or_else(|| {
            let told = quoted(&without_credentials(host));
            cluster.error(format!("{told} is not a host (write it like \"http://name:port\")"))
        })?;
        if clusters.insert(key.clone(), name.to_owned()).is_some_and(|other| other != name) {
            return Err(cluster.error(format!("{key} is given another cluster by another key of this map")));
        }
    }
    Ok(clusters)
}

fn read_limits(parent: &Node<'_>, defaults: Limits) -> Result<Limits> {
    let mut limits = defaults;
    let Some(node) = parent.get("limits") else { return Ok(limits) };
    refuse_unknown(&node, &["instructions", "memory_bytes", "body_bytes", "calls", "time_ms", "print_bytes"])?;
    let fields = [
        ("instructions", &mut limits.instructions, 1),
        ("memory_bytes", &mut limits.memory_bytes, 1),
        ("body_bytes", &mut limits.body_bytes, 0),
        ("calls", &mut limits.calls, 0),
        ("time_ms", &mut limits.time_ms, 1),
        ("print_bytes", &mut limits.print_bytes, 0),
    ];
    for (key, field, least) in fields {
        if let Some(value) = node.get(key) {
            *field = value.count()?;
            if *field < least {
                return Err(value.error(format!("must be at least {least}")));
            }
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sources_are_fetched_from_below_the_base() {
        let value = json!({"sources_url": "http://files/lua/"});
        let url = read(Some(&Node::root(&value))).unwrap().sources_url.unwrap();
        assert_eq!((url.host.key.as_str(), url.host.authority.as_str()), ("http://files:80", "files"));
        let table = [
            ("a.lua", Some("/lua/a.lua")),
            ("./x/a b.lua", Some("/lua/x/a%20b.lua")),
            ("/.//é?.lua", Some("/lua/%C3%A9%3F.lua")),
            ("../a.lua", None),
            ("x/../../a.lua", None),
            ("..a.lua", Some("/lua/..a.lua")),
        ];
        for (name, path) in table {
            assert_eq!(url.path(name).as_deref(), path, "{name}");
        }
    }

    #[test]
    fn limits_default_each_by_itself() {
        let value = json!({"limits": {"calls": 0, "time_ms": 5}});
        let limits = read(Some(&Node::root(&value))).unwrap().limits;
        assert_eq!(limits, Limits { calls: 0, time_ms: 5, ..Limits::default() });
        let value = json!({"limits": {"calls": 2}});
        let limits = read_at_endpoint(&Node::root(&value), limits).unwrap();
        assert_eq!((limits.calls, limits.time_ms), (2, 5));
    }
}
