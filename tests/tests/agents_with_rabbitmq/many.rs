//! 20,000 messages while everything fails in turn: each is done once at least, as the service itself counts, and none is
//! acknowledged before. How many came twice is printed: a message whose answer is lost comes again.

use serde_json::json;
use tests::broker::Broker;
use tests::command::Consuming;
use tests::machine::eventually;

use crate::envoy::Bundle;
use crate::setting::{CONSUMING, Service, agent, document, queue};

const MESSAGES: usize = 20_000;
/// One of so many fails at the service when it comes first.
const FAILING: usize = 40;

#[test]
fn of_20000_messages_none_is_lost_while_broker_envoy_agents_and_service_fail() {
    let (broker, queue) = (Broker::start(), queue());
    let service = Service::judging(Box::new(|message, came| {
        let number: usize = message.parse().unwrap();
        if came == 1 && number.is_multiple_of(FAILING) { 500 } else { 200 }
    }));
    let mut document = document(&broker.address(), &queue, &service.authority());
    agent(&mut document)["consumer"]["workers"] = json!(8);
    let pre = "if math.random(200) == 1 then custom_error('not today') end";
    agent(&mut document)["extra_config"]["modifier/lua-proxy"] = json!({"pre": pre, "allow_open_libs": true});
    // One plays messages itself, the other has an Envoy play them.
    let bundle = Bundle::of(&document);
    let here = || Consuming::start_at("info", &document, &[]);
    let there = || Consuming::start_at("info", &document, &["--to", &bundle.url()]);
    let mut envoy = bundle.start();
    broker.queues().declare(&queue);
    broker.queues().publish(&queue.name, (0..MESSAGES).map(|number| number.to_string()));
    let done = |part: usize| {
        let began = std::time::Instant::now();
        eventually(&format!("{part} tenths of the messages are done"), || service.done() >= MESSAGES * part / 10);
        println!("{part} tenths after {:?}", began.elapsed());
    };

    let (mut one, mut two) = (here(), there());
    done(2);
    one.kill();
    one = here();
    done(3);
    broker.kill();
    two.says("Consumer stopped");
    broker.up();
    two.says_times(CONSUMING, 2);
    done(5);
    drop(envoy);
    two.says(" does not answer: ");
    done(6);
    envoy = bundle.start();
    done(7);
    two.terminate();
    assert_eq!(two.ended(), Some(0));
    two = there();
    done(8);
    one.kill();
    one = here();
    done(10);
    drop(envoy);
    for agent in [&mut one, &mut two] {
        agent.terminate();
        assert_eq!(agent.ended(), Some(0));
    }
    assert_eq!(broker.queues().ready(&queue.name), 0);
    let seen = service.seen();
    let undone = (0..MESSAGES).filter(|number| seen.get(&number.to_string()).is_none_or(|seen| seen.done == 0));
    assert_eq!(undone.collect::<Vec<_>>(), [0usize; 0]);
    let twice = seen.values().filter(|seen| seen.done > 1).count();
    let most = seen.values().map(|seen| seen.done).max().unwrap_or_default();
    println!("{MESSAGES} messages are done; {twice} were done more than once, one {most} times");
}
