//! The second listener of a bundle, to which `lua-modifier agent` hands the messages of `async_agent`: it has its own filter
//! with its own configuration, in the same VM. No other filter stands in front of it: the listener is for consumers, not for
//! clients.

use std::net::SocketAddr;

use minijinja::{Value, context};

use super::super::Trouble;
use super::super::document::{Document, agents_configuration};
use super::{Args, text, yaml};

const FILTER: &str = "lua-modifier-agents";

/// The parts of a bundle that a document needs for its agents.
pub(super) struct Agents {
    /// The name of the listener.
    name: String,
    listen: SocketAddr,
    /// The configuration of the filter at this listener.
    pub(super) configuration: serde_json::Value,
}

impl Agents {
    /// The agents of a document, by the endpoints' configuration; none if it has no agents.
    pub(super) fn of(args: &Args, configuration: &serde_json::Value) -> Option<Self> {
        let configuration = agents_configuration(configuration)?;
        Some(Self { name: format!("{}-agents", args.name), listen: args.agents_listen, configuration })
    }

    /// The listener; `own` says where its filter is configured and where its route leads.
    pub(super) fn listener(&self, writer: &yaml::Writer, own: Value) -> Result<String, Trouble> {
        let (address, port) = (self.listen.ip().to_string(), self.listen.port());
        let agents = context! { name => self.name.as_str(), filter => FILTER, address, port };
        writer.fill("agents", context! { agents, ..own })
    }

    /// The filter, as a separate resource.
    pub(super) fn filter(&self, writer: &yaml::Writer) -> Result<String, Trouble> {
        writer.fill("filter", context! { plugin => self.plugin(writer)?, plugin_name => FILTER })
    }

    /// The plugin of this filter: another root of the VM that serves the endpoints.
    pub(super) fn plugin(&self, writer: &yaml::Writer) -> Result<String, Trouble> {
        let configuration = text::pretty(&self.configuration);
        writer.fill("plugin", context! { code => "file", plugin_name => FILTER, root => "agents", configuration })
    }
}

/// The configuration alone, for `--plugin-config --agents`.
pub(super) fn configuration(agents: Option<&Agents>, document: &Document) -> Result<String, Trouble> {
    let none = || Trouble::new(format!("{} has no async_agent: leave --agents out", document.path.display()));
    agents.map(|agents| text::pretty(&agents.configuration)).ok_or_else(none)
}

/// Refuses agents whose listener has the same address as the endpoints' listener.
pub(super) fn check_addresses(agents: &Agents, listen: SocketAddr) -> Result<(), Trouble> {
    let (one, other) = (agents.listen, listen);
    let overlap = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    if one.port() != 0 && one.port() == other.port() && overlap {
        return Err(Trouble::new(format!(
            "the endpoints and the agents would both listen at {other}: give the agents another address with --agents-listen"
        )));
    }
    Ok(())
}

/// Tells what to do if the kind of bundle has no listener for agents.
pub(super) fn tell(args: &Args, document: &Document) {
    let path = document.path.display();
    if args.istio || args.envoy_gateway {
        eprintln!(
            "note: {path}: async_agent: a mesh's gateway gets no listener for agents: run `lua-modifier agent {path}` beside it, which \
             plays the messages by itself"
        );
    } else if args.plugin_config && !args.agents {
        eprintln!(
            "note: {path}: async_agent is served by a listener of its own, whose filter has another configuration: --plugin-config \
             --agents writes it"
        );
    }
}
