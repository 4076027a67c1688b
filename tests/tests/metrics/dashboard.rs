//! The dashboard asks only for metrics and labels that exist, and shows all metrics.

use std::collections::{BTreeMap, BTreeSet};

use fancy_regex::Regex;
use serde_json::{Value, json};
use tests::cases::ClientRequest;
use tests::wire::client;

use crate::setting::{backend, document, endpoint, of, start};

static DASHBOARD: &str = include_str!("../../../envoy/grafana/lua-modifier.json");

/// The places where a query names labels: in a selector, in a grouping, and as the values of a variable.
const LABELS: &str = r"(\w+)=~|by \(([\w, ]+)\)|label_values\(\w+, (\w+)\)";

/// The metrics of an answer for Prometheus, and the names of their labels.
fn labels(prometheus: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let name = Regex::new(r#"(\w+)=""#).unwrap();
    for (metric, rest) in
        prometheus.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('{'))
    {
        let names = name.captures_iter(rest).map(|found| found.unwrap().get(1).unwrap().as_str());
        all.entry(metric).or_default().extend(names);
    }
    all
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &str> {
    let targets = dashboard["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| target["expr"].as_str().unwrap())
}

fn variables(dashboard: &Value) -> impl Iterator<Item = &str> {
    let all = dashboard["templating"]["list"].as_array().unwrap().iter();
    all.filter_map(|variable| variable["definition"].as_str())
}

fn guarded(path: &str, namespace: &str, block: Value) -> Value {
    json!({"endpoint": path, "backend": [backend(None)], "extra_config": {namespace: block}})
}

#[test]
fn the_dashboard_asks_for_metrics_that_there_are() {
    let endpoints = json!([
        endpoint("/ok", "proxy", json!({"pre": "for i = 1, 10000 do end http_response.new('http://api/side')"})),
        endpoint("/script", "proxy", json!({"pre": "error('boom')"})),
        endpoint("/custom", "proxy", json!({"pre": "custom_error('no')"})),
        endpoint("/limit", "proxy", json!({"pre": "while true do end"})),
        endpoint("/call", "proxy", json!({"pre": "http_response.new('http://unknown/')"})),
        guarded("/rate", "qos/ratelimit/router", json!({"max_rate": 1, "every": "1h"})),
        guarded("/client", "qos/ratelimit/router", json!({"client_max_rate": 1, "strategy": "header"})),
        guarded("/key", "auth/api-keys", json!({"roles": []})),
        guarded("/token", "auth/validator", json!({"alg": "RS256", "jwk_url": "https://id.test/keys"})),
    ]);
    let mut configuration = document(endpoints, json!({"limits": {"instructions": 100_000}}));
    configuration["extra_config"]["auth/api-keys"] = json!({"keys": [{"key": "secret"}]});
    configuration["extra_config"]["security/bot-detector"] = json!({"deny": ["evil"]});
    let setting = start(configuration, 1);
    let evil = ClientRequest::new("GET", "/ok").header("User-Agent", "evil");
    assert_eq!(client::send(setting.envoy.port(), &evil).unwrap().status, 403);
    for path in ["/ok", "/script", "/custom", "/limit", "/call", "/rate", "/rate", "/client", "/key", "/token"] {
        setting.get(path);
    }
    setting.eventually("all runs are counted", |stats| {
        let refused = ["rate", "client", "key", "bot", "token"];
        of(stats, "GET_/call.proxy.errors_call") == 1
            && refused.iter().all(|by| of(stats, &format!("refused_by_{by}")) == 1)
    });
    let has_duration =
        |text: &str| text.contains("lua_modifier_duration_us_count{endpoint=\"GET_/ok\",stage=\"proxy\"} 1\n");
    setting.eventually("histograms are put together", |_| has_duration(&setting.envoy.admin("/stats/prometheus")));
    let prometheus = setting.envoy.admin("/stats/prometheus");
    let there = labels(&prometheus);

    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let (metrics, labels) = (Regex::new(r"lua_modifier_\w+").unwrap(), Regex::new(LABELS).unwrap());
    let queries = panels(&dashboard).chain(variables(&dashboard));
    let (mut seen, mut asked_for) = (BTreeSet::new(), 0);
    for query in queries {
        let named: Vec<&str> = metrics.find_iter(query).map(|found| found.unwrap().as_str()).collect();
        assert!(!named.is_empty(), "{query}");
        for metric in named {
            let given = there.get(metric).unwrap_or_else(|| panic!("{metric} of {query} is not in {prometheus}"));
            for found in labels.captures_iter(query) {
                let list = found.unwrap().iter().skip(1).flatten().next().unwrap().as_str();
                for label in list.split(", ") {
                    // Prometheus itself adds the label `instance`.
                    assert!(
                        label == "instance" || given.contains(label),
                        "{metric} of {query} has no {label}: {given:?}"
                    );
                    asked_for += 1;
                }
            }
            seen.insert(metric.to_owned());
        }
    }
    assert!(asked_for > 50, "{asked_for} labels");
    // and shows all metrics
    let shown = |metric: &str| seen.iter().any(|name| name.starts_with(metric.trim_end_matches("_count")));
    let ours = there.keys().filter(|metric| metric.starts_with("lua_modifier_"));
    let forgotten: Vec<_> = ours.filter(|metric| !shown(metric)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
