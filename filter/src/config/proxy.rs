//! The namespace `proxy` of an endpoint: in which order backends are called, and what is added to what they say.

use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result, listed, quoted};

/// Fixed values that are added to an endpoint's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticData {
    /// A JSON object, as text.
    pub json: String,
    /// When they are added.
    pub strategy: StaticStrategy,
}

/// When static data is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaticStrategy {
    /// Whatever happens.
    Always,
    /// When no backend failed.
    Success,
    /// When a backend failed.
    Errored,
    /// When the response is complete.
    Complete,
    /// When it is not.
    Incomplete,
}

#[derive(Default)]
pub(super) struct ProxySettings {
    pub(super) sequential: bool,
    pub(super) static_data: Option<StaticData>,
}

const STRATEGIES: [(&str, StaticStrategy); 5] = [
    ("always", StaticStrategy::Always),
    ("success", StaticStrategy::Success),
    ("errored", StaticStrategy::Errored),
    ("complete", StaticStrategy::Complete),
    ("incomplete", StaticStrategy::Incomplete),
];

pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<ProxySettings> {
    notices.check_keys(node, migration::PROXY)?;
    let mut proxy = ProxySettings { sequential: node.flag_at("sequential")?, static_data: None };
    // Where KrakenD finds a strategy, it no longer looks at `sequential`.
    if let Some(strategy) = node.get("strategy") {
        proxy.sequential = match strategy.text()? {
            "sequential" => true,
            "parallel" => false,
            other => {
                return Err(strategy.error(format!("unknown strategy {} (known: sequential, parallel)", quoted(other))));
            }
        };
    }
    node.text_at("combiner")?;
    if let Some(fixed) = node.get("static") {
        proxy.static_data = read_static(&fixed, notices)?;
    }
    Ok(proxy)
}

fn read_static(node: &Node<'_>, notices: &mut Notices) -> Result<Option<StaticData>> {
    notices.check_keys(node, migration::STATIC)?;
    let mut strategy = StaticStrategy::Always;
    if let Some(node) = node.get("strategy") {
        let name = node.text()?;
        let found = STRATEGIES.iter().find(|(known, _)| *known == name);
        strategy = found.map(|(_, strategy)| *strategy).ok_or_else(|| {
            let known = listed(STRATEGIES.iter().map(|(name, _)| *name));
            node.error(format!("unknown strategy {} (known: {known})", quoted(name)))
        })?;
    }
    let Some(data) = node.get("data") else { return Ok(None) };
    data.data_entries()?.for_each(drop); // an object, or an error
    Ok(Some(StaticData { json: data.value().to_string(), strategy }))
}
