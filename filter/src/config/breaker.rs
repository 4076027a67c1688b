//! The namespace `qos/circuit-breaker` of a backend: when the backend is no longer asked. Knows no backend and counts nothing.

use std::time::Duration;

use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result};

/// The rules for not asking a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// The name in the log; may be empty.
    pub name: String,
    /// How often errors are forgotten; `None` if only a success makes the breaker forget them.
    pub interval: Option<Duration>,
    /// How long the backend is not asked.
    pub timeout: Duration,
    /// The number of errors in a row that the breaker still allows.
    pub max_errors: u64,
    /// Does the log show each change?
    pub log_status_change: bool,
}

const TIMEOUT: Duration = Duration::from_secs(60); // gobreaker's default

/// `None` if the block asks for nothing: KrakenD has no breaker then, either.
pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<Option<Breaker>> {
    notices.check_keys(node, migration::BREAKER)?;
    let count = |key: &str| node.get(key).map_or(Ok(0), |count| count.count());
    let seconds =
        |key: &str| count(key).map(|seconds| Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero()));
    let breaker = Breaker {
        name: node.text_at("name")?.unwrap_or_default(),
        interval: seconds("interval")?,
        timeout: seconds("timeout")?.unwrap_or(TIMEOUT),
        max_errors: count("max_errors")?,
        log_status_change: node.flag_at("log_status_change")?,
    };
    let asks_for_nothing = node.entries()?.all(|(_, value)| value.is_idle());
    if asks_for_nothing {
        notices.remark(
            node,
            "qos/circuit-breaker asks for nothing and does nothing, as in KrakenD: say max_errors".to_owned(),
        );
    }
    Ok(Some(breaker).filter(|_| !asks_for_nothing))
}
