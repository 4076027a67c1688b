//! `async_agent`: consumers of queues, each with a pipeline like that of an endpoint, which its messages go through. The models
//! in KrakenD are lura's `async/asyncagent.go` and `initAsyncAgents`.
//!
//! Nothing here consumes messages: `lua-modifier agent` does, and hands each message to a filter that serves agents.

mod amqp;
mod consumer;

use std::sync::Arc;
use std::time::Duration;

use super::encoding::{OutputEncoding, encoding_at};
use super::endpoint::{self, Endpoint, LetIn, Owner};
use super::jmespath;
use super::lua_block::LuaBlock;
use super::migration::{self, Level};
use super::namespaces::{AMQP, JMESPATH, KAFKA, LUA_PROXY, PLUGIN, PROXY, check_namespaces, namespace};
use super::notices::Notices;
use super::plugin::{self, Plugin};
use super::proxy::{self, ProxySettings};
use super::reader::{ConfigError, Node, Result, quoted};
use crate::http::encode_component;

pub use amqp::Amqp;
pub use consumer::{Backoff, Connection, Consumer};

/// A consumer of a queue, and the pipeline for its messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// A name that no other agent has; KrakenD's `AsyncAgent-00` if the document gives none.
    pub name: String,
    /// The path at which a filter with [`Listener::Agents`](super::Listener) takes the agent's messages: `/__async_agent/` and
    /// the name, percent-encoded.
    pub path: String,
    /// How the agent connects to its queue.
    pub connection: Connection,
    /// Which messages the agent takes.
    pub consumer: Consumer,
    /// The queue itself.
    pub driver: Driver,
    /// The pipeline of the messages. The path of this endpoint is the agent's name, and no request meets it.
    pub endpoint: Endpoint,
}

/// The kind of an agent's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driver {
    /// RabbitMQ, by AMQP 0-9-1.
    Amqp(Amqp),
}

/// The agents of a document; `timeout` is the service's. Empty if `ignore` names `async_agent`.
pub(super) fn read_all(
    root: &Node<'_>,
    timeout: Duration,
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<Vec<Agent>> {
    let mut agents: Vec<Agent> = Vec::new();
    let Some(list) = root.get("async_agent").filter(|_| !notices.ignores("async_agent")) else { return Ok(agents) };
    let hosts = root.get("host");
    for (number, node) in list.items()?.enumerate() {
        let agent = read(&node, (number, timeout, &hosts), plugin, notices)?;
        if agents.iter().any(|other| other.name == agent.name) {
            let what = format!("another agent is called {}, too: a name leads to one of them", quoted(&agent.name));
            return Err(node.error_at("name", what));
        }
        agents.push(agent);
    }
    Ok(agents)
}

fn read(
    node: &Node<'_>,
    (number, timeout, hosts): (usize, Duration, &Option<Node<'_>>),
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<Agent> {
    notices.check_keys(node, migration::keys(Level::Agent))?;
    let name = node.text_at("name")?.filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| format!("AsyncAgent-{number:02}"));
    let connection = node.get("connection");
    let connection = connection.map_or(Ok(Connection::default()), |node| consumer::read_connection(&node, notices))?;
    let consumer = match node.get("consumer") {
        Some(node) => consumer::read_consumer(&node, timeout, notices)?,
        None => return Err(node.error_at("consumer", "is missing: which messages to take, by \"topic\"")),
    };
    // KrakenD checks this key, and then never uses it: backends have encodings of their own.
    encoding_at(node, OutputEncoding::Json)?;
    let Some(extra) = node.get("extra_config") else { return Err(no_driver(node)) };
    check_namespaces(&extra, Level::Agent, notices)?;
    let driver = read_driver(node, &extra, notices)?;
    let endpoint = read_endpoint(node, &extra, (&name, consumer.timeout, hosts), plugin, notices)?;
    let path = format!("/__async_agent/{}", encode_component(name.as_bytes()));
    Ok(Agent { name, path, connection, consumer, driver, endpoint })
}

fn no_driver(node: &Node<'_>) -> ConfigError {
    node.error_at(
        "extra_config",
        "names no driver, without which KrakenD does not start the agent: add async/amqp with host, name and exchange",
    )
}

fn read_driver(node: &Node<'_>, extra: &Node<'_>, notices: &mut Notices) -> Result<Driver> {
    if let Some(kafka) = namespace(extra, KAFKA).filter(|_| !notices.ignores(KAFKA)) {
        return Err(kafka.error(
            "async/kafka is a driver of KrakenD's Enterprise Edition, and there is none for it here: take the messages from a \
             RabbitMQ by async/amqp, or remove the agent",
        ));
    }
    let amqp = namespace(extra, AMQP).ok_or_else(|| no_driver(node))?;
    amqp::read(&amqp, notices).map(Driver::Amqp)
}

// Makes the endpoint that KrakenD makes of an agent for its pipeline: with a name, a timeout, backends and an extra_config.
fn read_endpoint(
    node: &Node<'_>,
    extra: &Node<'_>,
    (name, timeout, hosts): (&str, Duration, &Option<Node<'_>>),
    plugin: &Plugin,
    notices: &mut Notices,
) -> Result<Endpoint> {
    let lua_proxy =
        namespace(extra, LUA_PROXY).map(|block| LuaBlock::read(&block, plugin, notices)).transpose()?.map(Box::new);
    let jmespath = namespace(extra, JMESPATH).map(|block| jmespath::read(&block, notices)).transpose()?;
    let limits = namespace(extra, PLUGIN).map(|own| plugin::read_at_endpoint(&own, plugin.limits)).transpose()?;
    let proxy = namespace(extra, PROXY);
    let proxy = proxy.map_or(Ok(ProxySettings::default()), |block| proxy::read(&block, notices))?;
    let mut endpoint = Endpoint {
        path: name.to_owned(),
        method: String::new(),
        timeout,
        cache_ttl: Duration::ZERO,
        output_encoding: OutputEncoding::Json,
        input_headers: LetIn::Listed(Vec::new()),
        input_query_strings: LetIn::Listed(Vec::new()),
        params: Vec::new(),
        api_keys: None,
        bots: None,
        validator: None,
        lua_endpoint: None,
        rates: None,
        lua_proxy,
        jmespath,
        sequential: proxy.sequential,
        concurrent_calls: 1,
        propagated: proxy.propagated,
        flatmap: proxy.flatmap,
        static_data: proxy.static_data,
        limits: Arc::new(limits.unwrap_or(plugin.limits)),
        backends: Vec::new(),
        shadow: None,
    };
    endpoint::add_backends(&mut endpoint, node, Owner::Agent, hosts, plugin, notices)?;
    Ok(endpoint)
}
