//! A connection to a RabbitMQ, for what tests do there: declare, publish, look at what is left.

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use tokio::runtime::Runtime;

/// A queue as an agent's document names it, bound to an exchange of the same name.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Name of queue and exchange.
    pub name: String,
    /// Whether both outlive the node.
    pub durable: bool,
}

/// A connection. It does nothing between calls.
pub struct Queues {
    runtime: Runtime,
    _connection: Connection,
    channel: Channel,
}

impl Queues {
    pub(super) fn connect(port: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (connection, channel) = runtime.block_on(async {
            let address = format!("amqp://guest:guest@127.0.0.1:{port}/%2f");
            let connection = Connection::connect(&address, ConnectionProperties::default()).await.unwrap();
            let channel = connection.create_channel().await.unwrap();
            channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
            (connection, channel)
        });
        Self { runtime, _connection: connection, channel }
    }

    /// Declares queue and exchange as an agent does, all messages of the exchange for the queue.
    pub fn declare(&self, queue: &Queue) {
        let (name, durable) = (queue.name.as_str(), queue.durable);
        self.runtime.block_on(async {
            let options = ExchangeDeclareOptions { durable, ..Default::default() };
            let arguments = FieldTable::default;
            self.channel.exchange_declare(name.into(), ExchangeKind::Topic, options, arguments()).await.unwrap();
            let options = QueueDeclareOptions { durable, ..Default::default() };
            self.channel.queue_declare(name.into(), options, arguments()).await.unwrap();
            let bound = QueueBindOptions::default();
            self.channel.queue_bind(name.into(), name.into(), "#".into(), bound, arguments()).await.unwrap();
        });
    }

    /// Publishes messages to the exchange; returns when the node has all of them.
    pub fn publish<M: AsRef<[u8]>>(&self, exchange: &str, messages: impl IntoIterator<Item = M>) {
        self.publish_as(exchange, "a.b", messages);
    }

    /// The same with this routing key.
    pub fn publish_as<M: AsRef<[u8]>>(&self, exchange: &str, key: &str, messages: impl IntoIterator<Item = M>) {
        self.runtime.block_on(async {
            let mut confirms = Vec::new();
            for message in messages {
                let properties = BasicProperties::default().with_delivery_mode(2);
                let options = BasicPublishOptions::default();
                let sent =
                    self.channel.basic_publish(exchange.into(), key.into(), options, message.as_ref(), properties);
                confirms.push(sent.await.unwrap());
            }
            for confirm in confirms {
                assert!(confirm.await.unwrap().is_ack());
            }
        });
    }

    /// How many messages a queue could send now.
    pub fn ready(&self, queue: &str) -> u32 {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let declared = self.channel.queue_declare(queue.into(), options, FieldTable::default());
        self.runtime.block_on(declared).unwrap().message_count()
    }

    /// Deletes a queue with all that is in it.
    pub fn delete(&self, queue: &str) {
        let deleted = self.channel.queue_delete(queue.into(), QueueDeleteOptions::default());
        self.runtime.block_on(deleted).unwrap();
    }

    /// Takes a message out of a queue.
    pub fn take(&self, queue: &str) -> Option<Vec<u8>> {
        let taken = self.channel.basic_get(queue.into(), BasicGetOptions { no_ack: true });
        Some(self.runtime.block_on(taken).unwrap()?.delivery.data)
    }
}
