//! `listener` of the filter's own namespace: which of Envoy's listeners a configuration is for. Knows nothing of what is served
//! there.

use super::reader::{Node, Result, listed, quoted};

/// What the filter serves on the listener that it is configured for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listener {
    /// The endpoints. No request meets an agent there.
    #[default]
    Endpoints,
    /// The messages of agents, and nothing else.
    Agents,
}

const LISTENERS: [(&str, Listener); 2] = [("endpoints", Listener::Endpoints), ("agents", Listener::Agents)];

/// The value of the key `listener`.
pub(super) fn listener_at(node: &Node<'_>) -> Result<Listener> {
    let Some(choice) = node.get("listener") else { return Ok(Listener::default()) };
    let name = choice.text()?;
    let found = LISTENERS.iter().find(|(known, _)| *known == name);
    found.map(|(_, listener)| *listener).ok_or_else(|| {
        let known = listed(LISTENERS.iter().map(|(name, _)| *name));
        choice.error(format!("unknown listener {} (known: {known})", quoted(name)))
    })
}
