//! The document as a whole: the service's own settings, then every endpoint.

use std::sync::Arc;
use std::time::Duration;

use super::alike::Alike;
use super::api_keys::{self, Declared};
use super::async_agent::{self, Agent};
use super::bots::{BotDetector, Detectors};
use super::duration::duration_at;
use super::encoding::{OutputEncoding, output_encoding_at};
use super::endpoint::{self, Defaults, Endpoint};
use super::listener::Listener;
use super::long_list::LongList;
use super::lua_block::LuaBlock;
use super::migration::{self, Level};
use super::namespaces::{API_KEYS, LUA_ENDPOINT, PLUGIN, ROUTER, SERVICE_RATE, check_namespaces, namespace};
use super::notices::{Notices, Told};
use super::own_address::OwnAddress;
use super::plugin::{self, Plugin, Unmatched};
use super::protection::{has_protected_endpoints, protection_at};
use super::rate::{self, Rates};
use super::reader::{ConfigError, Node, Result};
use super::router::{self, Router};
use super::routes::Routes;
use super::validator::{self, Provider};

/// Everything that the document says, checked.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What is lost here, one line each.
    pub warnings: Vec<String>,
    /// What another part of Envoy does, or nobody misses; one line each.
    pub notes: Vec<String>,
    /// What is served in another way than its author may expect, one line each.
    pub remarks: Vec<String>,
    /// The settings that hold for every request.
    pub service: Service,
    /// The filter's own settings.
    pub plugin: Plugin,
    /// The endpoints in the order of the document; with [`Listener::Agents`] the pipelines of the agents, which no route leads
    /// to.
    pub endpoints: Vec<Endpoint>,
    /// The consumers of queues, in the order of the document.
    pub agents: Vec<Agent>,
    /// Finds the endpoint that a request meets.
    pub routes: Routes,
}

impl Configuration {
    /// The providers that must stand in Envoy's `jwt_authn`, in the order of their names. Endpoints may share a provider: it
    /// gets the largest leeway and the shortest cache of all of them.
    pub fn providers(&self) -> Vec<Provider> {
        let validators = self.endpoints.iter().filter_map(|endpoint| endpoint.validator.as_ref());
        validator::distinct(validators.flat_map(|validator| validator.providers()))
    }

    /// The pipelines of all endpoints and agents, whichever of them this listener serves.
    pub fn pipelines(&self) -> impl Iterator<Item = &Endpoint> {
        let agents = self.agents.iter().filter(|_| self.plugin.listener == Listener::Endpoints);
        self.endpoints.iter().chain(agents.map(|agent| &agent.endpoint))
    }
}

/// The settings that hold for every request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Scripts that see every request, even one that meets no endpoint.
    pub lua_endpoint: Option<LuaBlock>,
    /// The bots that are not served on any path.
    pub bots: Option<Arc<BotDetector>>,
    /// How many requests may come, whatever their path.
    pub rates: Option<Rates>,
    /// How paths and methods are read, and the answers if no endpoint fits.
    pub router: Router,
    /// The address at which the gateway sends requests to itself.
    pub own_address: OwnAddress,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2); // as in KrakenD

/// Reads and checks the plugin configuration.
pub fn read(json: &[u8]) -> std::result::Result<Configuration, ConfigError> {
    let (value, listed) = LongList::apart(json, "endpoints")?;
    let root = Node::root(&value);
    root.entries()?.for_each(drop); // fails if it is no object
    check_version(&root)?;
    let extra = root.get("extra_config");
    let plugin_node = extra.as_ref().and_then(|extra| extra.get(PLUGIN));
    let mut plugin = plugin::read(plugin_node.as_ref())?;
    if plugin.listener == Listener::Agents {
        return read_agents(&root, plugin);
    }
    let is_protected = has_protected_endpoints(&listed, &plugin)?;
    let mut notices = Notices::new(&plugin.ignore, &plugin.enforced_by_envoy, plugin.strict);
    match plugin_node.as_ref().and_then(plugin::unmatched_at) {
        // If endpoints are protected, a spelling that belongs to no endpoint must not lead past them along Envoy's routes.
        None if is_protected => plugin.unmatched = Unmatched::Answer,
        Some(choice) if is_protected && plugin.unmatched == Unmatched::Pass => {
            notices.remark(&choice, PASSES.to_owned())
        }
        _ => {}
    }
    notices.check_keys(&root, migration::keys(Level::Service))?;
    root.text_at("name")?;
    root.texts_at("host")?;
    let detectors = Detectors::default();
    let mut service = match &extra {
        Some(extra) => read_service(extra, &plugin, &detectors, &mut notices)?,
        None => Service::default(),
    };
    service.own_address = OwnAddress::read(&root);
    let keys = read_keys(extra.as_ref(), &mut notices)?;
    let defaults = Defaults {
        keys: keys.as_ref(),
        limits: Arc::new(plugin.limits),
        timeout: duration_at(&root, "timeout")?.unwrap_or(DEFAULT_TIMEOUT),
        cache_ttl: duration_at(&root, "cache_ttl")?.unwrap_or_default(),
        output_encoding: output_encoding_at(&root)?.unwrap_or(OutputEncoding::Json),
        hosts: root.get("host"),
        detectors: &detectors,
    };
    let mut endpoints = Vec::with_capacity(listed.len());
    if let Some(list) = root.get("endpoints") {
        list.items()?.for_each(drop); // fails if it is no list
        let mut alike = Alike::default();
        for (index, value) in listed.values().enumerate() {
            let mut endpoint = endpoint::read(&list.item(index, &*value?), &defaults, &plugin, &mut notices)?;
            alike.share(&mut endpoint);
            endpoints.push(endpoint);
        }
    }
    if let (Some(keys), None) = (&extra, endpoints.iter().find(|endpoint| endpoint.api_keys.is_some()))
        && let Some(node) = namespace(keys, API_KEYS)
    {
        notices.remark(&node, format!("no endpoint has {API_KEYS} in its extra_config: the keys protect nothing"));
    }
    let validators = endpoints.iter().filter_map(|endpoint| endpoint.validator.as_ref());
    let asks_for_tokens = endpoints.iter().any(|endpoint| endpoint.validator.is_some());
    let headers = validators.map(|validator| validator.header_name.as_str());
    if let (Some(block), true) = (&service.lua_endpoint, asks_for_tokens)
        && let Some(what) = validator::told_of_scripts(block, headers)
        && let Some(node) = extra.as_ref().and_then(|extra| namespace(extra, LUA_ENDPOINT))
    {
        notices.warn(&node, what);
    }
    let routes = Routes::new(&endpoints, &service.router)?;
    let agents = async_agent::read_all(&root, defaults.timeout, &plugin, &mut notices)?;
    let Told { warnings, notes, remarks } = notices.finish()?;
    Ok(Configuration { warnings, notes, remarks, service, plugin, endpoints, agents, routes })
}

// Reads what a listener of agents serves. The listener of the endpoints serves and reports everything else in the document.
fn read_agents(root: &Node<'_>, plugin: Plugin) -> Result<Configuration> {
    let mut notices = Notices::new(&plugin.ignore, &plugin.enforced_by_envoy, plugin.strict);
    let timeout = duration_at(root, "timeout")?.unwrap_or(DEFAULT_TIMEOUT);
    let agents = async_agent::read_all(root, timeout, &plugin, &mut notices)?;
    let Told { warnings, notes, remarks } = notices.finish()?;
    let service = Service { own_address: OwnAddress::read(root), ..Service::default() };
    // This listener serves nothing else, whatever `unmatched` says for the other listener.
    let plugin = Plugin { unmatched: Unmatched::Answer, health: false, ..plugin };
    let endpoints = agents.iter().map(|agent| agent.endpoint.clone()).collect();
    Ok(Configuration { warnings, notes, remarks, service, plugin, endpoints, agents, routes: Routes::default() })
}

const PASSES: &str = "what meets no endpoint goes on along Envoy's routes, although endpoints are protected: no route may lead to \
                      their backends but by x-lua-modifier-cluster";

fn read_keys(extra: Option<&Node<'_>>, notices: &mut Notices) -> Result<Option<Declared>> {
    let Some(block) = extra.and_then(|extra| protection_at(extra, API_KEYS, notices)) else { return Ok(None) };
    api_keys::read_service(&block, notices).map(Some)
}

fn check_version(root: &Node<'_>) -> Result<()> {
    let Some(version) = root.get("version") else {
        return Err(root.error_at("version", "is missing: must be 3"));
    };
    match version.count()? {
        3 => Ok(()),
        other => Err(version.error(format!("must be 3, not {other} (KrakenD itself migrates older documents)"))),
    }
}

fn read_service(extra: &Node<'_>, plugin: &Plugin, detectors: &Detectors, notices: &mut Notices) -> Result<Service> {
    check_namespaces(extra, Level::Service, notices)?;
    let mut service = Service { bots: detectors.read(extra, notices)?, ..Service::default() };
    if let Some(block) = namespace(extra, LUA_ENDPOINT) {
        service.lua_endpoint = Some(LuaBlock::read(&block, plugin, notices)?);
    }
    if let Some(block) = protection_at(extra, SERVICE_RATE, notices) {
        service.rates = rate::read(&block, &block, &[], notices)?;
    }
    if let Some(router) = namespace(extra, ROUTER) {
        service.router = router::read(&router, plugin, notices)?;
    }
    Ok(service)
}
