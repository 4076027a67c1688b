//! Messages that a real Envoy plays: it is absent, it starts, it ends while messages are under way.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::command::{Consuming, call};
use tests::envoy::Bundled;
use tests::machine::{Folder, eventually, free_port};
use tests::upstreams::Gate;

use crate::setting::{CONSUMING, Service, amqp, broker, document, queue};

/// What `bundle` makes of a document, with the listener of agents at a port that is chosen before.
pub(crate) struct Bundle {
    folder: Folder,
    port: u16,
}

impl Bundle {
    pub(crate) fn of(document: &Value) -> Self {
        let (folder, port) = (Folder::default(), free_port());
        folder.write("krakend.json", document.to_string());
        let listen = format!("127.0.0.1:{port}");
        let arguments = ["bundle", "krakend.json", "-o", "envoy.yaml", "--listen", "127.0.0.1:0", "--admin-port", "0"];
        let said = call(folder.path(), &[&arguments[..], &["--agents-listen", &listen]].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        Self { folder, port }
    }

    /// An Envoy that runs with the bundle.
    pub(crate) fn start(&self) -> Bundled {
        Bundled::start(&self.folder.path().join("envoy.yaml"))
    }

    /// The URL at which it takes messages.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

#[test]
fn messages_wait_for_an_envoy_that_is_away_and_come_again_where_it_goes() {
    let (broker, queue, gate) = (broker(), queue(), Gate::shut());
    let waits = Arc::clone(&gate);
    let service = Service::judging(Box::new(move |message, came| match (message, came) {
        ("2", 1) if !waits.pass() => 500,
        _ => 200,
    }));
    let document = document(&broker.address(), &queue, &service.authority());
    let bundle = Bundle::of(&document);
    let consuming = Consuming::start(&document, &["--to", &bundle.url()]);
    consuming.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, ["1"]);
    consuming.says(" does not answer: ");
    let envoy = bundle.start();
    eventually("the first is done", || consuming.count("messages_done_total") == 1);
    queues.publish(&queue.name, ["2"]);
    assert!(gate.is_reached_by(1));
    drop(envoy);
    eventually("the second has failed", || consuming.count("messages_failed_total") >= 2);
    gate.open();
    let _envoy = bundle.start();
    eventually("the second is done", || consuming.count("messages_done_total") == 2);
    assert_eq!((service.came("2"), queues.ready(&queue.name)), (2, 0));
    assert_eq!(consuming.count("messages_discarded_total"), 0);
}

#[test]
fn a_message_that_nobody_could_play_is_never_dropped() {
    let (broker, queue) = (broker(), queue());
    let mut document = document(&broker.address(), &queue, "127.0.0.1:9");
    amqp(&mut document)["nack_discard"] = json!(true);
    let mut consuming = Consuming::start(&document, &["--to", &format!("http://127.0.0.1:{}", free_port())]);
    consuming.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, ["tea"]);
    consuming.says_times(" does not answer: ", 2);
    assert_eq!(consuming.count("messages_discarded_total"), 0);
    consuming.terminate();
    assert_eq!(consuming.ended(), Some(0));
    assert_eq!(queues.take(&queue.name).as_deref(), Some(b"tea".as_slice()));
}
