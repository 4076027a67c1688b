//! A RabbitMQ that is absent, that ends, or that refuses the agent.

use std::sync::Arc;

use serde_json::json;
use tests::broker::{Broker, Queue};
use tests::command::{Consuming, call};
use tests::machine::{Folder, eventually};
use tests::upstreams::Gate;

use crate::setting::{CONSUMING, Service, agent, amqp, broker, document, queue};

#[test]
fn a_broker_that_is_away_is_waited_for_and_one_that_goes_is_found_again() {
    let (broker, queue) = (Broker::down(), queue());
    let gate = Gate::shut();
    let waits = Arc::clone(&gate);
    let service = Service::judging(Box::new(move |message, came| match (message, came) {
        ("1", 1) if !waits.pass() => 500,
        _ => 200,
    }));
    let consuming = Consuming::start(&document(&broker.address(), &queue, &service.authority()), &[]);
    consuming.says_times("building the amqp subscriber: amqp://127.0.0.1:", 2);
    let (status, health) = consuming.health();
    assert_eq!((status, &health["agents"]["orders"]["connected"]), (503, &json!(false)));
    assert_eq!(consuming.count("connected"), 0);

    broker.up();
    consuming.says(CONSUMING);
    assert_eq!((consuming.health().0, consuming.count("connected"), consuming.count("reconnects_total")), (200, 1, 0));
    broker.queues().publish(&queue.name, ["1", "2"]);
    assert!(gate.is_reached_by(1));
    eventually("the second is done", || consuming.count("messages_done_total") == 1);
    // The first message is done while the queue is absent, so the queue has to send it again.
    broker.kill();
    gate.open();
    consuming.says("[warning] [SERVICE: AsyncAgent][AMQP][orders] Consumer stopped");
    eventually("it is known to be away", || consuming.health().0 == 503);
    broker.up();
    consuming.says_times(CONSUMING, 2);
    eventually("the first is done once more", || service.came("1") == 2);
    let queues = broker.queues();
    eventually("it is acknowledged", || consuming.count("messages_in_flight") == 0 && queues.ready(&queue.name) == 0);
    assert_eq!((consuming.health().0, consuming.count("reconnects_total")), (200, 1));
    assert_eq!(service.done(), 2);
}

/// The log of an agent that is refused, until it has used up its tries.
fn given_up(document: serde_json::Value) -> String {
    let folder = Folder::default();
    folder.write("krakend.json", document.to_string());
    let said = call(folder.path(), &["agent", "krakend.json"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    for line in ["too many retries: this agent is given up", "no agent is left: each has used up its max_retries"] {
        assert!(said.err.contains(line), "{}", said.err);
    }
    // The first try, one try without a wait, and one more.
    assert_eq!(said.err.matches("building the amqp subscriber: ").count(), 3, "{}", said.err);
    said.err
}

#[test]
fn a_wrong_password_is_told_but_never_shown() {
    let (broker, queue) = (broker(), queue());
    let mut document = document(&broker.address_with("sesame"), &queue, "127.0.0.1:9");
    agent(&mut document)["connection"] = json!({"max_retries": 1, "backoff_strategy": "linear"});
    let said = given_up(document);
    assert!(said.contains("ACCESS_REFUSED") && !said.contains("sesame"), "{said}");
}

#[test]
fn a_queue_that_is_declared_otherwise_is_told() {
    let (broker, queue) = (broker(), queue());
    let queues = broker.queues();
    queues.declare(&Queue { durable: false, ..queue.clone() });
    for no_wait in [false, true] {
        let mut document = document(&broker.address(), &queue, "127.0.0.1:9");
        agent(&mut document)["connection"] = json!({"max_retries": 1, "backoff_strategy": "linear"});
        amqp(&mut document)["no_wait"] = json!(no_wait);
        let said = given_up(document);
        assert!(said.contains("PRECONDITION_FAILED") && said.contains(&queue.name), "{said}");
    }
}

#[test]
fn a_queue_that_is_deleted_ends_the_consumer_which_makes_it_anew() {
    let (broker, queue, service) = (broker(), queue(), Service::start());
    let consuming = Consuming::start(&document(&broker.address(), &queue, &service.authority()), &[]);
    consuming.says(CONSUMING);
    broker.queues().delete(&queue.name);
    consuming.says("the queue is no longer there to consume");
    consuming.says_times(CONSUMING, 2);
    broker.queues().publish(&queue.name, ["tea"]);
    eventually("it is done", || consuming.count("messages_done_total") == 1);
}

#[test]
fn what_cannot_start_ends_with_2_and_says_why() {
    let folder = Folder::default();
    let queue = Queue { name: "q".to_owned(), durable: true };
    let good = document("amqp://guest:guest@127.0.0.1:1/", &queue, "127.0.0.1:9");
    let mut sized = good.clone();
    amqp(&mut sized)["prefetch_size"] = json!(9);
    let mut driverless = good.clone();
    agent(&mut driverless)["extra_config"] = json!({});
    let mut broken = good.clone();
    agent(&mut broken)["extra_config"]["modifier/lua-proxy"] = json!({"pre": "if"});
    let none = json!({"version": 3, "endpoints": []});
    let documents = [("good", good), ("sized", sized), ("driverless", driverless), ("broken", broken), ("none", none)];
    for (name, document) in documents {
        folder.write(&format!("{name}.json"), document.to_string());
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let table: [(&[&str], &str); 9] = [
        (&["lost.json"], "lost.json cannot be read: No such file or directory"),
        (&["none.json"], "none.json has no async_agent: there is nothing to consume"),
        (&["good.json", "--only", "x"], "good.json has no agent \"x\": it has orders"),
        (&["sized.json"], "the agent orders: prefetch_size is not 0: RabbitMQ refuses that"),
        (&["driverless.json"], "$.async_agent[0].extra_config: names no driver"),
        (&["broken.json"], "$.async_agent[0].extra_config[\"modifier/lua-proxy\"].pre: line 1: "),
        (&["good.json", "--admin", &taken], ": Address already in use. Choose another place with --admin"),
        (&["good.json", "--to", "nonsense"], "\"nonsense\" is no address like http://127.0.0.1:10100"),
        (&["good.json", "--to", "http://h", "--proper-case"], "are for messages that are played here"),
    ];
    for (arguments, wanted) in table {
        let said = call(folder.path(), &[&["agent"], arguments].concat());
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
        assert!(said.err.contains(wanted), "{arguments:?}: {}", said.err);
    }
}
