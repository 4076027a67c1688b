//! `connection` and `consumer` of an agent: how the agent gets its messages, and how many at a time. Knows no driver.

use std::time::Duration;

use crate::config::duration::duration_at;
use crate::config::migration;
use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, listed, quoted};

/// How an agent connects again to a queue that it has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// How many times in a row the agent tries; `None` for no limit.
    pub max_retries: Option<u64>,
    /// How long the agent waits before each try.
    pub backoff_strategy: Backoff,
    /// The time between two reports that the agent is well. A second or more.
    pub health_interval: Duration,
}

/// How the time between tries grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backoff {
    /// One second before each try.
    #[default]
    Fallback,
    /// As many seconds as there were tries.
    Linear,
    /// As `Linear`, up to a third more or less.
    LinearJitter,
    /// Powers of two in seconds: 1, 2, 4, ...
    Exponential,
    /// As `Exponential`, up to a third more or less.
    ExponentialJitter,
}

/// Which messages an agent takes, and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumer {
    /// The routing key by which the queue is bound to its exchange.
    pub topic: String,
    /// How many messages are under way at once; one or more.
    pub workers: usize,
    /// How long one message may take.
    pub timeout: Duration,
    /// How many messages may begin in a second, of all workers together, above 0; `None` for any number.
    pub max_rate: Option<f64>,
}

const STRATEGIES: [(&str, Backoff); 5] = [
    ("fallback", Backoff::Fallback),
    ("linear", Backoff::Linear),
    ("linear-jitter", Backoff::LinearJitter),
    ("exponential", Backoff::Exponential),
    ("exponential-jitter", Backoff::ExponentialJitter),
];
/// KrakenD raises a shorter interval to this one.
const SHORTEST: Duration = Duration::from_secs(1);
/// Each worker has a request of its own under way.
const MOST_WORKERS: i64 = 10_000;

impl Default for Connection {
    fn default() -> Self {
        Self { max_retries: None, backoff_strategy: Backoff::default(), health_interval: SHORTEST }
    }
}

pub(super) fn read_connection(node: &Node<'_>, notices: &mut Notices) -> Result<Connection> {
    notices.check_keys(node, migration::AGENT_CONNECTION)?;
    let retries = node.get("max_retries").map_or(Ok(0), |retries| retries.whole())?;
    Ok(Connection {
        // In KrakenD, zero and negative numbers mean no limit.
        max_retries: u64::try_from(retries).ok().filter(|retries| *retries > 0),
        backoff_strategy: node.get("backoff_strategy").map_or(Ok(Backoff::default()), |strategy| backoff(&strategy))?,
        health_interval: duration_at(node, "health_interval")?.unwrap_or_default().max(SHORTEST),
    })
}

fn backoff(node: &Node<'_>) -> Result<Backoff> {
    let name = node.text()?;
    if name.is_empty() {
        return Ok(Backoff::default());
    }
    let found = STRATEGIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, backoff)| *backoff).ok_or_else(|| {
        let known = listed(STRATEGIES.iter().map(|(name, _)| *name));
        node.error(format!("unknown strategy {} (known: {known})", quoted(name)))
    })
}

/// Reads `consumer`; `timeout` is the service's.
pub(super) fn read_consumer(node: &Node<'_>, timeout: Duration, notices: &mut Notices) -> Result<Consumer> {
    notices.check_keys(node, migration::AGENT_CONSUMER)?;
    let workers = match node.get("workers") {
        None => 1,
        Some(workers) => match workers.whole()? {
            many if many > MOST_WORKERS => return Err(workers.error(format!("at most {MOST_WORKERS} at once"))),
            some => usize::try_from(some).unwrap_or(1).max(1),
        },
    };
    let max_rate = node.get("max_rate").map(|rate| rate.number()).transpose()?;
    Ok(Consumer {
        topic: node.text_at("topic")?.unwrap_or_default(),
        workers,
        timeout: duration_at(node, "timeout")?.unwrap_or(timeout),
        max_rate: max_rate.filter(|rate| *rate > 0.0),
    })
}
