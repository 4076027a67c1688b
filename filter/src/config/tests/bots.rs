//! `security/bot-detector` and `qos/circuit-breaker`: which settings are read, and which are refused.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{complaint, document, read_changed};
use crate::config::{Breaker, Listed, read};

fn bots(block: Value) -> Value {
    json!({"security/bot-detector": block})
}

#[test]
fn a_detector_decides_as_krakends_does() {
    let block = bots(json!({
        "allow": ["Good Bot", "evil allowed"], "deny": ["exact", "Good Bot"], "patterns": ["(?i)crawler", "^evil"],
        "empty_user_agent_is_bot": true, "cache_size": 10
    }));
    let read = read_changed(&[("/endpoints/0/extra_config", block.clone()), ("/extra_config", block)]);
    let detector = read.service.bots.unwrap();
    let is_bot = |agent: &[u8]| match detector.listed(agent) {
        Listed::Bot => true,
        Listed::Welcome => false,
        Listed::Unknown => detector.matches(agent),
    };
    let table: [(&[u8], bool); 11] = [
        (b"", true),
        (b"exact", true),
        (b"Exact", false),
        (b"exact ", false),
        (b"Good Bot", false),
        (b"evil allowed", false),
        (b"evil one", true),
        (b"a CRAWLER", true),
        (b"\xff\xfecrawler", true),
        (&[b'x'; 4096], false),
        (&[b'x'; 4097], true),
    ];
    for (agent, expected) in table {
        assert_eq!(is_bot(agent), expected, "{}", String::from_utf8_lossy(agent));
    }
    assert!(Arc::ptr_eq(&detector, read.endpoints[0].bots.as_ref().unwrap()), "the same block is one detector");
    assert_eq!((detector.cache_size, read.warnings.len(), read.notes.len(), read.remarks.len()), (10, 0, 0, 0));
    let plain = read_changed(&[("/extra_config", bots(json!({"deny": ["x"]})))]).service.bots.unwrap();
    assert_eq!((plain.listed(b""), plain.listed(&[b'x'; 5000])), (Listed::Welcome, Listed::Welcome));
}

#[test]
fn a_detector_that_krakend_would_leave_out_is_refused() {
    let at = "$.endpoints[0].extra_config[\"security/bot-detector\"]";
    let table = [
        (
            json!({"patterns": ["ok", "("]}),
            ".patterns[1]: \"(\" is no regular expression that is supported here: missing )",
        ),
        (json!({"patterns": ["a(?!b)"]}), ".patterns[0]: \"a(?!b)\" is no regular expression"),
        (json!({"patterns": "x"}), ".patterns: must be a list"),
        (json!({"patterns": [1]}), ".patterns[0]: must be a string"),
        (json!({"allow": "x"}), ".allow: must be a list"),
        (json!({"deny": [true]}), ".deny[0]: must be a string"),
        (json!({"cache_size": -1}), ".cache_size: must be a whole number"),
        (json!({"empty_user_agent_is_bot": "yes"}), ".empty_user_agent_is_bot: must be true or false"),
        (json!({"Deny": ["x"]}), ".Deny: write this key as \"deny\""),
    ];
    for (block, told) in table {
        let complaint = complaint(&[("/endpoints/0/extra_config", bots(block.clone()))]);
        assert!(complaint.contains(&format!("{at}{told}")), "{block}: {complaint}");
    }
    let many: Vec<String> = (0..100).map(|number| format!("a{{1000}}{number}")).collect();
    let told = complaint(&[("/extra_config", bots(json!({"patterns": many})))]);
    assert!(told.contains("too many from here on"), "{told}");
}

#[test]
fn who_ignores_it_is_told_that_nobody_here_does_it() {
    let ignore = json!({"ignore": ["security/bot-detector", "qos/circuit-breaker"]});
    let mut extra = bots(json!({"patterns": ["("]}));
    extra["envoy/lua-modifier"] = ignore;
    let breaker = ("/endpoints/0/backend/0/extra_config", json!({"qos/circuit-breaker": {"max_errors": 1}}));
    let read = read_changed(&[("/extra_config", extra), breaker]);
    assert!(read.service.bots.is_none() && read.endpoints[0].backends[0].breaker.is_none());
    assert_eq!(read.remarks.len(), 2, "{:?}", read.remarks);
    let old = bots(json!({"deny": ["x"]}))["security/bot-detector"].clone();
    let old = json!({"github_com/devopsfaith/krakend-botdetector": old});
    assert!(read_changed(&[("/extra_config", old)]).service.bots.is_some());
}

#[test]
fn a_breaker_is_read_and_an_empty_one_is_none() {
    let breaker = |block: Value| {
        let change = ("/endpoints/0/backend/0/extra_config", json!({"qos/circuit-breaker": block}));
        read(document(&[change]).to_string().as_bytes())
    };
    let of = |block: Value| breaker(block).unwrap().endpoints[0].backends[0].breaker.as_deref().cloned();
    let whole = json!({"interval": 60, "timeout": 10, "max_errors": 3, "name": "cb", "log_status_change": true});
    let (interval, timeout) = (Some(Duration::from_secs(60)), Duration::from_secs(10));
    let expected = Breaker { name: "cb".to_owned(), interval, timeout, max_errors: 3, log_status_change: true };
    assert_eq!(of(whole), Some(expected.clone()));
    let (name, timeout) = (String::new(), Duration::from_secs(60));
    let least = Breaker { name, interval: None, timeout, max_errors: 1, log_status_change: false };
    assert_eq!(of(json!({"max_errors": 1})), Some(least));
    let empty = breaker(json!({"max_errors": 0, "name": ""})).unwrap();
    assert_eq!((empty.endpoints[0].backends[0].breaker.as_ref(), empty.remarks.len()), (None, 1));
    for (block, told) in [(json!({"max_errors": -1}), "max_errors"), (json!({"timeout": "10s"}), "timeout")] {
        assert!(breaker(block).map(|_| ()).unwrap_err().to_string().contains(told));
    }
}
