//! One backend of an endpoint. Knows the settings that it inherits from the service and the endpoint, and nothing of its
//! siblings.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::breaker::{self, Breaker};
use super::encoding::{Encoding, OutputEncoding, encoding_at};
use super::flatmap::FlatmapOp;
use super::hosts::ServiceHost;
use super::jmespath::{self, Expression};
use super::lua_block::LuaBlock;
use super::martian::{self, Martian};
use super::method::method_at;
use super::migration::{self, Level};
use super::namespaces::{
    BREAKER, HTTP, JMESPATH, LUA_BACKEND, MARTIAN, PROXY, PROXY_RATE, check_namespaces, namespace,
};
use super::notices::Notices;
use super::plugin::Plugin;
use super::protection::protection_at;
use super::proxy;
use super::rate::{self, Rate};
use super::reader::{Node, Result};
use super::url_pattern::{PatternScope, UrlPattern};
use crate::http::canonical;

/// A backend: where it is, what is sent there, and how its response is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Its number among all backends of the endpoint, in the order of the document.
    pub number: usize,
    /// The hosts, which take turns. Empty only if a script's `skip_next` keeps every request from getting there.
    pub hosts: Arc<[ServiceHost]>,
    /// The path, with parameters.
    pub url_pattern: UrlPattern,
    /// In upper case.
    pub method: SmolStr,
    /// How its response is read.
    pub encoding: Encoding,
    /// Whether the response is a JSON list.
    pub is_collection: bool,
    /// How its data is formatted before any script sees it. Boxed, as other settings that most backends do not have.
    pub formatting: Option<Box<Formatting>>,
    /// The only headers that reach this backend, canonical; `None` for all that the endpoint lets in.
    pub input_headers: Option<Vec<String>>,
    /// The only query parameters that reach this backend.
    pub input_query_strings: Option<Vec<String>>,
    /// How many requests may go to this backend.
    pub rate: Option<Box<Rate>>,
    /// Its scripts.
    pub lua_backend: Option<Box<LuaBlock>>,
    /// The changes between its scripts and the network; `None` for no changes.
    pub martian: Option<Box<Martian>>,
    /// When the backend is not asked for a time.
    pub breaker: Option<Box<Breaker>>,
    /// The query that its data goes through after its scripts.
    pub jmespath: Option<Expression>,
    /// Whether the client gets the status of its error.
    pub return_error_code: bool,
    /// The name under which its error is part of the answer (`error_NAME`).
    pub return_error_details: Option<String>,
}

/// What is done to a backend's data: `target`, then `allow`, `deny` and `mapping`, then `group`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formatting {
    /// The key under which the data is put; empty for none.
    pub group: String,
    /// The key whose content is the data; empty for all of it.
    pub target: String,
    /// The only keys that are kept; empty for all.
    pub allow: Vec<String>,
    /// Keys that are removed; ignored if `allow` is given.
    pub deny: Vec<String>,
    /// Keys that are renamed, from and to.
    pub mapping: BTreeMap<String, String>,
    /// The operations in the place of `allow`, `deny` and `mapping`; empty for none.
    pub flatmap: Vec<FlatmapOp>,
}

/// The settings that a backend inherits.
pub(super) struct Parent<'a> {
    pub(super) endpoint: &'a Node<'a>,
    pub(super) number: usize,
    pub(super) hosts: &'a Option<Node<'a>>,
    pub(super) method: &'a str,
    pub(super) output_encoding: OutputEncoding,
    pub(super) proxy_skips: bool,
    pub(super) body_bytes: u64,
    pub(super) scope: PatternScope<'a>,
}

pub(super) fn read(node: &Node<'_>, parent: &Parent<'_>, plugin: &Plugin, notices: &mut Notices) -> Result<Backend> {
    notices.check_keys(node, migration::keys(Level::Backend))?;
    node.text_at("sd")?;
    let extra = node.get("extra_config");
    let (mut rate, mut breaker, mut lua_backend, mut jmespath, mut flatmap) = (None, None, None, None, Vec::new());
    let (mut return_error_code, mut return_error_details) = (false, None);
    if let Some(extra) = &extra {
        check_namespaces(extra, Level::Backend, notices)?;
        if let Some(block) = protection_at(extra, PROXY_RATE, notices) {
            rate = rate::read_proxy(&block, parent.endpoint, parent.number, notices)?.map(Box::new);
        }
        if let Some(block) = protection_at(extra, BREAKER, notices) {
            breaker = breaker::read(&block, notices)?.map(Box::new);
        }
        if let Some(block) = namespace(extra, LUA_BACKEND) {
            lua_backend = Some(Box::new(LuaBlock::read(&block, plugin, notices)?));
        }
        if let Some(proxy) = namespace(extra, PROXY) {
            flatmap = proxy::read_backend(&proxy, notices)?;
        }
        if let Some(block) = namespace(extra, JMESPATH) {
            jmespath = Some(jmespath::read(&block, notices)?);
        }
        if let Some(http) = namespace(extra, HTTP) {
            notices.check_keys(&http, migration::HTTP)?;
            return_error_details = http.text_at("return_error_details")?.filter(|name| !name.is_empty());
            // KrakenD looks at the code only if `return_error_details` is absent; an empty name counts as present.
            return_error_code = http.flag_at("return_error_code")? && http.get("return_error_details").is_none();
        }
    }
    let mut url_pattern = match node.get("url_pattern") {
        Some(pattern) => UrlPattern::read(&pattern, pattern.text()?, &parent.scope, notices)?,
        None => UrlPattern::read(node, "", &parent.scope, notices)?,
    };
    url_pattern.pieces.shrink_to_fit();
    for key in ["allow", "deny", "mapping"] {
        if let Some(node) = node.get(key).filter(|node| !flatmap.is_empty() && !node.is_idle()) {
            notices.remark(&node, format!("{key} is not looked at beside flatmap_filter, as in KrakenD"));
        }
    }
    let skipped = parent.proxy_skips || lua_backend.as_ref().is_some_and(|block| block.skip_next);
    let hosts = read_hosts(node, parent, plugin, skipped)?;
    let formatting = Formatting {
        group: node.text_at("group")?.unwrap_or_default(),
        target: node.text_at("target")?.unwrap_or_default(),
        allow: node.texts_at("allow")?,
        deny: node.texts_at("deny")?,
        mapping: mapping_at(node)?,
        flatmap,
    };
    let formatting = (formatting != Formatting::default()).then(|| Box::new(formatting));
    let martian = match extra.as_ref().and_then(|extra| namespace(extra, MARTIAN)) {
        Some(block) => {
            let is_dynamic = |host: &&ServiceHost| Some(host.cluster.as_str()) == plugin.clusters.default.as_deref();
            let dynamic_host = hosts.iter().find(is_dynamic).map(|host| host.key.as_str());
            martian::read(&block, &martian::Bounds { dynamic_host, body_bytes: parent.body_bytes }, notices)?
                .map(Box::new)
        }
        None => None,
    };
    Ok(Backend {
        number: parent.number,
        hosts,
        url_pattern,
        method: method_at(node, parent.method)?.into(),
        encoding: encoding_at(node, parent.output_encoding)?,
        is_collection: node.flag_at("is_collection")?,
        formatting,
        input_headers: filter_at(node, "input_headers", notices)?
            .map(|names| names.iter().map(|name| canonical(name)).collect()),
        input_query_strings: filter_at(node, "input_query_strings", notices)?,
        rate,
        lua_backend,
        martian,
        breaker,
        jmespath,
        return_error_code,
        return_error_details,
    })
}

fn read_hosts(node: &Node<'_>, parent: &Parent<'_>, plugin: &Plugin, skipped: bool) -> Result<Arc<[ServiceHost]>> {
    let own = node.get("host");
    let own = own.as_ref().filter(|list| !list.is_idle());
    // KrakenD always cleans the service's own hosts.
    let sanitize = own.is_none() || !node.flag_at("disable_host_sanitize")?;
    let hosts: Arc<[ServiceHost]> = match own.or(parent.hosts.as_ref()) {
        Some(list) => {
            list.items()?.map(|host| ServiceHost::read(&host, &plugin.clusters, sanitize)).collect::<Result<_>>()?
        }
        None => Arc::default(),
    };
    if hosts.is_empty() && !skipped {
        return Err(node.error_at("host", "is missing: name at least one host, here or at the service"));
    }
    Ok(hosts)
}

fn mapping_at(node: &Node<'_>) -> Result<BTreeMap<String, String>> {
    let Some(mapping) = node.get("mapping") else { return Ok(BTreeMap::new()) };
    mapping.data_entries()?.map(|(from, to)| Ok((from.to_owned(), to.text()?.to_owned()))).collect()
}

/// A backend's own list of what it lets in: no list, or an empty one, lets in everything.
fn filter_at(node: &Node<'_>, key: &str, notices: &mut Notices) -> Result<Option<Vec<String>>> {
    let names = node.texts_at(key)?;
    if let Some(list) = node.get(key)
        && names.iter().any(|name| name == "*")
    {
        notices.warn(&list, format!("\"*\" is a name like any other in {key} of a backend, as in KrakenD: leave the list out to let everything in"));
    }
    Ok((!names.is_empty()).then_some(names))
}
