//! 20,000 messages while everything fails in turn, each time with messages under way: each message is done at least once, by
//! the service's own count, and none is acknowledged before that. Prints how many came twice: a message whose answer is lost
//! comes again.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::json;
use tests::broker::Broker;
use tests::command::Consuming;
use tests::machine::eventually;

use crate::envoy::Bundle;
use crate::setting::{CONSUMING, Service, agent, document, queue};

const MESSAGES: usize = 20_000;
/// One message of so many fails at the service when it first comes.
const FAILING: usize = 40;
/// The time after which a test that hangs is stopped.
const PATIENCE: Duration = Duration::from_secs(100);

/// Lets the service do so many messages, and holds the messages that come after these.
#[derive(Default)]
struct Flow {
    /// The number of messages that the service has done, and the number that it may do.
    counts: Mutex<(usize, usize)>,
    changed: Condvar,
}

impl Flow {
    fn pass(&self) {
        let held = self.changed.wait_timeout_while(self.counts.lock().unwrap(), PATIENCE, |(done, may)| done >= may);
        held.unwrap().0.0 += 1;
        self.changed.notify_all();
    }

    /// Lets the service do so many tenths of all messages.
    fn allow(&self, tenths: usize) {
        self.counts.lock().unwrap().1 = MESSAGES * tenths / 10;
        self.changed.notify_all();
    }

    /// The same, but returns when the service has done them.
    fn until(&self, tenths: usize) {
        self.allow(tenths);
        let counts = self.counts.lock().unwrap();
        let waited = self.changed.wait_timeout_while(counts, PATIENCE, |(done, may)| done < may).unwrap();
        assert!(!waited.1.timed_out(), "{} messages are done, and not {tenths} tenths", waited.0.0);
    }

    fn allow_all(&self) {
        self.counts.lock().unwrap().1 = usize::MAX;
        self.changed.notify_all();
    }
}

#[test]
fn of_20000_messages_none_is_lost_while_broker_envoy_agents_and_service_fail() {
    let (broker, queue, flow) = (Broker::start(), queue(), Arc::new(Flow::default()));
    let passing = Arc::clone(&flow);
    let service = Service::judging(Box::new(move |message, came| {
        let number: usize = message.parse().unwrap();
        if came == 1 && number.is_multiple_of(FAILING) {
            return 500;
        }
        passing.pass();
        200
    }));
    let mut document = document(&broker.address(), &queue, &service.authority());
    agent(&mut document)["consumer"]["workers"] = json!(8);
    let pre = "if math.random(200) == 1 then custom_error('not today') end";
    agent(&mut document)["extra_config"]["modifier/lua-proxy"] = json!({"pre": pre, "allow_open_libs": true});
    // One agent plays messages itself, the other lets an Envoy play them.
    let bundle = Bundle::of(&document);
    let here = || Consuming::start_at("info", &document, &[]);
    let there = || Consuming::start_at("info", &document, &["--to", &bundle.url()]);
    let mut envoy = bundle.start();
    broker.queues().declare(&queue);
    broker.queues().publish(&queue.name, (0..MESSAGES).map(|number| number.to_string()));

    let (mut one, mut two) = (here(), there());
    flow.until(2);
    one.kill();
    one = here();
    flow.until(4);
    broker.kill();
    flow.allow(5); // messages under way are done, and the queue cannot be told
    two.says("Consumer stopped");
    broker.up();
    two.says_times(CONSUMING, 2);
    flow.until(5);
    drop(envoy);
    two.says(" does not answer: ");
    flow.until(6);
    envoy = bundle.start();
    flow.until(7);
    two.terminate();
    two.says("ending: ");
    flow.allow(8);
    assert_eq!(two.ended(), Some(0));
    two = there();
    flow.until(9);
    one.kill();
    one = here();
    flow.allow_all();
    eventually("all are done", || service.done() == MESSAGES);
    for agent in [&mut one, &mut two] {
        agent.terminate();
        assert_eq!(agent.ended(), Some(0));
    }
    drop(envoy);
    assert_eq!(broker.queues().ready(&queue.name), 0);
    let seen = service.seen();
    let undone = (0..MESSAGES).filter(|number| seen.get(&number.to_string()).is_none_or(|seen| seen.done == 0));
    assert_eq!(undone.collect::<Vec<_>>(), [0usize; 0]);
    let twice = seen.values().filter(|seen| seen.done > 1).count();
    let most = seen.values().map(|seen| seen.done).max().unwrap_or_default();
    println!("{MESSAGES} messages are done; {twice} were done more than once, one {most} times");
}
