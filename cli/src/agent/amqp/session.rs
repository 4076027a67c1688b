//! One connection to a RabbitMQ. It declares, binds and consumes exchange and queue, as `initConsumer` of krakend-amqp does.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use lapin::message::Delivery;
use lapin::options::{
    BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use lua_modifier::config::{Amqp, Consumer};
use tokio::time::timeout;

use super::{address, words};

/// The longest time for connecting, as in KrakenD's client.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// The name of the consumer on its channel.
const TAG: &str = "krakend";
/// The least number of messages that the queue sends ahead if the document gives no number. KrakenD lets it send all it has.
const LEAST_PREFETCH: usize = 16;
/// The longest wait for a connection to close, and for the server's answer to a cancellation.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that consumes a queue.
pub(super) struct Session {
    connection: Connection,
    channel: Channel,
    consumer: lapin::Consumer,
    /// The names of queue and server, for log lines.
    pub(super) place: String,
}

impl Session {
    /// Connects, declares, binds and starts to consume. An error says what the server objects to.
    pub(super) async fn start(amqp: &Amqp, consumer: &Consumer) -> Result<Self, String> {
        let uri = address::read(&amqp.host)?;
        let server = address::shown(&uri);
        let limit = uri.query.connection_timeout.map_or(CONNECT_TIMEOUT, Duration::from_millis);
        let session = timeout(limit, Self::declare(uri, amqp, consumer)).await;
        let session = session.map_err(|_| format!("{server} did not answer within {} s", limit.as_secs()))?;
        let (connection, channel, queue, consumer) = session.map_err(|error| format!("{server}: {}", words(&error)))?;
        Ok(Self { connection, channel, consumer, place: format!("the queue {queue} of {server}") })
    }

    async fn declare(
        uri: lapin::uri::AMQPUri,
        amqp: &Amqp,
        consumer: &Consumer,
    ) -> lapin::Result<(Connection, Channel, String, lapin::Consumer)> {
        let properties = ConnectionProperties::default().with_connection_name("lua-modifier agent".into());
        let connection = Connection::connect_uri(uri, properties).await?;
        let channel = connection.create_channel().await?;
        let Amqp { durable, exclusive, no_wait: nowait, .. } = *amqp;
        // KrakenD passes `exclusive` as the parameter that its client calls `internal`.
        let options =
            ExchangeDeclareOptions { passive: false, durable, auto_delete: amqp.delete, internal: exclusive, nowait };
        let exchange = amqp.exchange.as_str();
        channel.exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default()).await?;
        let options = QueueDeclareOptions { passive: false, durable, exclusive, auto_delete: amqp.delete, nowait };
        let queue = channel.queue_declare(amqp.name.as_str().into(), options, FieldTable::default()).await?;
        let queue = queue.name().to_string();
        let topic = consumer.topic.as_str();
        let options = QueueBindOptions { nowait: false };
        channel
            .queue_bind(queue.as_str().into(), exchange.into(), topic.into(), options, FieldTable::default())
            .await?;
        channel.basic_qos(prefetch(amqp, consumer), BasicQosOptions { global: false }).await?;
        let options = BasicConsumeOptions { no_local: amqp.no_local, no_ack: amqp.auto_ack, exclusive, nowait };
        let consumer = channel.basic_consume(queue.as_str().into(), TAG.into(), options, FieldTable::default()).await?;
        Ok((connection, channel, queue, consumer))
    }

    /// Waits for the next message; an error means that no more messages will come.
    pub(super) async fn next(&mut self) -> Result<Delivery, String> {
        match poll_fn(|cx| Pin::new(&mut self.consumer).poll_next(cx)).await {
            Some(Ok(delivery)) => Ok(delivery),
            Some(Err(error)) => Err(words(&error)),
            None => Err("the queue is no longer there to consume".to_owned()),
        }
    }

    /// Whether the connection is still open, as far as the client knows.
    pub(super) fn is_alive(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Asks the queue for no more messages. If it agrees, `next` still gives the messages that have come already.
    pub(super) async fn cancel(&self) -> bool {
        let cancelled = self.channel.basic_cancel(TAG.into(), BasicCancelOptions { nowait: false });
        timeout(CLOSE_TIMEOUT, cancelled).await.is_ok_and(|cancelled| cancelled.is_ok())
    }

    /// Closes the connection: messages that were not acknowledged return to the queue.
    pub(super) async fn close(self) {
        let _ = timeout(CLOSE_TIMEOUT, self.connection.close(200, "OK".into())).await;
    }
}

fn prefetch(amqp: &Amqp, consumer: &Consumer) -> u16 {
    match amqp.prefetch_count {
        0 => u16::try_from(consumer.workers.saturating_mul(2).max(LEAST_PREFETCH)).unwrap_or(u16::MAX),
        count => count,
    }
}
