//! An agent that is told to end, and an agent that is killed: what becomes of messages under way, and of messages that it has
//! only received.

use std::sync::Arc;

use serde_json::json;
use tests::command::Consuming;
use tests::machine::eventually;
use tests::upstreams::Gate;

use crate::setting::{CONSUMING, Service, agent, amqp, broker, document, queue};

/// A service with a gate: messages wait until it opens.
fn gated(gate: &Arc<Gate>) -> Service {
    let gate = Arc::clone(gate);
    Service::judging(Box::new(move |_, _| if gate.pass() { 200 } else { 500 }))
}

#[test]
fn told_to_end_it_finishes_what_is_under_way_and_gives_the_rest_back() {
    let (broker, queue, gate) = (broker(), queue(), Gate::shut());
    let service = gated(&gate);
    let mut consuming = Consuming::start(&document(&broker.address(), &queue, &service.authority()), &[]);
    consuming.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, ["1", "2", "3", "4", "5"]);
    assert!(gate.is_reached_by(2)); // as many as there are workers
    eventually("both are counted", || consuming.count("messages_in_flight") == 2);
    consuming.terminate();
    consuming.says("ending: ");
    // The other messages are free for another agent although two are still under way.
    eventually("three are back", || queues.ready(&queue.name) == 3);
    gate.open();
    assert_eq!(consuming.ended(), Some(0));
    assert_eq!((service.done(), queues.ready(&queue.name)), (2, 3));
    let seen = service.seen();
    assert!(["1", "2"].iter().all(|message| seen[*message].done == 1), "{seen:?}");
    let rest = [(); 3].map(|()| queues.take(&queue.name).unwrap());
    assert_eq!(rest, [b"3", b"4", b"5"]);
}

#[test]
fn killed_it_has_acknowledged_nothing_that_was_not_done_and_the_next_one_does_the_rest() {
    let (broker, queue, gate) = (broker(), queue(), Gate::shut());
    let service = gated(&gate);
    let document = document(&broker.address(), &queue, &service.authority());
    let mut first = Consuming::start(&document, &[]);
    first.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, ["1", "2", "3"]);
    assert!(gate.is_reached_by(2));
    first.kill();
    eventually("all are back", || queues.ready(&queue.name) == 3);
    gate.open();
    let second = Consuming::start(&document, &[]);
    eventually("all are done", || second.count("messages_done_total") == 3);
    assert_eq!((service.done(), queues.ready(&queue.name)), (3, 0));
    // The answer for this message had no receiver.
    assert_eq!((service.came("1"), service.came("3")), (2, 1));
    second.says(", sent again, 1 bytes: done in ");
}

#[test]
fn told_to_end_with_auto_ack_it_says_what_is_lost() {
    let (broker, queue, gate) = (broker(), queue(), Gate::shut());
    let service = gated(&gate);
    let mut document = document(&broker.address(), &queue, &service.authority());
    amqp(&mut document)["auto_ack"] = json!(true);
    let mut consuming = Consuming::start(&document, &[]);
    consuming.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, ["1", "2", "3", "4", "5"]);
    assert!(gate.is_reached_by(2));
    eventually("all have been sent", || queues.ready(&queue.name) == 0);
    consuming.terminate();
    consuming.says("3 messages are lost: auto_ack had them forgotten before they were played");
    gate.open();
    assert_eq!(consuming.ended(), Some(0));
    assert_eq!(service.done(), 2);
}

#[test]
fn max_rate_holds_messages_back_and_those_that_wait_for_their_turn_go_back_at_the_end() {
    let (broker, queue, service) = (broker(), queue(), Service::start());
    let mut document = document(&broker.address(), &queue, &service.authority());
    agent(&mut document)["consumer"]["max_rate"] = json!(0.001);
    let mut consuming = Consuming::start(&document, &[]);
    consuming.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, ["1", "2", "3", "4"]);
    // The next message would have its turn only in a quarter of an hour.
    eventually("one is done", || consuming.count("messages_done_total") == 1);
    eventually("both workers wait", || consuming.count("messages_received_total") == 3);
    assert_eq!(consuming.count("messages_in_flight"), 0);
    consuming.terminate();
    assert_eq!(consuming.ended(), Some(0));
    assert_eq!((service.done(), queues.ready(&queue.name)), (1, 3));
}

#[test]
fn workers_are_as_many_as_the_document_says_and_only_the_agents_that_are_wanted_run() {
    let (broker, queue, gate) = (broker(), queue(), Gate::shut());
    let service = gated(&gate);
    let mut document = document(&broker.address(), &queue, &service.authority());
    let mut other = agent(&mut document).clone();
    other["name"] = json!("other");
    agent(&mut document)["consumer"]["workers"] = json!(5);
    document["async_agent"].as_array_mut().unwrap().push(other);
    let consuming = Consuming::start(&document, &["--only", "orders"]);
    consuming.says(CONSUMING);
    broker.queues().publish(&queue.name, (0..9).map(|number| number.to_string()));
    assert!(gate.is_reached_by(5));
    assert_eq!(consuming.count("messages_in_flight"), 5);
    gate.open();
    eventually("all are done", || consuming.count("messages_done_total") == 9);
    assert!(consuming.health().1["agents"]["other"].is_null());
}
