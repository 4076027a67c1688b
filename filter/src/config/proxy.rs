//! The namespace `proxy`. At an endpoint: the order in which backends are called, the values that later backends get from
//! earlier ones, and the changes to the merged data. At a backend: the changes to its data, and whether anybody waits for it.

use std::time::Duration;

use super::duration::duration_at;
use super::flatmap::{FlatmapOp, flatmap_at};
use super::migration;
use super::namespaces::{PROXY, namespace};
use super::notices::Notices;
use super::reader::{Node, Result, listed, quoted};
use super::response_param::ResponseParam;

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
    /// In all cases.
    Always,
    /// When no backend failed.
    Success,
    /// When a backend failed.
    Errored,
    /// When the response is complete.
    Complete,
    /// When the response is not complete.
    Incomplete,
}

#[derive(Default)]
pub(super) struct ProxySettings {
    pub(super) sequential: bool,
    pub(super) static_data: Option<Box<StaticData>>,
    pub(super) propagated: Vec<ResponseParam>,
    pub(super) flatmap: Vec<FlatmapOp>,
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
    let mut proxy = ProxySettings { sequential: node.flag_at("sequential")?, ..ProxySettings::default() };
    // If KrakenD finds a strategy, it ignores `sequential`.
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
        proxy.static_data = read_static(&fixed, notices)?.map(Box::new);
    }
    if let Some(names) = node.get("sequential_propagated_params") {
        proxy.propagated = read_propagated(&names, proxy.sequential, notices)?;
    }
    proxy.flatmap = flatmap_at(node, notices)?;
    Ok(proxy)
}

/// Reads the operations on the data of a backend.
pub(super) fn read_backend(node: &Node<'_>, notices: &mut Notices) -> Result<Vec<FlatmapOp>> {
    notices.check_keys(node, migration::BACKEND_PROXY)?;
    if let Some(timeout) = node.get("shadow_timeout").filter(|timeout| !timeout.is_idle())
        && !node.flag_at("shadow")?
    {
        notices.warn(&timeout, "has no effect without \"shadow\": true".to_owned());
    }
    flatmap_at(node, notices)
}

/// The time that a backend may take for which nobody waits; `None` for other backends. KrakenD's default is the endpoint's
/// timeout.
pub(super) fn shadow(backend: &Node<'_>, timeout: Duration) -> Result<Option<Duration>> {
    let Some(extra) = backend.get("extra_config").filter(|extra| extra.value().is_object()) else { return Ok(None) };
    let Some(proxy) = namespace(&extra, PROXY) else { return Ok(None) };
    let timeout = duration_at(&proxy, "shadow_timeout")?.unwrap_or(timeout);
    Ok(proxy.flag_at("shadow")?.then_some(timeout))
}

fn read_propagated(names: &Node<'_>, sequential: bool, notices: &mut Notices) -> Result<Vec<ResponseParam>> {
    let mut all: Vec<ResponseParam> = Vec::new();
    for name in names.items()? {
        let text = name.text()?;
        let found = ResponseParam::all_in(text);
        if found.is_empty() {
            let what = "names no response: write resp0_NAME, or Resp0 for the whole body of a no-op backend";
            return Err(name.error(format!("{} {what}", quoted(text))));
        }
        all.extend(found);
    }
    if !sequential && !all.is_empty() {
        notices.warn(names, "has no effect: the endpoint's proxy is not sequential".to_owned());
        all.clear();
    }
    Ok(all)
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
    data.data_entries()?.for_each(drop); // fails if it is no object
    Ok(Some(StaticData { json: data.value().to_string(), strategy }))
}
