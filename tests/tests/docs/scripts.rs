//! Scripts in pages. A block whose fence says `lua STAGE` runs natively in that stage, and each `EXPRESSION --> VALUE` must be
//! true. The request is the one that "Write scripts" describes.

use serde_json::{Value, json};
use tests::cases::{Case, Outcome};
use tests::manual::{Block, pages};
use tests::worlds::{Natively, World};

/// The stages of a fence, each with the namespace and the key that hold the script.
const STAGES: [(&str, &str, &str); 5] = [
    ("lua endpoint", "modifier/lua-endpoint", "pre"),
    ("lua proxy", "modifier/lua-proxy", "pre"),
    ("lua proxy.post", "modifier/lua-proxy", "post"),
    ("lua backend", "modifier/lua-backend", "pre"),
    ("lua backend.post", "modifier/lua-backend", "post"),
];

#[test]
fn scripts_give_what_their_arrows_say() {
    let mut number = 0;
    for page in pages() {
        for block in page.blocks() {
            if let Some((_, namespace, key)) = STAGES.iter().find(|(info, ..)| *info == block.info) {
                number += holds(&page.name, &block, (namespace, key));
            } else {
                let is_bare = block.info == "lua" || block.info.starts_with("lua file=");
                assert!(!block.info.starts_with("lua") || is_bare, "{}: {} is no stage", page.name, block.info);
            }
        }
    }
    assert!(number >= 60, "{number} expressions were held");
}

#[test]
fn json_can_be_read() {
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.info.split(' ').next() == Some("json")) {
            let read = serde_json::from_str::<Value>(block.text);
            assert!(read.is_ok(), "{}: {read:?} in {}", page.name, block.text);
        }
    }
}

/// Runs a block, checks its expressions, and returns their number.
fn holds(page: &str, block: &Block<'_>, (namespace, key): (&str, &str)) -> usize {
    let mut expressions = Vec::new();
    let line = |line: &str| match line.split_once(" --> ") {
        Some((expression, value)) => {
            expressions.push(line.to_owned());
            format!("print('is ' .. tostring(({expression}) == ({value})))\n")
        }
        None => format!("{line}\n"),
    };
    let script: String = block.text.lines().map(line).collect();
    let outcome =
        Natively.play(&[case(&script.replace("http://auth.internal", "http://UPSTREAM"), namespace, key)]).pop();
    let Some(Outcome::Played(seen)) = outcome else { panic!("{page}: {outcome:?} of {script}") };
    let said = seen.log.iter().filter_map(|line| line.text.split_once("[Lua] is ")).map(|(_, said)| said.to_owned());
    let wrong: Vec<(String, String)> = expressions
        .iter()
        .cloned()
        .zip(said.chain(std::iter::repeat("not reached".to_owned())))
        .filter(|(_, said)| said != "true")
        .collect();
    assert!(wrong.is_empty(), "{page}: {wrong:#?}\n{:#?}", seen.log);
    expressions.len()
}

fn case(script: &str, namespace: &str, key: &str) -> Case {
    let block = json!({namespace: {key: script, "allow_open_libs": true}});
    let at = |level: &str| if namespace == level { block.clone() } else { json!({}) };
    let mut of_endpoint = at("modifier/lua-proxy");
    if namespace == "modifier/lua-endpoint" {
        of_endpoint = block.clone();
    }
    Case::new(&json!({
        "name": "a-script-of-the-manual",
        "observed": {},
        "request": {"method": "GET", "path": "/orders/7?page=2", "headers": {"Host": "shop.test", "X-Tenant": "acme"}},
        "upstream": [
            {"path": "/check", "status": 200, "body": "{\"ok\":true}", "headers": {"Content-Type": "application/json"}},
            {"path": "*", "status": 200, "body": "{\"name\":\"tea\"}", "headers": {"Content-Type": "application/json"}},
        ],
        "config": {
            "version": 3,
            "extra_config": {"envoy/lua-modifier": {"helpers": true}},
            "endpoints": [{
                "endpoint": "/orders/{id}", "input_headers": ["X-Tenant"], "input_query_strings": ["page"],
                "extra_config": of_endpoint,
                "backend": [{"host": ["http://UPSTREAM"], "url_pattern": "/v1/orders/{id}", "extra_config": at("modifier/lua-backend")}],
            }],
        },
    }))
}
