//! A RabbitMQ that tests share, a service behind agents that keeps the messages it gets, and documents with one agent,
//! `orders`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tests::broker::{Broker, Queue};
use tests::machine::Shared;
use tests::upstreams::{Asked, RawAnswer, Server};
use tests::wire::http1;

static BROKER: Shared<Broker> = Shared::new();

/// The RabbitMQ for tests that do not stop or change it.
pub(crate) fn broker() -> Arc<Broker> {
    BROKER.get(Broker::start)
}

/// A queue that no other test uses.
pub(crate) fn queue() -> Queue {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    Queue { name: format!("orders-{}", NUMBER.fetch_add(1, Ordering::Relaxed)), durable: true }
}

/// The service's answer to a message: the status, by the message and by how often it has come, this time included.
pub(crate) type Verdict = dyn Fn(&str, usize) -> u16 + Send + Sync;

/// A service that keeps the messages it gets.
pub(crate) struct Service {
    server: Server,
    seen: Arc<Mutex<BTreeMap<String, Seen>>>,
}

/// What happened to a message at the service.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// How often it came.
    pub(crate) came: usize,
    /// How often it was answered 200.
    pub(crate) done: usize,
}

impl Service {
    pub(crate) fn judging(verdict: Box<Verdict>) -> Self {
        let seen = Arc::new(Mutex::new(BTreeMap::<String, Seen>::new()));
        let keeping = Arc::clone(&seen);
        let server = Server::start(Box::new(move |asked: &Asked| {
            let mut lengths = asked.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            if lengths.any(|(_, length)| *length != asked.body.len().to_string()) {
                return RawAnswer { bytes: Vec::new(), last: true }; // the sender was killed
            }
            let message = String::from_utf8_lossy(&asked.body).into_owned();
            let came = {
                let mut seen = keeping.lock().unwrap();
                let seen = seen.entry(message.clone()).or_default();
                seen.came += 1;
                seen.came
            };
            let status = verdict(&message, came);
            if status == 200 {
                keeping.lock().unwrap().entry(message).or_default().done += 1;
            }
            let json = [("Content-Type".to_owned(), "application/json".to_owned())];
            let bytes = http1::message(&format!("HTTP/1.1 {status} "), &json, b"{\"ok\": 1}", true);
            RawAnswer { bytes, last: false }
        }));
        Self { server, seen }
    }

    /// A service that answers 200 to every message.
    pub(crate) fn start() -> Self {
        Self::judging(Box::new(|_, _| 200))
    }

    pub(crate) fn authority(&self) -> String {
        self.server.authority()
    }

    /// All messages that have come.
    pub(crate) fn seen(&self) -> BTreeMap<String, Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many messages have been done.
    pub(crate) fn done(&self) -> usize {
        self.seen.lock().unwrap().values().filter(|seen| seen.done > 0).count()
    }

    /// How often a message has come.
    pub(crate) fn came(&self, message: &str) -> usize {
        self.seen.lock().unwrap().get(message).map_or(0, |seen| seen.came)
    }
}

/// A document whose agent sends the queue's messages to a service.
pub(crate) fn document(address: &str, queue: &Queue, service: &str) -> Value {
    json!({
        "version": 3,
        "timeout": "20s",
        "async_agent": [{
            "name": "orders",
            "connection": {"backoff_strategy": "linear"},
            "consumer": {"topic": "#", "workers": 2},
            "backend": [{"host": [format!("http://{service}")], "url_pattern": "/orders", "method": "POST"}],
            "extra_config": {"async/amqp": {
                "host": address, "name": queue.name, "exchange": queue.name, "durable": queue.durable,
            }},
        }],
    })
}

/// The agent of a document.
pub(crate) fn agent(document: &mut Value) -> &mut Value {
    &mut document["async_agent"][0]
}

/// The driver's settings.
pub(crate) fn amqp(document: &mut Value) -> &mut Value {
    &mut agent(document)["extra_config"]["async/amqp"]
}

/// The agent's log line when it is connected.
pub(crate) const CONSUMING: &str = "[info] [SERVICE: AsyncAgent][AMQP][orders] Consuming the queue ";
