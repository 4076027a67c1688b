//! The namespace `qos/circuit-breaker` of a backend: when it is asked no longer. Knows no backend and counts nothing.

use std::time::Duration;

use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result};

/// When a backend is left in peace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// In the log; may be empty.
    pub name: String,
    /// Errors are forgotten this often; none: only a success makes them forgotten.
    pub interval: Option<Duration>,
    /// The backend is left in peace for so long.
    pub timeout: Duration,
    /// So many errors in a row are still no reason.
    pub max_errors: u64,
    /// Is each change told in the log?
    pub log_status_change: bool,
}

const TIMEOUT: Duration = Duration::from_secs(60); // gobreaker's default

/// None where the block asks for nothing: KrakenD then has no breaker either.
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
