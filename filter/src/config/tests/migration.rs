//! Compares the table of what happens with every name with the code that reads a document: the table claims no more than is
//! served, and has everything that is served.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{complaint, document, read_changed};
use crate::config::migration::{self, Level, Row, State};
use crate::config::read;

/// A number that is wrong for every key of KrakenD.
const NOTHING_TAKES: f64 = -1.5;

/// The objects whose keys are read here: their places in the document of these tests, their rows, and the code that reads them.
fn objects() -> Vec<(&'static str, &'static [Row], &'static str)> {
    let extra = |name, level| migration::namespace(name, level).unwrap().keys;
    let lua: &'static str = include_str!("../lua_block.rs");
    let inside = |rows: &'static [Row], key| Row::find(rows, key).unwrap().keys;
    let proxy = extra("proxy", Level::Endpoint);
    vec![
        ("", migration::keys(Level::Service), include_str!("../document.rs")),
        ("/endpoints/0", migration::keys(Level::Endpoint), include_str!("../endpoint.rs")),
        ("/endpoints/0/backend/0", migration::keys(Level::Backend), include_str!("../backend.rs")),
        ("/extra_config/router", extra("router", Level::Service), include_str!("../router.rs")),
        ("/extra_config/modifier~1lua-endpoint", extra("modifier/lua-endpoint", Level::Service), lua),
        ("/endpoints/0/extra_config/modifier~1lua-endpoint", extra("modifier/lua-endpoint", Level::Endpoint), lua),
        ("/endpoints/0/extra_config/modifier~1lua-proxy", extra("modifier/lua-proxy", Level::Endpoint), lua),
        (
            "/endpoints/0/backend/0/extra_config/modifier~1lua-backend",
            extra("modifier/lua-backend", Level::Backend),
            lua,
        ),
        ("/async_agent/0", migration::keys(Level::Agent), include_str!("../async_agent/mod.rs")),
        (
            "/async_agent/0/connection",
            inside(migration::keys(Level::Agent), "connection"),
            include_str!("../async_agent/consumer.rs"),
        ),
        ("/async_agent/0/consumer", inside(migration::keys(Level::Agent), "consumer"), ""),
        (
            "/async_agent/0/extra_config/async~1amqp",
            extra("async/amqp", Level::Agent),
            include_str!("../async_agent/amqp.rs"),
        ),
        ("/async_agent/0/extra_config/modifier~1lua-proxy", extra("modifier/lua-proxy", Level::Agent), lua),
        ("/endpoints/0/extra_config/proxy", proxy, include_str!("../proxy.rs")),
        ("/endpoints/0/extra_config/proxy/static", inside(proxy, "static"), ""),
        ("/endpoints/0/backend/0/extra_config/proxy", extra("proxy", Level::Backend), ""),
        ("/endpoints/0/backend/0/extra_config/backend~1http", extra("backend/http", Level::Backend), ""),
        ("/endpoints/0/backend/0/extra_config/modifier~1martian", extra("modifier/martian", Level::Backend), ""),
    ]
}

/// The document with a value behind a key of one of these objects; an object that is missing is made.
fn changed(object: &str, key: &str, value: Value) -> String {
    let mut document = document(&[]);
    if object.starts_with("/async_agent") {
        document["async_agent"] = json!([{
            "consumer": {}, "backend": [{"host": ["http://api"]}],
            "extra_config": {"async/amqp": {"host": "amqp://rabbit", "exchange": "e"}},
        }]);
    }
    let mut parent = &mut document;
    for step in object.split('/').skip(1) {
        let step = step.replace("~1", "/");
        parent = match parent {
            Value::Array(list) => &mut list[step.parse::<usize>().unwrap()],
            other => other.as_object_mut().unwrap().entry(step).or_insert_with(|| json!({})),
        };
    }
    parent[key] = value;
    document.to_string()
}

#[test]
fn whatever_is_called_exact_is_read() {
    for (object, rows, _) in objects() {
        for row in rows.iter().filter(|row| row.state == State::Exact) {
            // For an agent's rate, all numbers that are not above 0 mean the same.
            let nothing = if row.name == "max_rate" { json!("-1.5") } else { json!(NOTHING_TAKES) };
            let refused = read(changed(object, row.name, nothing).as_bytes()).map(|_| ());
            let told = refused.expect_err(&format!("{object}: nobody reads {}", row.name)).to_string();
            assert!(told.contains(row.name) && told.contains("-1.5"), "{object}, {}: {told}", row.name);
        }
    }
}

#[test]
fn whatever_is_not_called_exact_is_told_or_noted() {
    for (object, rows, _) in objects() {
        for row in rows.iter().filter(|row| !row.state.is_served()) {
            let read = read(changed(object, row.name, json!(["x"])).as_bytes()).unwrap();
            let told = [read.warnings, read.notes];
            let wanted = if matches!(row.state, State::ByHand | State::Lost) { [1, 0] } else { [0, 1] };
            assert_eq!(told.each_ref().map(Vec::len), wanted, "{object}, {}: {told:?}", row.name);
        }
    }
}

#[test]
fn every_key_that_is_read_has_a_row() {
    let mut seen = 0;
    // The code that reads a backend also reads `backend/http` in the same file, and the code that reads `proxy` its `static`.
    let known: BTreeSet<&str> = objects().iter().flat_map(|(_, rows, _)| rows.iter().map(|row| row.name)).collect();
    for (object, rows, source) in objects() {
        for key in keys_read(source) {
            let own = Row::find(rows, key).is_some_and(|row| row.state == State::Exact);
            assert!(own || known.contains(key) || ["405", "404"].contains(&key), "{object}: {key}");
            seen += usize::from(own);
        }
    }
    assert!(seen > 40, "{seen} keys were found in the code");
}

// The first text argument of calls like `node.get("key")` and `flag_at("key")`.
fn keys_read(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let calls = [
        "get(\"",
        "_at(\"",
        "_at(&root, \"",
        "duration_at(node, \"",
        "filter_at(node, \"",
        "input_at(node, \"",
        "disabled(\"",
    ];
    let keys = |call: &'static str| code.split(call).skip(1).map(|rest| rest.split('"').next().unwrap());
    calls.into_iter().flat_map(keys).collect()
}

#[test]
fn values_that_are_called_served_are() {
    for (object, rows, _) in objects() {
        for row in rows {
            for text in row.beyond.iter().flat_map(|beyond| beyond.texts()) {
                let read = read(changed(object, row.name, json!(text)).as_bytes()).unwrap();
                assert!(read.warnings.is_empty(), "{object}, {}: {:?}", row.name, read.warnings);
            }
        }
    }
}

#[test]
fn values_that_are_not_served_are_told_or_refused() {
    for (key, value) in [("concurrent_calls", json!(33)), ("output_encoding", json!("csv"))] {
        let told = read(changed("/endpoints/0", key, value).as_bytes());
        assert!(told.is_err() || !told.unwrap().warnings.is_empty(), "{key}");
    }
    for (key, value) in [("encoding", json!("csv")), ("sd", json!("dns")), ("url_pattern", json!("/{JWT.sub}"))] {
        let told = read(changed("/endpoints/0/backend/0", key, value).as_bytes());
        assert!(told.is_err() || !told.unwrap().warnings.is_empty(), "{key}");
    }
    let combiner = changed("/endpoints/0/extra_config/proxy", "combiner", json!("mine"));
    assert_eq!(read(combiner.as_bytes()).unwrap().warnings.len(), 1);
}

#[test]
fn no_name_has_two_rows_at_one_level() {
    for level in Level::ALL {
        let here: Vec<&str> =
            migration::namespaces().filter(|known| known.levels.contains(&level)).map(|known| known.row.name).collect();
        assert_eq!(here.iter().collect::<BTreeSet<_>>().len(), here.len(), "{level:?}");
        assert_eq!(here.iter().find(|name| migration::current_name(name) != **name), None);
        no_row_twice(migration::keys(level));
    }
    migration::namespaces().for_each(|known| no_row_twice(known.row.keys));
}

fn no_row_twice(rows: &[Row]) {
    let names: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len(), "{names:?}");
    rows.iter().for_each(|row| no_row_twice(row.keys));
}

#[test]
fn whoever_has_to_act_is_told_what_to_do() {
    fn look(rows: &[Row]) {
        for row in rows {
            let silent = row.words().is_empty() && row.keys.is_empty();
            let named = ["name", "encoding"].contains(&row.name); // of agents and plugins
            assert!(row.state == State::Exact || !silent || named, "{}", row.name);
            look(row.keys);
        }
    }
    Level::ALL.into_iter().for_each(|level| look(migration::keys(level)));
    migration::namespaces().for_each(|known| look(std::slice::from_ref(&known.row)));
}

#[test]
fn of_what_is_named_like_a_protection_only_cors_may_be_lost() {
    for known in migration::namespaces() {
        let (name, level) = (known.row.name, known.levels[0]);
        let family = name.split('/').next().unwrap();
        let protects =
            ["auth", "security", "validation", "qos", "governance"].contains(&family) && name != "security/cors";
        assert_eq!(migration::protects(name), protects, "{name}");
        let object = match level {
            Level::Service => "/extra_config",
            Level::Endpoint => "/endpoints/0/extra_config",
            Level::Agent => "/async_agent/0/extra_config",
            Level::Backend => "/endpoints/0/backend/0/extra_config",
        };
        let block = match name {
            // `async/amqp` needs these keys, and there is no driver for `async/kafka`.
            "async/amqp" => json!({"host": "amqp://rabbit", "exchange": "e"}),
            "async/kafka" => continue,
            "modifier/jmespath" => json!({"expr": "a"}),
            // Without a rate, these blocks limit nothing, as in KrakenD.
            "qos/ratelimit/router" | "qos/ratelimit/service" | "qos/ratelimit/proxy" => json!({"max_rate": "many"}),
            "qos/circuit-breaker" => json!({"max_errors": "many"}),
            "security/bot-detector" => json!({"patterns": ["("]}),
            _ => json!({}),
        };
        let refused = read(changed(object, name, block).as_bytes()).map(|_| ());
        // A block that has no effect in KrakenD either protects nothing.
        let is_idle = known.row.state == State::NotNeeded;
        assert_eq!(refused.is_err(), protects && !is_idle, "{name}: {refused:?}");
    }
    assert!(complaint(&[("/extra_config", json!({"qos/new": {}}))]).contains("qos/new protects this API"));
    assert!(read_changed(&[("/extra_config", json!({"my/own": {}}))]).warnings.len() == 1);
}
