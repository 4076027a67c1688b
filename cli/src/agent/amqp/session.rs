//! One connection to a RabbitMQ: exchange and queue are declared, bound and consumed, as `initConsumer` of krakend-amqp does.

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

/// KrakenD's client waits as long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// The name of the consumer on its channel.
const TAG: &str = "krakend";
/// So many messages wait here for a worker where the document does not say how many. KrakenD has the queue send all that it has.
const LEAST_PREFETCH: usize = 16;
/// A connection that does not close in time is gone, too.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A queue that is consumed.
pub(super) struct Session {
    connection: Connection,
    channel: Channel,
    consumer: lapin::Consumer,
    /// Queue and server, for people.
    pub(super) place: String,
}

impl Session {
    /// Connects, declares, binds, consumes. An error says what the server has against it.
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
        // KrakenD hands `exclusive` over where its client has `internal`.
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

    /// The next message; an error where there will be none.
    pub(super) async fn next(&mut self) -> Result<Delivery, String> {
        match poll_fn(|cx| Pin::new(&mut self.consumer).poll_next(cx)).await {
            Some(Ok(delivery)) => Ok(delivery),
            Some(Err(error)) => Err(words(&error)),
            None => Err("the queue is no longer there to consume".to_owned()),
        }
    }

    /// Whether it still holds, as far as anybody knows.
    pub(super) fn is_alive(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Has no more messages sent. Those that have come already are still there to be taken, unless this could not be said.
    pub(super) async fn cancel(&self) -> bool {
        let cancelled = self.channel.basic_cancel(TAG.into(), BasicCancelOptions { nowait: false });
        timeout(CLOSE_TIMEOUT, cancelled).await.is_ok_and(|cancelled| cancelled.is_ok())
    }

    /// Takes leave: what was not acknowledged is the queue's again.
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
