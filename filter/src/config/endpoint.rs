//! One endpoint: what it matches, what it lets in, its scripts and its backends.
//!
//! Knows what it inherits from the service; which of several endpoints a request meets is `routes`' business.

use std::time::Duration;

use super::backend::{self, Backend, Parent};
use super::duration::duration_at;
use super::encoding::{OutputEncoding, output_encoding_at};
use super::endpoint_path::path_params;
use super::lua_block::LuaBlock;
use super::method::method_at;
use super::migration::{self, Level};
use super::namespaces::{LUA_ENDPOINT, LUA_PROXY, PLUGIN, PROXY, check_namespaces, namespace, validator_at};
use super::notices::Notices;
use super::plugin::{self, Limits, Plugin};
use super::proxy::{self, ProxySettings, StaticData};
use super::reader::{Node, Result};
use super::url_pattern::PatternScope;
use super::validator::{self, Validator};
use crate::http::canonical;

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
    pub input_headers: LetIn,
    /// Which of the client's query parameters reach the backends.
    pub input_query_strings: LetIn,
    /// The names of its parameters, as written, in order.
    pub params: Vec<String>,
    /// The token that a request must carry.
    pub validator: Option<Validator>,
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
pub enum LetIn {
    /// All (`*`).
    All,
    /// These; header names are canonical.
    Listed(Vec<String>),
}

/// What endpoints inherit from the service.
pub(super) struct Defaults<'a> {
    pub(super) timeout: Duration,
    pub(super) cache_ttl: Duration,
    pub(super) output_encoding: OutputEncoding,
    pub(super) hosts: Option<Node<'a>>,
}

pub(super) fn read(
    node: &Node<'_>,
    defaults: &Defaults<'_>,
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<Endpoint> {
    notices.check_keys(node, migration::keys(Level::Endpoint))?;
    let (path, params) = match node.get("endpoint") {
        Some(path) => (path.text()?.to_owned(), path_params(&path)?),
        None => return Err(node.error_at("endpoint", "is missing: the path that clients ask for")),
    };
    if let Some(calls) = node.get("concurrent_calls") {
        calls.count()?;
    }
    let extra = node.get("extra_config");
    let (mut validator, mut lua_endpoint, mut lua_proxy, mut limits) = (None, None, None, plugin.limits);
    let mut proxy = ProxySettings::default();
    if let Some(extra) = &extra {
        check_namespaces(extra, Level::Endpoint, notices)?;
        limits = plugin::read_at_endpoint(namespace(extra, PLUGIN).as_ref(), plugin.limits)?;
        if let Some(block) = validator_at(extra, notices) {
            validator = Some(validator::read(&block, notices)?);
        }
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
        validator,
        lua_endpoint,
        lua_proxy,
        sequential: proxy.sequential,
        static_data: proxy.static_data,
        limits,
        backends: Vec::new(),
    };
    endpoint.backends = read_backends(node, &endpoint, defaults, plugin, notices)?;
    if let Some(validator) = &mut endpoint.validator {
        validator.note_params(endpoint.backends.iter().map(|backend| &backend.url_pattern));
    }
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
            scope: PatternScope {
                params: &endpoint.params,
                has_token: endpoint.validator.is_some(),
                sequential: endpoint.sequential,
                backend: backends.len(),
            },
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

fn input_headers_at(node: &Node<'_>) -> Result<LetIn> {
    Ok(match input_at(node, "input_headers")? {
        LetIn::All => LetIn::All,
        // KrakenD lets this one header in where none is asked for.
        LetIn::Listed(names) if names.is_empty() => LetIn::Listed(vec!["Content-Type".to_owned()]),
        LetIn::Listed(names) => LetIn::Listed(names.iter().map(|name| canonical(name)).collect()),
    })
}

fn input_at(node: &Node<'_>, key: &str) -> Result<LetIn> {
    let names = node.texts_at(key)?;
    Ok(if names.iter().any(|name| name == "*") { LetIn::All } else { LetIn::Listed(names) })
}
