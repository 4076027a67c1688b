//! How many messages a second an agent plays, compared with direct requests to the service. `SOAK=1` measures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::json;
use tests::command::Consuming;
use tests::machine::{eventually, soaks};
use tests::upstreams::{RawAnswer, Server};
use tests::wire::client::Caller;

use crate::setting::{agent, amqp, broker, document, queue};

const MESSAGES: usize = 5_000;

#[test]
fn throughput_beside_the_services_own_rate() {
    if !soaks() {
        return;
    }
    let counted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&counted);
    let service = Server::start(Box::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        RawAnswer::json(b"{\"ok\": 1}")
    }));
    let broker = broker();
    for workers in [1, 4, 16] {
        let port = service.authority().rsplit(':').next().unwrap().parse().unwrap();
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    let mut caller = Caller::new(port);
                    (0..MESSAGES / workers).for_each(|_| drop(caller.get("/orders").unwrap()));
                });
            }
        });
        let own = MESSAGES as f64 / began.elapsed().as_secs_f64();
        let queue = queue();
        let mut document = document(&broker.address(), &queue, &service.authority());
        agent(&mut document)["consumer"]["workers"] = json!(workers);
        amqp(&mut document)["prefetch_count"] = json!(200);
        agent(&mut document)["extra_config"]["modifier/lua-proxy"] =
            json!({"pre": "local r = request.load(); r:body(r:body() .. '!')"});
        broker.queues().declare(&queue);
        broker.queues().publish(&queue.name, (0..MESSAGES).map(|number| format!("{{\"id\": {number}}}")));
        counted.store(0, Ordering::SeqCst);
        let consuming = Consuming::start_at("warning", &document, &[]);
        eventually("it begins", || counted.load(Ordering::SeqCst) > 0);
        let (began, before) = (Instant::now(), counted.load(Ordering::SeqCst));
        eventually("all are done", || consuming.count("messages_done_total") as usize == MESSAGES);
        let rate = (MESSAGES - before) as f64 / began.elapsed().as_secs_f64();
        println!(
            "{workers:2} workers: {rate:5.0} messages/s; the service alone, by as many clients: {own:6.0} requests/s"
        );
    }
}
