//! One endpoint: what it matches, what it lets in, its scripts and its backends.
//!
//! Knows what it inherits from the service; which of several endpoints a request meets is `routes`' business.

use super::backend::{self, Backend, Parent};
use super::duration::duration_at;
use super::lua_block::LuaBlock;
use super::namespaces::{LUA_ENDPOINT, LUA_PROXY, Level, PLUGIN, PROXY, namespace, survey};
use super::notices::{Keys, NO_EFFECT, Notices};
use super::plugin::{self, Limits, Plugin};
use super::proxy::{self, StaticData};
use super::reader::{Node, Result, listed, quoted};
use super::routes::path_params;
use super::url_pattern::PatternScope;
use crate::http::canonical;
use std::time::Duration;

/// An endpoint of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// As written: `/users/{user}`.
    pub path: String,
    /// In upper case.
    pub method: String,
    /// From the first byte of the request.
    pub timeout: Duration,
    /// Zero for no `Cache-Control`.
    pub cache_ttl: Duration,
    /// How the answer is written.
    pub output_encoding: OutputEncoding,
    /// Which of the client's headers reach the backends.
    pub input_headers: Input,
    /// Which of the client's query parameters reach the backends.
    pub input_query_strings: Input,
    /// The names of its parameters, as written, in order.
    pub params: Vec<String>,
    /// The scripts that see the client's request.
    pub lua_endpoint: Option<LuaBlock>,
    /// The scripts around all backends.
    pub lua_proxy: Option<LuaBlock>,
    /// Whether backends are called one after the other.
    pub sequential: bool,
    /// What is added to the data.
    pub static_data: Option<StaticData>,
    /// What a run of its scripts may use.
    pub limits: Limits,
    /// One or more.
    pub backends: Vec<Backend>,
}

impl Endpoint {
    /// Are its backends called one after the other? An only backend is no sequence.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.sequential && self.backends.len() > 1
    }
}

/// Which headers or query parameters are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// All (`*`).
    All,
    /// These; header names are canonical.
    Listed(Vec<String>),
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputEncoding {
    /// The data as a JSON object.
    Json,
    /// The data's `collection` as a JSON list.
    JsonCollection,
    /// The data's `content` as text.
    String,
    /// As the client's `Accept` says.
    Negotiate,
    /// The backend's response as it is.
    NoOp,
}

/// What endpoints inherit from the service.
pub(super) struct Defaults<'a> {
    pub(super) timeout: Duration,
    pub(super) cache_ttl: Duration,
    pub(super) output_encoding: OutputEncoding,
    pub(super) hosts: Option<Node<'a>>,
}

const KEYS: Keys = Keys {
    served: &[
        "endpoint",
        "method",
        "timeout",
        "cache_ttl",
        "output_encoding",
        "input_headers",
        "input_query_strings",
        "extra_config",
        "backend",
        "concurrent_calls",
    ],
    unsupported: &[],
};
const ENCODINGS: [(&str, OutputEncoding); 6] = [
    ("json", OutputEncoding::Json),
    ("json-collection", OutputEncoding::JsonCollection),
    ("string", OutputEncoding::String),
    ("negotiate", OutputEncoding::Negotiate),
    ("no-op", OutputEncoding::NoOp),
    ("fast-json", OutputEncoding::Json), // KrakenD's faster encoder of the same thing
];
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

pub(super) fn read(
    node: &Node<'_>,
    defaults: &Defaults<'_>,
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<Endpoint> {
    notices.check_keys(node, &KEYS)?;
    let (path, params) = match node.get("endpoint") {
        Some(path) => (path.text()?.to_owned(), path_params(&path)?),
        None => return Err(node.error_at("endpoint", "is missing: the path that clients ask for")),
    };
    if let Some(calls) = node.get("concurrent_calls")
        && calls.count()? > 1
    {
        notices.warn(&calls, format!("concurrent_calls {NO_EFFECT}"));
    }
    let extra = node.get("extra_config");
    let (mut lua_endpoint, mut lua_proxy, mut limits) = (None, None, plugin.limits);
    let mut proxy = proxy::Proxy::default();
    if let Some(extra) = &extra {
        survey(extra, Level::Endpoint, notices)?;
        limits = plugin::read_at_endpoint(namespace(extra, PLUGIN).as_ref(), plugin.limits)?;
        if let Some(block) = namespace(extra, LUA_ENDPOINT) {
            lua_endpoint = Some(LuaBlock::read(&block, plugin, notices)?);
        }
        if let Some(block) = namespace(extra, LUA_PROXY) {
            lua_proxy = Some(LuaBlock::read(&block, plugin, notices)?);
        }
        if let Some(node) = namespace(extra, PROXY) {
            proxy = proxy::read(&node, notices)?;
        }
    }
    let mut endpoint = Endpoint {
        path,
        method: method_at(node, "GET")?,
        timeout: duration_at(node, "timeout")?.unwrap_or(defaults.timeout),
        cache_ttl: duration_at(node, "cache_ttl")?.unwrap_or(defaults.cache_ttl),
        output_encoding: output_encoding_at(node)?.unwrap_or(defaults.output_encoding),
        input_headers: input_headers_at(node)?,
        input_query_strings: input_at(node, "input_query_strings")?,
        params,
        lua_endpoint,
        lua_proxy,
        sequential: proxy.sequential,
        static_data: proxy.static_data,
        limits,
        backends: Vec::new(),
    };
    endpoint.backends = read_backends(node, &endpoint, defaults, plugin, notices)?;
    Ok(endpoint)
}

fn read_backends(
    node: &Node<'_>,
    endpoint: &Endpoint,
    defaults: &Defaults<'_>,
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<Vec<Backend>> {
    let list =
        node.get("backend").ok_or_else(|| node.error_at("backend", "is missing: an endpoint needs one or more"))?;
    let mut backends = Vec::new();
    for item in list.items()? {
        let parent = Parent {
            hosts: &defaults.hosts,
            method: &endpoint.method,
            output_encoding: endpoint.output_encoding,
            proxy_skips: endpoint.lua_proxy.as_ref().is_some_and(|block| block.skip_next),
            scope: PatternScope { params: &endpoint.params, sequential: endpoint.sequential, backend: backends.len() },
        };
        backends.push(backend::read(&item, &parent, plugin, notices)?);
    }
    if backends.is_empty() {
        return Err(list.error("is empty: an endpoint needs one or more"));
    }
    if endpoint.output_encoding == OutputEncoding::NoOp && backends.len() > 1 {
        return Err(
            list.error("output_encoding \"no-op\" hands one response through: it cannot merge several backends")
        );
    }
    Ok(backends)
}

/// The method behind the key `method`, in upper case as KrakenD's router takes it.
pub(super) fn method_at(node: &Node<'_>, default: &str) -> Result<String> {
    let Some(node) = node.get("method") else { return Ok(default.to_owned()) };
    let method = node.text()?.to_ascii_uppercase();
    match method.as_str() {
        "" => Ok(default.to_owned()),
        known if METHODS.contains(&known) => Ok(method),
        _ => Err(node.error(format!("unknown method {} (known: {})", quoted(&method), listed(METHODS)))),
    }
}

pub(super) fn output_encoding_at(node: &Node<'_>) -> Result<Option<OutputEncoding>> {
    let Some(node) = node.get("output_encoding") else { return Ok(None) };
    let name = node.text()?;
    let known = || listed(ENCODINGS.iter().map(|(name, _)| *name));
    match ENCODINGS.iter().find(|(known, _)| *known == name) {
        Some((_, encoding)) => Ok(Some(*encoding)),
        None if name.is_empty() => Ok(None),
        None if matches!(name, "xml" | "yaml") => {
            Err(node.error(format!("encoding {} is not supported here (supported: {})", quoted(name), known())))
        }
        None => Err(node.error(format!("unknown encoding {} (known: {})", quoted(name), known()))),
    }
}

fn input_headers_at(node: &Node<'_>) -> Result<Input> {
    Ok(match input_at(node, "input_headers")? {
        Input::All => Input::All,
        // KrakenD lets this one header in where none is asked for.
        Input::Listed(names) if names.is_empty() => Input::Listed(vec!["Content-Type".to_owned()]),
        Input::Listed(names) => Input::Listed(names.iter().map(|name| canonical(name)).collect()),
    })
}

fn input_at(node: &Node<'_>, key: &str) -> Result<Input> {
    let names = node.texts_at(key)?;
    Ok(if names.iter().any(|name| name == "*") { Input::All } else { Input::Listed(names) })
}
