//! The kinds of requests that are played: what most gateways do for most of their requests.

use cost::jobs::JOBS;
use serde_json::{Value, json};

/// A kind of request: a document with the endpoint `/t`, and the body of each response of a backend.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) document: String,
    pub(crate) body: String,
}

const SIDE: &str = r#"
    local side = http_response.new('http://b/side')
    request.load():headers('X-From', 'lua ' .. side:statusCode())
    side:close()
"#;

/// All kinds.
pub(crate) fn all() -> impl Iterator<Item = Kind> {
    let jobs = JOBS.iter().map(|job| Kind { name: job.name, document: job.document(), body: (job.body)() });
    let body = r#"{"name":"first","values":[1,2,3],"nested":{"ok":true,"size":1.5}}"#;
    let others = [
        ("merge", json!({}), &["/a", "/b", "/c"][..]),
        ("side", json!({ "modifier/lua-proxy": { "pre": SIDE } }), &["/a"]),
    ];
    jobs.chain(others.into_iter().map(move |(name, blocks, paths)| {
        let document = document(&blocks, paths).to_string();
        Kind { name, document, body: body.to_owned() }
    }))
}

/// A document whose endpoint has these blocks and a backend for each path.
fn document(blocks: &Value, paths: &[&str]) -> Value {
    let backends: Vec<Value> = paths.iter().map(|path| json!({ "host": ["http://b"], "url_pattern": path })).collect();
    json!({
        "version": 3,
        "extra_config": { "envoy/lua-modifier": { "clusters": { "http://b": "up" } } },
        "endpoints": [{ "endpoint": "/t", "input_headers": ["*"], "extra_config": blocks, "backend": backends }],
    })
}
