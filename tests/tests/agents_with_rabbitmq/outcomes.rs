//! What the queue is told of a message: done, failed, discarded, or nothing.

use serde_json::json;
use tests::broker::Queue;
use tests::built::{module_from_env, trapping};
use tests::command::Consuming;
use tests::machine::{Folder, eventually};

use crate::setting::{CONSUMING, Service, agent, amqp, broker, document, queue};

/// Waits until the agent has nothing under way, and the queue nothing to send.
fn is_empty(consuming: &Consuming, queue: &Queue) {
    let queues = broker().queues();
    let ends = |name: &str| consuming.count(name);
    let ended = || ends("messages_done_total") + ends("messages_failed_total") == ends("messages_received_total");
    eventually("the queue is empty", || queues.ready(&queue.name) == 0 && ended());
}

#[test]
fn an_agent_as_krakends_page_has_it_hands_messages_to_its_backend() {
    let (broker, service) = (broker(), Service::start());
    let document = json!({
        "version": 3,
        "async_agent": [{
            "name": "cool-agent",
            "connection": {"max_retries": 10, "backoff_strategy": "exponential-jitter", "health_interval": "1s"},
            "consumer": {"topic": "*.bar", "workers": 5, "timeout": "20s", "max_rate": 0},
            "encoding": "json",
            "backend": [{
                "url_pattern": "/cool", "method": "POST", "host": [format!("http://{}", service.authority())],
                "disable_host_sanitize": false,
                "extra_config": {"modifier/lua-backend": {
                    "pre": "local r = request.load(); print('sent', r:body())",
                }},
            }],
            "extra_config": {
                "modifier/lua-proxy": {"pre": "local r = request.load(); r:body(r:body() .. '!')"},
                "async/amqp": {
                    "name": "krakend", "host": broker.address(), "exchange": "foo", "durable": false, "delete": false,
                    "exclusive": false, "no_wait": true, "prefetch_count": 5, "auto_ack": false, "no_local": true,
                },
            },
        }],
    });
    let mut consuming = Consuming::start(&document, &[]);
    consuming.says("[info] [SERVICE: AsyncAgent][AMQP][cool-agent] Starting the consumer");
    consuming.says("[info] [SERVICE: AsyncAgent][AMQP][cool-agent] Consuming the queue krakend of amqp://127.0.0.1:");
    let queues = broker.queues();
    // The queue is bound by `*.bar`, so it does not get messages for a.b.
    queues.publish("foo", ["not for it"]);
    queues.publish_as("foo", "foo.bar", ["tea", "coffee"]);
    eventually("both arrive", || service.done() == 2);
    assert_eq!((service.came("tea!"), service.came("coffee!"), service.came("not for it!")), (1, 1, 0));
    consuming.says("bytes: done in ");
    consuming.says("sent\ttea!");
    eventually("both are acknowledged", || consuming.number("messages_done_total", "cool-agent") == 2);
    assert_eq!(queues.ready("krakend"), 0);
    let (status, health) = consuming.health();
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
    assert_eq!(health["agents"]["cool-agent"]["connected"], json!(true));
    assert!(health["agents"]["cool-agent"]["last_ping_ms_ago"].is_u64(), "{health}");
    assert_eq!(tests::wire::client::get(consuming.admin(), "/__live").unwrap().status, 200);
    assert_eq!(tests::wire::client::get(consuming.admin(), "/other").unwrap().status, 404);
    consuming.terminate();
    assert_eq!(consuming.ended(), Some(0));
}

#[test]
fn a_message_that_fails_goes_back_and_comes_again() {
    let (broker, queue) = (broker(), queue());
    let service = Service::judging(Box::new(|_, came| if came == 1 { 500 } else { 200 }));
    let consuming = Consuming::start(&document(&broker.address(), &queue, &service.authority()), &[]);
    consuming.says(CONSUMING);
    broker.queues().publish(&queue.name, ["tea"]);
    eventually("it is done", || consuming.count("messages_done_total") == 1);
    is_empty(&consuming, &queue);
    assert_eq!(service.came("tea"), 2);
    consuming.says("[error] [SERVICE: AsyncAgent][AMQP][orders] ");
    consuming.says(", sent again, 3 bytes: done in ");
    assert_eq!((consuming.count("messages_failed_total"), consuming.count("messages_requeued_total")), (1, 1));
    assert_eq!((consuming.count("messages_received_total"), consuming.count("messages_discarded_total")), (2, 0));
}

#[test]
fn with_nack_discard_a_message_that_fails_is_dropped() {
    let (broker, queue) = (broker(), queue());
    let service = Service::judging(Box::new(|message, _| if message == "bad" { 500 } else { 200 }));
    let mut document = document(&broker.address(), &queue, &service.authority());
    amqp(&mut document)["nack_discard"] = json!(true);
    let consuming = Consuming::start(&document, &[]);
    consuming.says(CONSUMING);
    broker.queues().publish(&queue.name, ["bad", "good"]);
    eventually("the good one is done", || consuming.count("messages_done_total") == 1);
    eventually("the bad one is dropped", || consuming.count("messages_discarded_total") == 1);
    is_empty(&consuming, &queue);
    assert_eq!((service.came("bad"), service.came("good")), (1, 1));
    assert_eq!(consuming.count("messages_requeued_total"), 0);
}

#[test]
fn with_auto_ack_the_queue_has_forgotten_what_fails() {
    let (broker, queue) = (broker(), queue());
    let service = Service::judging(Box::new(|message, _| if message == "bad" { 500 } else { 200 }));
    let mut document = document(&broker.address(), &queue, &service.authority());
    amqp(&mut document)["auto_ack"] = json!(true);
    let consuming = Consuming::start(&document, &[]);
    consuming.says(CONSUMING);
    broker.queues().publish(&queue.name, ["bad", "good"]);
    eventually("both have been played", || {
        consuming.count("messages_done_total") + consuming.count("messages_failed_total") == 2
    });
    is_empty(&consuming, &queue);
    assert_eq!((service.came("bad"), service.came("good")), (1, 1));
    assert_eq!((consuming.count("messages_requeued_total"), consuming.count("messages_discarded_total")), (0, 0));
}

#[test]
fn a_message_that_is_too_large_and_a_script_that_loops_fail_and_harm_no_other() {
    let (broker, queue, service) = (broker(), queue(), Service::start());
    let mut document = document(&broker.address(), &queue, &service.authority());
    amqp(&mut document)["nack_discard"] = json!(true);
    let pre = "if request.load():body() == 'loop' then while true do end end";
    agent(&mut document)["extra_config"]["modifier/lua-proxy"] = json!({"pre": pre});
    let consuming = Consuming::start(&document, &[]);
    consuming.says(CONSUMING);
    let queues = broker.queues();
    queues.publish(&queue.name, [vec![b'x'; 10_000_000], b"loop".to_vec(), b"tea".to_vec()]);
    eventually("two are dropped", || consuming.count("messages_discarded_total") == 2);
    eventually("one is done", || consuming.count("messages_done_total") == 1);
    is_empty(&consuming, &queue);
    assert_eq!(service.seen().keys().collect::<Vec<_>>(), ["tea"]);
    consuming.says("body_bytes");
    consuming.says("limits.");
}

#[test]
fn a_vm_that_traps_is_replaced_and_its_message_fails() {
    let (broker, queue, service) = (broker(), queue(), Service::start());
    let folder = Folder::default();
    let module = trapping(&std::fs::read(module_from_env().unwrap()).unwrap(), "proxy_on_request_body");
    std::fs::write(folder.path().join("traps.wasm"), module).unwrap();
    let mut document = document(&broker.address(), &queue, &service.authority());
    amqp(&mut document)["nack_discard"] = json!(true);
    agent(&mut document)["consumer"]["workers"] = json!(1); // one worker has one VM
    let module = folder.path().join("traps.wasm");
    let consuming = Consuming::start(&document, &["--wasm", module.to_str().unwrap()]);
    consuming.says(CONSUMING);
    broker.queues().publish(&queue.name, ["tea"]);
    consuming.says("the module failed: proxy_on_request_body: ");
    eventually("it is dropped", || consuming.count("messages_discarded_total") == 1);
    // For a message without a body, the module gets no call about a body.
    broker.queues().publish(&queue.name, [""]);
    eventually("the next is done", || consuming.count("messages_done_total") == 1);
    consuming.says("a new VM plays in its place");
    assert_eq!(service.seen().keys().collect::<Vec<_>>(), [""]);
}
