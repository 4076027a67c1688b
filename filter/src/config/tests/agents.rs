//! Agents in the document: what they become, what is refused, and what a listener of agents leaves out.

use std::time::Duration;

use serde_json::{Value, json};

use super::{complaint, document, read_changed};
use crate::config::{Backoff, Connection, Driver, LetIn, Listener, Match, Piece};

/// A document with one agent, changed at some places inside the agent (`/consumer/topic`).
fn agent(changes: &[(&str, Value)]) -> Vec<(String, Value)> {
    let agent = json!({
        "name": "orders", "consumer": {"topic": "*.orders"},
        "backend": [{"host": ["http://api"], "url_pattern": "/b", "method": "POST"}],
        "extra_config": {"async/amqp": {"host": "amqp://guest:secret@rabbit:5672/", "name": "queue", "exchange": "shop"}},
    });
    let mut all = vec![("/async_agent".to_owned(), json!([agent]))];
    all.extend(changes.iter().map(|(below, value)| (format!("/async_agent/0{below}"), value.clone())));
    all
}

fn borrowed(changes: &[(String, Value)]) -> Vec<(&str, Value)> {
    changes.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect()
}

fn read_agent(changes: &[(&str, Value)]) -> crate::config::Configuration {
    read_changed(&borrowed(&agent(changes)))
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_agent_is_a_pipeline_with_a_name_that_no_request_meets() {
    let configuration = read_agent(&[
        ("/extra_config/modifier~1lua-proxy", json!({"pre": "x = 1"})),
        ("/extra_config/envoy~1lua-modifier", json!({"limits": {"calls": 3}})),
        (
            "/backend",
            json!([
                {"host": ["http://api"], "url_pattern": "/b", "method": "post"},
                {"host": ["b"], "url_pattern": "/{id}?a={{.Id}}", "encoding": "no-op"},
            ]),
        ),
    ]);
    let [agent] = &configuration.agents[..] else { panic!() };
    assert_eq!((agent.name.as_str(), agent.path.as_str()), ("orders", "/__async_agent/orders"));
    assert_eq!(agent.connection, Connection::default());
    assert_eq!((agent.connection.max_retries, agent.connection.health_interval), (None, SECOND));
    let consumer = &agent.consumer;
    assert_eq!((consumer.topic.as_str(), consumer.workers, consumer.max_rate), ("*.orders", 1, None));
    assert_eq!(consumer.timeout, 2 * SECOND, "the service's");
    let Driver::Amqp(amqp) = &agent.driver;
    assert_eq!((amqp.host.as_str(), amqp.name.as_str()), ("amqp://guest:secret@rabbit:5672/", "queue"));
    let endpoint = &agent.endpoint;
    assert_eq!((endpoint.path.as_str(), endpoint.timeout, endpoint.limits.calls), ("orders", 2 * SECOND, 3));
    assert_eq!(endpoint.input_headers, LetIn::Listed(Vec::new()));
    assert!(endpoint.lua_proxy.is_some());
    let [first, second] = &endpoint.backends[..] else { panic!() };
    assert_eq!((first.method.as_str(), second.method.as_str()), ("POST", "GET"));
    assert_eq!(second.url_pattern.printed, "/{id}?a={{.Id}}");
    assert!(matches!(&second.url_pattern.pieces[..], [Piece::Literal(_), Piece::Param(key)] if key == "Id"));
    assert_eq!(configuration.endpoints.len(), 1, "the document's own");
    for path in ["/__async_agent/orders", "orders", "/orders"] {
        assert_eq!(configuration.routes.find("POST", path), Match::NotFound);
    }
    assert_eq!(configuration.warnings, Vec::<String>::new());
    assert!(configuration.remarks[0].contains("{id} stays as it is written"), "{:?}", configuration.remarks);
    assert_eq!(configuration.pipelines().count(), 2);
}

#[test]
fn what_krakend_takes_for_its_own_value_is_taken_here() {
    let rows = [
        (json!({}), Backoff::Fallback, None),
        (json!({"max_retries": -1, "backoff_strategy": "", "health_interval": "10ms"}), Backoff::Fallback, None),
        (json!({"max_retries": 5, "backoff_strategy": "Linear-Jitter"}), Backoff::LinearJitter, Some(5)),
    ];
    for (connection, strategy, retries) in rows {
        let read = read_agent(&[("/connection", connection)]).agents[0].connection.clone();
        assert_eq!(read, Connection { max_retries: retries, backoff_strategy: strategy, health_interval: SECOND });
    }
    let consumer = json!({"topic": "a", "workers": -3, "max_rate": -1, "timeout": "7s"});
    let consumer = read_agent(&[("/consumer", consumer)]).agents[0].consumer.clone();
    assert_eq!((consumer.workers, consumer.max_rate, consumer.timeout), (1, None, 7 * SECOND));
    let named: Vec<String> = ["/name", "/consumer/topic"]
        .iter()
        .map(|key| {
            let read = read_agent(&[(key, json!(""))]);
            read.agents[0].name.clone() + &read.agents[0].consumer.topic
        })
        .collect();
    assert_eq!(named, ["AsyncAgent-00*.orders", "orders"]);
    let path = read_agent(&[("/name", json!("a b/é.-_~"))]).agents[0].path.clone();
    assert_eq!(path, "/__async_agent/a%20b%2F%C3%A9.-_~");
}

#[test]
fn a_broken_agent_is_refused_with_its_place_and_a_reason() {
    let amqp = |key: &str, value: Value| {
        let mut driver = json!({"host": "amqp://rabbit", "name": "q", "exchange": "e"});
        driver[key] = value;
        ("/extra_config", json!({"async/amqp": driver}))
    };
    let at = "$.async_agent[0]";
    #[rustfmt::skip] // one row a line
    let table: Vec<((&str, Value), &str, &str)> = vec![
        (("/name", json!(5)), ".name", "must be a string"),
        (("/consumer", json!(null)), ".consumer", "is missing: which messages to take"),
        (("/consumer", json!({"timeout": "2"})), ".consumer.timeout", "\"2\" is not a duration"),
        (("/consumer", json!({"workers": 10_001})), ".consumer.workers", "at most 10000 at once"),
        (("/consumer", json!({"workers": 1.5})), ".consumer.workers", "must be a whole number"),
        (("/consumer", json!({"max_rate": "1"})), ".consumer.max_rate", "must be a number"),
        (("/consumer", json!({"Topic": "a"})), ".consumer.Topic", "write this key as \"topic\""),
        (("/connection", json!({"max_retries": "5"})), ".connection.max_retries", "must be a whole number"),
        (("/connection", json!({"backoff_strategy": "often"})), ".connection.backoff_strategy",
         "unknown strategy \"often\" (known: fallback, linear, linear-jitter, exponential, exponential-jitter)"),
        (("/connection", json!({"health_interval": "1x"})), ".connection.health_interval", "\"1x\" is not a duration"),
        (("/encoding", json!("csv")), ".encoding", "unknown encoding \"csv\""),
        (("/backend", json!([])), ".backend", "is empty: an agent needs one or more"),
        (("/backend", json!(null)), ".backend", "is missing: an agent needs one or more"),
        (("/backend", json!([{"url_pattern": "/b"}])), ".backend[0].host", "is missing: name at least one host"),
        (("/backend", json!([{"host": ["http://a"], "url_pattern": "b"}])), ".backend[0].url_pattern", "\"b\" must begin with \"/\""),
        (("/extra_config", json!(null)), ".extra_config", "names no driver"),
        (("/extra_config", json!({})), ".extra_config", "names no driver"),
        (("/extra_config", json!({"async/kafka": {}})), ".extra_config[\"async/kafka\"]", "async/kafka is a driver of KrakenD's Enterprise Edition"),
        (("/extra_config", json!({"validation/json-schema": {}, "async/amqp": {}})), ".extra_config[\"validation/json-schema\"]", "protects this API"),
        (amqp("host", json!(null)), ".extra_config[\"async/amqp\"].host", "is missing: the server of the queue"),
        (amqp("host", json!("http://user:secret@rabbit")), ".extra_config[\"async/amqp\"].host", "is no address of a queue"),
        (amqp("host", json!("amqp://u:p@/")), ".extra_config[\"async/amqp\"].host", "is no address of a queue"),
        (amqp("exchange", json!("")), ".extra_config[\"async/amqp\"].exchange", "is missing: the exchange"),
        (amqp("durable", json!("yes")), ".extra_config[\"async/amqp\"].durable", "must be true or false"),
        (amqp("prefetch_count", json!(65_536)), ".extra_config[\"async/amqp\"].prefetch_count", "is larger than AMQP can say"),
        (amqp("prefetch_count", json!(-1)), ".extra_config[\"async/amqp\"].prefetch_count", "must be a whole number, 0 or more"),
        (amqp("Durable", json!(true)), ".extra_config[\"async/amqp\"].Durable", "write this key as \"durable\""),
    ];
    for (change, place, reason) in table {
        let told = complaint(&borrowed(&agent(&[change])));
        assert!(told.starts_with(&format!("configuration: {at}{place}: ")) && told.contains(reason), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
    let told = complaint(&[("/async_agent", json!({}))]);
    assert!(told.contains("$.async_agent: must be a list"), "{told}");
}

#[test]
fn two_agents_of_one_name_are_refused() {
    let mut twice = agent(&[]);
    let one = document(&borrowed(&twice))["async_agent"][0].clone();
    twice.push(("/async_agent".to_owned(), json!([one, one])));
    let told = complaint(&borrowed(&twice));
    assert!(told.contains("$.async_agent[1].name: another agent is called \"orders\", too"), "{told}");
}

#[test]
fn what_an_agent_does_not_know_is_told() {
    let configuration = read_agent(&[
        ("/mode", json!("x")),
        ("/extra_config/modifier~1lua-endpoint", json!({})),
        ("/extra_config/my~1own", json!({})),
        ("/extra_config/async~1amqp/prefetch_size", json!(4096)),
    ]);
    let wanted = [
        "$.async_agent[0].mode: \"mode\" is a key that nobody reads (known here: name, connection, consumer, encoding, backend, extra_config)",
        "$.async_agent[0].extra_config[\"modifier/lua-endpoint\"]: modifier/lua-endpoint has no effect at this level, as in KrakenD",
        "$.async_agent[0].extra_config[\"my/own\"]: my/own is not supported here and has no effect",
    ];
    assert_eq!(configuration.warnings, wanted.map(|line| format!("configuration: {line}")));
    assert!(configuration.remarks[0].contains("RabbitMQ refuses a prefetch_size"), "{:?}", configuration.remarks);
}

#[test]
fn a_listener_of_agents_serves_nothing_else() {
    let service = json!({
        "envoy/lua-modifier": {"listener": "agents", "unmatched": "pass", "health": true},
        "modifier/lua-endpoint": {"pre": "x = 1"}, "qos/ratelimit/service": {"max_rate": 1}, "router": {"auto_options": true},
    });
    let mut changes = agent(&[]);
    changes.push(("/extra_config".to_owned(), service));
    changes.push(("/endpoints/0/extra_config".to_owned(), json!({"validation/json-schema": {}})));
    let configuration = read_changed(&borrowed(&changes));
    assert_eq!(configuration.plugin.listener, Listener::Agents);
    let served: Vec<&str> = configuration.endpoints.iter().map(|endpoint| endpoint.path.as_str()).collect();
    assert_eq!((served, configuration.pipelines().count()), (vec!["orders"], 1));
    assert!(configuration.service.lua_endpoint.is_none() && configuration.service.rates.is_none());
    assert!(!configuration.plugin.health);
    for path in ["/t/1", "/__health", "/__async_agent/orders"] {
        assert_eq!(configuration.routes.find("GET", path), Match::NotFound);
    }
    let told = complaint(&[("/extra_config", json!({"envoy/lua-modifier": {"listener": "queues"}}))]);
    assert!(told.contains("unknown listener \"queues\" (known: endpoints, agents)"), "{told}");
}
