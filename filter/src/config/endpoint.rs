//! One endpoint: what it matches, what it lets in, its scripts and its backends.
//!
//! Knows what an endpoint inherits from the service; `routes` decides which of several endpoints a request meets.

use std::sync::Arc;
use std::time::Duration;

use super::api_keys::{self, ApiKeys, Declared};
use super::backend::{self, Backend, Parent};
use super::bots::{BotDetector, Detectors};
use super::duration::duration_at;
use super::encoding::{OutputEncoding, output_encoding_at};
use super::endpoint_path::{WILDCARD, path_params};
use super::flatmap::FlatmapOp;
use super::jmespath::{self, Expression};
use super::lua_block::LuaBlock;
use super::method::method_at;
use super::migration::{self, Level};
use super::namespaces::{
    API_KEYS, JMESPATH, LUA_ENDPOINT, LUA_PROXY, PLUGIN, PROXY, ROUTER_RATE, VALIDATOR, check_namespaces, namespace,
};
use super::notices::Notices;
use super::plugin::{self, Limits, Plugin};
use super::protection::protection_at;
use super::proxy::{self, ProxySettings, StaticData};
use super::rate::{self, Rates};
use super::reader::{Node, Result};
use super::response_param::ResponseParam;
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
    /// The time for an exchange, from the first byte of the request.
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
    /// The key that a request must carry. Boxed, as other settings that most endpoints do not have.
    pub api_keys: Option<Box<ApiKeys>>,
    /// The bots that are not served.
    pub bots: Option<Arc<BotDetector>>,
    /// The token that a request must carry.
    pub validator: Option<Box<Validator>>,
    /// The scripts that see the client's request.
    pub lua_endpoint: Option<Box<LuaBlock>>,
    /// How many requests may come. Boxed: most endpoints have no such limit.
    pub rates: Option<Box<Rates>>,
    /// The scripts around all backends.
    pub lua_proxy: Option<Box<LuaBlock>>,
    /// The query that the data goes through after the scripts around all backends.
    pub jmespath: Option<Expression>,
    /// Whether backends are called one after the other.
    pub sequential: bool,
    /// How many calls each backend gets for a request; the first complete answer counts. One or more.
    pub concurrent_calls: usize,
    /// The values of earlier backends' responses that later backends of a sequence get, besides those that their patterns name.
    pub propagated: Vec<ResponseParam>,
    /// The operations on the merged data; empty for none.
    pub flatmap: Vec<FlatmapOp>,
    /// The fixed values that are added to the data.
    pub static_data: Option<Box<StaticData>>,
    /// What one run of its scripts may use.
    pub limits: Arc<Limits>,
    /// Its backends; one or more.
    pub backends: Vec<Backend>,
    /// The backends whose responses nobody waits for. Boxed: most endpoints have none.
    pub shadow: Option<Box<Shadow>>,
}

/// Backends that get a copy of each request, while nobody waits for their responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// How long all of them may take.
    pub timeout: Duration,
    /// The endpoint as these backends see it: they are its only backends, and everything that changes responses is left out.
    pub endpoint: Endpoint,
}

impl Endpoint {
    /// Are its backends called one after the other? A single backend is no sequence.
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
    /// These names; header names are canonical.
    Listed(Vec<String>),
}

/// The owner of backends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Endpoint,
    Agent,
}

impl Owner {
    fn words(self) -> &'static str {
        match self {
            Self::Endpoint => "an endpoint",
            Self::Agent => "an agent",
        }
    }
}

/// What endpoints inherit from the service.
pub(super) struct Defaults<'a> {
    pub(super) limits: Arc<Limits>,
    pub(super) timeout: Duration,
    pub(super) cache_ttl: Duration,
    pub(super) output_encoding: OutputEncoding,
    pub(super) hosts: Option<Node<'a>>,
    pub(super) detectors: &'a Detectors,
    pub(super) keys: Option<&'a Declared>,
}

#[inline(never)] // V8 takes much memory to compile a large function.
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
    let extra = node.get("extra_config");
    let (mut bots, mut api_keys, mut validator, mut rates) = (None, None, None, None);
    let (mut lua_endpoint, mut lua_proxy, mut jmespath) = (None, None, None);
    let mut limits = Arc::clone(&defaults.limits);
    let mut proxy = ProxySettings::default();
    if let Some(extra) = &extra {
        check_namespaces(extra, Level::Endpoint, notices)?;
        if let Some(own) = namespace(extra, PLUGIN) {
            limits = Arc::new(plugin::read_at_endpoint(&own, plugin.limits)?);
        }
        bots = defaults.detectors.read(extra, notices)?;
        if let Some(block) = protection_at(extra, API_KEYS, notices) {
            api_keys = Some(Box::new(api_keys::read(&block, node, defaults.keys, notices)?));
        }
        if let Some(block) = protection_at(extra, VALIDATOR, notices) {
            validator = Some(Box::new(validator::read(&block, notices)?));
        }
        if let Some(block) = protection_at(extra, ROUTER_RATE, notices) {
            rates = rate::read(&block, node, &params, notices)?.map(Box::new);
        }
        if let Some(block) = namespace(extra, LUA_ENDPOINT) {
            lua_endpoint = Some(Box::new(LuaBlock::read(&block, plugin, notices)?));
        }
        if let Some(block) = namespace(extra, LUA_PROXY) {
            lua_proxy = Some(Box::new(LuaBlock::read(&block, plugin, notices)?));
        }
        if let Some(block) = namespace(extra, JMESPATH) {
            jmespath = Some(jmespath::read(&block, notices)?);
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
        bots,
        api_keys,
        validator,
        lua_endpoint,
        rates,
        lua_proxy,
        jmespath,
        sequential: proxy.sequential,
        concurrent_calls: concurrent_calls_at(node)?,
        propagated: proxy.propagated,
        flatmap: proxy.flatmap,
        static_data: proxy.static_data,
        limits,
        backends: Vec::new(),
        shadow: None,
    };
    if let (Some(header), Some(block)) =
        (unheard_role(&endpoint), extra.as_ref().and_then(|extra| namespace(extra, API_KEYS)))
    {
        let what =
            format!("propagate_role: the backends do not get {header}, which is not in input_headers of this endpoint");
        notices.remark(&block, what);
    }
    if let Some(block) = extra.as_ref().and_then(|extra| namespace(extra, JMESPATH))
        && endpoint.output_encoding == OutputEncoding::NoOp
    {
        notices.warn(&block, "modifier/jmespath has no effect with output_encoding no-op: there is no data".to_owned());
    }
    if endpoint.params.iter().any(|name| name == WILDCARD) {
        let what = "a wildcard is KrakenD's Enterprise Edition's: what it stands for comes behind the path of each url_pattern";
        notices.remark(node, what.to_owned());
    }
    add_backends(&mut endpoint, node, Owner::Endpoint, &defaults.hosts, plugin, notices)?;
    if let Some(validator) = &mut endpoint.validator {
        let shadows = endpoint.shadow.iter().flat_map(|shadow| &shadow.endpoint.backends);
        validator.note_params(endpoint.backends.iter().chain(shadows).map(|backend| &backend.url_pattern));
    }
    Ok(endpoint)
}

/// Reads the backends of an endpoint whose other settings have been read; shadow backends are put apart.
pub(super) fn add_backends(
    endpoint: &mut Endpoint,
    node: &Node<'_>,
    owner: Owner,
    hosts: &Option<Node<'_>>,
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<()> {
    let (backends, shadows, timeout) = read_backends(node, endpoint, owner, hosts, plugin, notices)?;
    if !endpoint.flatmap.is_empty() && backends.len() == 1 {
        let whose = owner.words();
        let what =
            format!("flatmap_filter of {whose} with one backend does nothing, as in KrakenD: move it to the backend");
        notices.remark(node, what);
    }
    if !shadows.is_empty() {
        let (lua_endpoint, lua_proxy, jmespath, static_data, flatmap) = (None, None, None, None, Vec::new());
        let backends = shadows;
        let seen = Endpoint { lua_endpoint, lua_proxy, jmespath, static_data, flatmap, backends, ..endpoint.clone() };
        endpoint.shadow = Some(Box::new(Shadow { timeout, endpoint: seen }));
    }
    endpoint.backends = backends;
    Ok(())
}

// The header with the role of an API key, if the endpoint lets it reach no backend.
fn unheard_role(endpoint: &Endpoint) -> Option<&str> {
    let header = endpoint.api_keys.as_ref()?.propagate_role.as_deref()?;
    let is_let_in = match &endpoint.input_headers {
        LetIn::All => true,
        LetIn::Listed(names) => names.iter().any(|name| name.eq_ignore_ascii_case(header)),
    };
    Some(header).filter(|_| !is_let_in)
}

/// More calls than this for one request of a client would be an attack on the backend.
const MOST_CALLS: u64 = 32;

fn concurrent_calls_at(node: &Node<'_>) -> Result<usize> {
    let Some(calls) = node.get("concurrent_calls") else { return Ok(1) };
    match calls.count()? {
        count if count > MOST_CALLS => Err(calls.error(format!("at most {MOST_CALLS} calls at a time"))),
        count => Ok(usize::try_from(count).unwrap_or(1).max(1)),
    }
}

fn read_backends(
    node: &Node<'_>,
    endpoint: &Endpoint,
    owner: Owner,
    hosts: &Option<Node<'_>>,
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<(Vec<Backend>, Vec<Backend>, Duration)> {
    let whose = owner.words();
    let missing = || node.error_at("backend", format!("is missing: {whose} needs one or more"));
    let list = node.get("backend").ok_or_else(missing)?;
    let (mut backends, mut shadows, mut shadow_timeout) = (Vec::new(), Vec::new(), Duration::ZERO);
    for (number, item) in list.items()?.enumerate() {
        let shadow = proxy::shadow(&item, endpoint.timeout)?;
        shadow_timeout = shadow_timeout.max(shadow.unwrap_or_default());
        let group = if shadow.is_some() { &mut shadows } else { &mut backends };
        let parent = Parent {
            endpoint: node,
            number,
            hosts,
            method: if owner == Owner::Agent { "GET" } else { &endpoint.method },
            output_encoding: endpoint.output_encoding,
            proxy_skips: endpoint.lua_proxy.as_ref().is_some_and(|block| block.skip_next),
            body_bytes: endpoint.limits.body_bytes,
            scope: PatternScope {
                params: &endpoint.params,
                has_token: endpoint.validator.is_some(),
                sequential: endpoint.sequential,
                backend: group.len(),
                is_wildcard: endpoint.params.iter().any(|name| name == WILDCARD),
                is_agents: owner == Owner::Agent,
            },
        };
        group.push(backend::read(&item, &parent, plugin, notices)?);
    }
    // A growing list takes room for four, and there may be ten thousand endpoints with one backend each.
    backends.shrink_to_fit();
    shadows.shrink_to_fit();
    if backends.is_empty() {
        return Err(list.error(match shadows.len() {
            0 => format!("is empty: {whose} needs one or more"),
            _ => format!("has shadows only: {whose} needs a backend that answers"),
        }));
    }
    if endpoint.output_encoding == OutputEncoding::NoOp && backends.len().saturating_add(shadows.len()) > 1 {
        return Err(
            list.error("output_encoding \"no-op\" hands one response through: it cannot merge several backends")
        );
    }
    for param in endpoint.propagated.iter().filter(|param| param.backend >= backends.len()) {
        let what = format!("sequential_propagated_params: {} refers to no backend of this endpoint", param.key);
        notices.warn(node, what);
    }
    Ok((backends, shadows, shadow_timeout))
}

fn input_headers_at(node: &Node<'_>) -> Result<LetIn> {
    Ok(match input_at(node, "input_headers")? {
        LetIn::All => LetIn::All,
        // KrakenD lets this one header in if no header is listed.
        LetIn::Listed(names) if names.is_empty() => LetIn::Listed(vec!["Content-Type".to_owned()]),
        LetIn::Listed(names) => LetIn::Listed(names.iter().map(|name| canonical(name)).collect()),
    })
}

fn input_at(node: &Node<'_>, key: &str) -> Result<LetIn> {
    let names = node.texts_at(key)?;
    Ok(if names.iter().any(|name| name == "*") { LetIn::All } else { LetIn::Listed(names) })
}
