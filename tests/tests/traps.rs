//! What happens if the module should ever trap: it says why before, and Envoy, told so as in our envoy.yaml, makes a new VM.
//! Nothing in the module traps on purpose. So host-sim calls it as no host would, and Envoy runs it with little memory.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use host_sim::{LogLevel, Module, Settings, Sim};
use serde_json::json;
use tests::client;
use tests::envoy::Gateway;
use tests::mock::Rule;
use tests::upstream::Upstream;
use tests::world::module_from_env;
use wasmparser::{Parser, Payload};

#[test]
fn a_panic_is_logged_with_its_place_before_the_trap() {
    let module = Module::load(module_from_env().unwrap()).unwrap();
    let mut sim = Sim::start(&module, Settings::new(r#"{"version": 3, "endpoints": []}"#)).unwrap();
    let trap = sim.call_for_unknown_context().unwrap_err();
    let trace = sim.take_trace();
    let last_words: Vec<&str> =
        trace.logs().into_iter().filter(|(level, _)| *level == LogLevel::Error).map(|(_, text)| text).collect();
    assert_eq!(last_words.len(), 1, "{last_words:?}");
    let (place, message) = last_words[0].split_once('\n').unwrap();
    assert!(place.starts_with("lua-modifier: ") && place.contains("panicked at "), "{place}");
    assert!(place.contains("dispatcher.rs:"), "{place}");
    assert_eq!(message, "invalid context_id");
    assert_eq!(sim.dead().map(ToString::to_string), Some(trap.to_string()));
}

#[test]
fn a_worker_whose_vm_trapped_gets_a_new_one() {
    let policy = "FAIL_RELOAD";
    let ours = include_str!("../../envoy/envoy.yaml");
    assert!(ours.contains(&format!("failure_policy: {policy}")), "envoy.yaml says otherwise");

    let upstream = Upstream::start();
    upstream.set_rules(vec![Rule::new(&json!({"body": "{\"ok\": true}"}))]);
    // More than there is: the limits that keep scripts within the module's memory are out of the way.
    let limits = json!({"memory_bytes": 1_u64 << 40, "instructions": 1_u64 << 40, "time_ms": 60_000});
    let hungry = "local d, long = response.load():data(), string.rep('x', 1000000)
        for i = 1, 100000 do d:set('k' .. i, long) end";
    let backend = json!([{"host": ["http://api"], "url_pattern": "/b"}]);
    let configuration = json!({
        "version": 3, "timeout": "10s",
        "extra_config": {"envoy/lua-modifier": {"clusters": {"http://api": "api"}}},
        "endpoints": [
            {"endpoint": "/hungry", "backend": backend, "extra_config": {
                "modifier/lua-proxy": {"post": hungry, "allow_open_libs": true},
                "envoy/lua-modifier": {"limits": limits},
            }},
            {"endpoint": "/honest", "backend": backend, "extra_config": {
                "modifier/lua-proxy": {"post": "response.load():data():set('lua', 'ran')"},
            }},
        ],
    });
    let module = with_little_memory();
    let gateway = Gateway {
        failure_policy: policy,
        module: Some(module.clone()),
        ..Gateway::new(configuration, &[("api", &upstream.authority())])
    };
    let gateway = gateway.start();
    let honest = || client::get(gateway.port(), "/honest").ok().filter(|answer| answer.status == 200);
    let body = |answer: tests::observation::Response| String::from_utf8(answer.body).unwrap();
    assert_eq!(honest().map(body).unwrap(), r#"{"lua":"ran","ok":true}"#);

    let answer = client::get(gateway.port(), "/hungry");
    assert!(!answer.is_ok_and(|answer| answer.status == 200), "nothing trapped");
    assert!(gateway.logs("memory allocation of 1000000 bytes failed").is_some(), "no last words");

    // Envoy waits a second or so before it makes another VM; there is no event to wait for but an answer.
    let began = Instant::now();
    let again = loop {
        match honest() {
            Some(answer) => break body(answer),
            None if began.elapsed() > Duration::from_secs(30) => panic!("no VM within {:?}", began.elapsed()),
            None => thread::yield_now(),
        }
    };
    assert_eq!(again, r#"{"lua":"ran","ok":true}"#);
    std::fs::remove_file(module).unwrap();
}

const PAGES: u32 = 40 << 20 >> 16;

/// The module, byte by byte, but for the most memory that it may have.
fn with_little_memory() -> PathBuf {
    let bytes = std::fs::read(module_from_env().unwrap()).unwrap();
    let section = Parser::new(0).parse_all(&bytes).find_map(|payload| match payload.unwrap() {
        Payload::MemorySection(section) => Some(section),
        _ => None,
    });
    let section = section.unwrap();
    let range = section.range();
    let memory = section.into_iter().next().unwrap().unwrap();
    let mut contents = vec![1, 1]; // one memory, with a maximum
    contents.extend(leb128(u32::try_from(memory.initial).unwrap()));
    contents.extend(leb128(PAGES));
    // In front of its contents a section has its length, in as many bytes as it takes: one here.
    assert_eq!(usize::from(bytes[range.start - 1]), range.len());
    let mut changed = bytes[..range.start - 1].to_vec();
    changed.push(u8::try_from(contents.len()).unwrap());
    changed.extend(contents);
    changed.extend_from_slice(&bytes[range.end..]);
    let path = std::env::temp_dir().join(format!("lua-modifier-little-memory-{}.wasm", std::process::id()));
    std::fs::write(&path, changed).unwrap();
    path
}

fn leb128(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
