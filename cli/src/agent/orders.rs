//! The agents to run: the document as it is on disk, its agents, and the setting for starting VMs. Consumes nothing.

use std::sync::Arc;

use host_sim::StartError;
use lua_modifier::config::{self, Connection, Consumer, Driver};
use serde_json::Value;

use super::Args;
use crate::Trouble;
use crate::document::{Document, agents_configuration, take_live};
use crate::embedded::refusal;
use crate::embedded::setting::Setting;
use crate::environment::Variables;

/// An agent without its pipeline, which only the module needs.
pub(super) struct Agent {
    pub(super) name: String,
    /// The path of the requests by which the module gets the agent's messages.
    pub(super) path: String,
    pub(super) connection: Connection,
    pub(super) consumer: Consumer,
    pub(super) driver: Driver,
}

impl From<config::Agent> for Agent {
    fn from(agent: config::Agent) -> Self {
        let config::Agent { name, path, connection, consumer, driver, .. } = agent;
        Self { name, path, connection, consumer, driver }
    }
}

/// The agents of a document, and everything that is needed to play their messages.
pub(super) struct Orders {
    pub(super) agents: Vec<Arc<Agent>>,
    document: Document,
    configuration: Value,
    variables: Variables,
}

impl Orders {
    pub(super) fn read(args: &Args) -> Result<Self, Trouble> {
        let document = args.reading.document(&args.document)?;
        let path = document.path.display();
        if let Some((name, why)) = document.lua.missing.iter().next() {
            return Err(Trouble::new(format!("{path}: the source {}", why.trouble(name))));
        }
        let mut configuration = document.plugin_configuration();
        take_live(&mut configuration);
        let none = || Trouble::new(format!("{path} has no async_agent: there is nothing to consume"));
        let configuration = agents_configuration(&configuration).ok_or_else(none)?;
        let read = lua_modifier::config::read(configuration.to_string().as_bytes());
        let read = read.map_err(|error| Trouble::new(format!("{path}: {}", document.placed(&error.to_string()))))?;
        let agents = chosen(read.agents, &args.only).map_err(|why| Trouble::new(format!("{path} {why}")))?;
        let sized = agents.iter().find(|agent| matches!(&agent.driver, Driver::Amqp(amqp) if amqp.prefetch_size > 0));
        if let Some(agent) = sized {
            let why = "prefetch_size is not 0: RabbitMQ refuses that. Say how many messages by prefetch_count";
            return Err(Trouble::new(format!("{path}: the agent {}: {why}", agent.name)));
        }
        let variables = args.given.with_own(&document)?;
        let agents = agents.into_iter().map(Arc::new).collect();
        Ok(Self { agents, document, configuration, variables })
    }

    /// The setting for VMs that play messages in this program.
    pub(super) fn setting(&self, args: &Args) -> Setting {
        let text = self.configuration.to_string();
        let setting = Setting::new(&text, &self.configuration, &self.variables, &args.ways);
        setting.logging_from(args.log_level.into())
    }

    /// The message for a document that the module refuses.
    pub(super) fn refusal(&self, error: &StartError) -> Trouble {
        let why = refusal::words(error, |said| self.document.placed(said)).join("\n");
        Trouble::new(format!("{} cannot be served: {why}", self.document.path.display()))
    }
}

fn chosen(agents: Vec<config::Agent>, only: &[String]) -> Result<Vec<Agent>, String> {
    let known: Vec<String> = agents.iter().map(|agent| agent.name.clone()).collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(name)) {
        return Err(format!("has no agent {unknown:?}: it has {}", known.join(", ")));
    }
    let wanted = agents.into_iter().filter(|agent| only.is_empty() || only.contains(&agent.name));
    Ok(wanted.map(Agent::from).collect())
}
