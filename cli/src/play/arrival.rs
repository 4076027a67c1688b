//! The input of an exchange: a client's request, or a message for an agent. Both reach the module as requests, at different
//! listeners.

use host_sim::Request;
use lua_modifier::pipeline::{AGENT_HEADER, OUTCOME_HEADER};

use crate::Trouble;
use crate::document::{Document, agents_configuration};
use crate::verification::Token;

/// A request or message that comes in.
#[derive(Clone, Debug)]
pub(crate) enum Arrival {
    /// A client's request, and the token that it carries.
    Request(Request, Option<Token>),
    /// A message of a queue, in the form in which `lua-modifier agent` gives it to the module.
    Message(Request),
}

impl Arrival {
    /// A message for an agent of a document.
    pub(crate) fn message(document: &Document, agent: &str, body: Vec<u8>) -> Result<Self, Trouble> {
        let path = document.path.display();
        let configuration = agents_configuration(&document.plugin_configuration());
        let read = configuration.map(|configuration| lua_modifier::config::read(configuration.to_string().as_bytes()));
        let read = read.transpose();
        let read = read.map_err(|error| Trouble::new(format!("{path}: {}", document.placed(&error.to_string()))))?;
        let agents = read.map(|read| read.agents).unwrap_or_default();
        let Some(found) = agents.iter().find(|known| known.name == agent) else {
            let known: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
            let known =
                if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
            return Err(Trouble::new(format!("{path} has no agent {agent:?}: {known}")));
        };
        let request = Request::new("POST", &found.path).header(AGENT_HEADER, "message");
        Ok(Self::Message(if body.is_empty() { request } else { request.body(body) }))
    }
}

/// Whether the agent would acknowledge a message after an answer with these headers.
pub(crate) fn acknowledges(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| name.eq_ignore_ascii_case(OUTCOME_HEADER) && value == "done")
}
