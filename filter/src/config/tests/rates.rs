//! `qos/ratelimit/*`: what the numbers become, and what is refused because KrakenD would silently drop a limit.

use serde_json::{Value, json};

use super::{complaint, read_changed};
use crate::config::{ClientKey, Configuration, Rate};

const ROUTER: &str = "/endpoints/0/extra_config";
const PROXY: &str = "/endpoints/0/backend/0/extra_config";
const SECOND: u64 = 1_000_000_000;

fn router(block: Value) -> Configuration {
    read_changed(&[(ROUTER, json!({"qos/ratelimit/router": block}))])
}

fn proxy(block: Value) -> Configuration {
    read_changed(&[(PROXY, json!({"qos/ratelimit/proxy": block}))])
}

fn numbers(rate: Option<Rate>) -> Option<(u64, u64)> {
    rate.map(|rate| (rate.interval, rate.capacity))
}

/// Interval and capacity: of all clients together, and of each client.
fn of(configuration: &Configuration) -> [Option<(u64, u64)>; 2] {
    let rates = configuration.endpoints[0].rates.as_deref();
    let client = rates.and_then(|rates| rates.client.as_ref()).map(|(_, rate)| *rate);
    [numbers(rates.and_then(|rates| rates.all)), numbers(client)]
}

#[test]
fn numbers_are_what_krakend_makes_of_them() {
    let hour = 3600 * SECOND;
    let all = [
        (json!({"max_rate": 10}), Some((SECOND / 10, 10))),
        (json!({"max_rate": 2, "every": "1h"}), Some((hour / 2, 1))),
        (json!({"max_rate": 7200, "every": "1h"}), Some((SECOND / 2, 2))),
        (json!({"max_rate": 0.5, "capacity": 3}), Some((2 * SECOND, 3))),
        (json!({"max_rate": 10, "capacity": 2.9}), Some((SECOND / 10, 2))),
        (json!({"max_rate": 10, "capacity": 0}), Some((SECOND / 10, 10))),
        (json!({"max_rate": 10, "every": "1ms"}), Some((SECOND / 10, 10))),
        (json!({"max_rate": 10, "every": "soon"}), Some((SECOND / 10, 10))),
        (json!({"max_rate": 1e-30}), Some((SECOND * SECOND, 1))),
        (json!({"max_rate": 1e300}), Some((1, u64::MAX))),
        (json!({"max_rate": 0, "capacity": 5}), None),
        (json!({"max_rate": -1}), None),
        (json!({}), None),
        (json!({"client_max_rate": 0, "strategy": "whatever"}), None),
    ];
    for (block, expected) in all {
        assert_eq!(of(&router(block.clone())), [expected, None], "{block}");
    }
    // If max_rate is less than one or absent, KrakenD gives each client a capacity of one.
    let client = [
        (json!({"client_max_rate": 10}), (SECOND / 10, 1)),
        (json!({"client_max_rate": 10, "max_rate": 100}), (SECOND / 10, 10)),
        (json!({"client_max_rate": 0.5, "max_rate": 100}), (2 * SECOND, 1)),
        (json!({"client_max_rate": 10, "client_capacity": 4}), (SECOND / 10, 4)),
    ];
    for (mut block, expected) in client {
        block["strategy"] = json!("IP");
        assert_eq!(of(&router(block.clone()))[1], Some(expected), "{block}");
    }
    let backend = [
        (json!({"max_rate": 10, "capacity": 5}), Some((SECOND / 10, 5))),
        (json!({"max_rate": 10, "every": "100ms"}), Some((SECOND / 100, 100))),
        (json!({"max_rate": 10, "every": "soon"}), Some((SECOND / 10, 10))),
        (json!({"max_rate": 0}), None),
        (json!({"max_rate": -3}), None),
    ];
    for (block, expected) in backend {
        assert_eq!(
            numbers(proxy(block.clone()).endpoints[0].backends[0].rate.as_deref().copied()),
            expected,
            "{block}"
        );
    }
}

#[test]
fn a_client_is_told_by_what_the_strategy_says() {
    let table = [
        (json!({"strategy": "ip"}), ClientKey::Address, 0),
        (json!({"strategy": "ip", "key": "X-Client"}), ClientKey::AddressIn("x-client".to_owned()), 0),
        (json!({"strategy": "ip", "key": "X-Forwarded-For"}), ClientKey::Address, 1),
        (json!({"strategy": "Header", "key": "X-Key"}), ClientKey::Header("x-key".to_owned()), 0),
        (json!({"strategy": "header"}), ClientKey::Header(String::new()), 1),
        (json!({"strategy": "param", "key": "id"}), ClientKey::Param("id".to_owned()), 0),
        (json!({"strategy": "param", "key": "Id"}), ClientKey::Param("Id".to_owned()), 1),
    ];
    for (mut block, expected, remarks) in table {
        block["client_max_rate"] = json!(1);
        let configuration = router(block.clone());
        assert_eq!(configuration.endpoints[0].rates.as_ref().unwrap().client.as_ref().unwrap().0, expected, "{block}");
        assert_eq!(configuration.remarks.len(), remarks, "{:?}", configuration.remarks);
    }
    for (value, address) in [
        ("192.0.2.1", Some("192.0.2.1")),
        (" 192.0.2.1 , 192.0.2.2", Some("192.0.2.1")),
        ("192.0.2.1:8080", Some("192.0.2.1")),
        ("2001:db8::1", None),
        ("nonsense", None),
        ("", None),
    ] {
        assert_eq!(ClientKey::address_in(value), address, "{value}");
    }
}

#[test]
fn what_krakend_drops_without_a_word_is_refused() {
    let at = "$.endpoints[0].extra_config[\"qos/ratelimit/router\"]";
    let table = [
        (json!({"max_rate": "10"}), "max_rate", "must be a number, not the string \"10\""),
        (json!({"max_rate": 1, "capacity": "many"}), "capacity", "must be a number"),
        (json!({"max_rate": 1, "capacity": -1}), "capacity", "must be 0 or more"),
        (json!({"max_rate": 1, "every": 60}), "every", "must be a string, not the number 60"),
        (json!({"client_max_rate": "x", "strategy": "ip"}), "client_max_rate", "must be a number"),
        (json!({"client_max_rate": 1}), "strategy", "is missing"),
        (json!({"client_max_rate": 1, "strategy": "jwt"}), "strategy", "unknown strategy \"jwt\""),
        (json!({"client_max_rate": 1, "strategy": 1}), "strategy", "must be a string"),
        (json!({"client_max_rate": 1, "strategy": "header", "key": 7}), "key", "must be a string"),
        (
            json!({"client_max_rate": 1, "strategy": "ip", "client_capacity": true}),
            "client_capacity",
            "must be a number",
        ),
        (json!({"Max_Rate": 1}), "Max_Rate", "write this key as \"max_rate\""),
    ];
    for (block, key, what) in table {
        let told = complaint(&[(ROUTER, json!({"qos/ratelimit/router": block.clone()}))]);
        assert!(told.starts_with(&format!("configuration: {at}.{key}: ")) && told.contains(what), "{block}: {told}");
    }
    for (block, what) in
        [(json!({"max_rate": 1, "every": "0s"}), "must be more than nothing"), (json!(5), "must be an object")]
    {
        let told = complaint(&[(PROXY, json!({"qos/ratelimit/proxy": block}))]);
        assert!(told.contains("qos/ratelimit/proxy") && told.contains(what), "{told}");
    }
    // Where KrakenD does not look, nothing is enforced.
    for (place, name) in
        [(PROXY, "qos/ratelimit/router"), (ROUTER, "qos/ratelimit/proxy"), ("/extra_config", "qos/ratelimit/router")]
    {
        let told = complaint(&[(place, json!({name: {"max_rate": 1}}))]);
        assert!(told.contains("protects this API and is not enforced here"), "{told}");
    }
}

#[test]
fn a_limit_that_limits_nothing_and_one_that_is_ignored_are_told() {
    for block in [json!({}), json!({"max_rate": 0}), json!({"capacity": 4})] {
        let remarks = router(block).remarks;
        assert!(remarks.len() == 1 && remarks[0].contains("nothing is limited, as in KrakenD"), "{remarks:?}");
    }
    let ignoring = json!({"envoy/lua-modifier": {"ignore": ["qos/ratelimit/router"]}});
    let block = json!({"qos/ratelimit/router": {"max_rate": 1}});
    let configuration = read_changed(&[("/extra_config", ignoring), (ROUTER, block)]);
    assert_eq!(configuration.endpoints[0].rates, None);
    assert!(configuration.remarks[0].contains("is in ignore, and is not enforced here"), "{:?}", configuration.remarks);
}

#[test]
fn each_rate_is_another_and_stays_the_same_when_it_is_read_anew() {
    let one = json!({"max_rate": 1, "client_max_rate": 1, "strategy": "ip"});
    let ids = |configuration: &Configuration| {
        let rates = configuration.endpoints[0].rates.as_ref().unwrap();
        [rates.all.unwrap().id, rates.client.as_ref().unwrap().1.id]
    };
    let [all, client] = ids(&router(one.clone()));
    assert_ne!(all, client);
    assert_eq!(ids(&router(one.clone())), [all, client]);
    let mut other = one.clone();
    other["capacity"] = json!(7);
    assert_ne!(ids(&router(other))[0], all);
    let moved =
        read_changed(&[(ROUTER, json!({"qos/ratelimit/router": one})), ("/endpoints/0/endpoint", json!("/u/{id}"))]);
    assert_ne!(ids(&moved)[0], all);
    let block =
        json!({"host": ["http://a"], "url_pattern": "/b", "extra_config": {"qos/ratelimit/proxy": {"max_rate": 1}}});
    let twins = read_changed(&[("/endpoints/0/backend", json!([block, block]))]);
    let [a, b] = [0, 1].map(|number| twins.endpoints[0].backends[number].rate.as_ref().unwrap().id);
    assert_ne!(a, b);
}

#[test]
fn the_service_has_rates_of_its_own() {
    let block = json!({"max_rate": 50, "client_max_rate": 5, "strategy": "ip"});
    let configuration = read_changed(&[("/extra_config", json!({"qos/ratelimit/service": block}))]);
    let rates = configuration.service.rates.unwrap();
    assert_eq!(numbers(rates.all), Some((SECOND / 50, 50)));
    assert_eq!(rates.client.map(|(key, rate)| (key, rate.capacity)), Some((ClientKey::Address, 5)));
}
