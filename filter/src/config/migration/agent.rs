//! An agent: its own keys, and those of its drivers.

use super::place::{Namespace, agent};
use super::row::{Row, exact, lost};

pub(super) const NAMESPACES: &[Namespace] = &[
    agent(exact("async/amqp").with(AMQP)),
    agent(lost("async/kafka", KAFKA).told("take the messages from a RabbitMQ by async/amqp")),
];

const KAFKA: &str = "a driver of KrakenD's Enterprise edition, and there is none for it here: take the messages from a RabbitMQ by async/amqp";

pub(super) const KEYS: &[Row] = &[
    exact("name"),
    exact("connection").with(CONNECTION),
    exact("consumer").with(CONSUMER),
    exact("encoding"),
    exact("backend"),
    exact("extra_config"),
];

pub(crate) const CONNECTION: &[Row] = &[exact("max_retries"), exact("backoff_strategy"), exact("health_interval")];

pub(crate) const CONSUMER: &[Row] = &[exact("topic"), exact("workers"), exact("timeout"), exact("max_rate")];

/// The namespace `async/amqp`.
pub(crate) const AMQP: &[Row] = &[
    exact("host"),
    exact("name"),
    exact("exchange"),
    exact("durable"),
    exact("delete"),
    exact("exclusive"),
    exact("no_wait"),
    exact("no_local"),
    exact("auto_ack"),
    exact("nack_discard"),
    exact("prefetch_count"),
    exact("prefetch_size"),
];
