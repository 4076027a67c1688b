//! The jobs, as a table, and the documents that they make. Knows nothing of how a job is played (play.rs) or measured
//! (measure.rs).

use serde_json::{Map, Value, json};

/// One job: an endpoint with one backend, and the body of the backend's response.
pub struct Job {
    /// The word for it.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    encoding: &'static str,
    scripts: &'static [Script],
    /// Makes the body of the backend's response.
    pub body: fn() -> String,
}

struct Script {
    level: &'static str,
    half: &'static str,
    code: &'static str,
    allow_open_libs: bool,
}

const ENDPOINT: Script = Script::new("endpoint", "pre", include_str!("../lua/ctx_header.lua"));
const PROXY: Script = Script::new("proxy", "pre", include_str!("../lua/request_header.lua"));
const BACKEND: Script = Script::new("backend", "pre", include_str!("../lua/request_header.lua"));
const DECORATE: Script = Script::new("proxy", "post", include_str!("../lua/decorate.lua")).with_open_libs();
const COLLECT: Script = Script::new("proxy", "post", include_str!("../lua/collect.lua")).with_open_libs();

/// All jobs.
#[rustfmt::skip]
pub const JOBS: [Job; 6] = [
    Job { name: "none",   about: "no script, the body passes by",             encoding: "no-op", scripts: &[],                         body: object },
    Job { name: "json",   about: "no script, JSON of 1 KB read and written",  encoding: "json",  scripts: &[],                         body: object },
    Job { name: "header", about: "a header script",                           encoding: "no-op", scripts: &[ENDPOINT],                 body: object },
    Job { name: "three",  about: "header scripts in all three stages",        encoding: "no-op", scripts: &[ENDPOINT, PROXY, BACKEND], body: object },
    Job { name: "deco",   about: "a JSON decorator, 1 KB",                    encoding: "json",  scripts: &[DECORATE],                 body: object },
    Job { name: "coll",   about: "the paths in a collection of 100 items",    encoding: "json",  scripts: &[COLLECT],                  body: collection },
];

impl Script {
    const fn new(level: &'static str, half: &'static str, code: &'static str) -> Self {
        Self { level, half, code, allow_open_libs: false }
    }

    const fn with_open_libs(self) -> Self {
        Self { allow_open_libs: true, ..self }
    }

    /// Its block in a configuration.
    fn block(&self) -> (String, Value) {
        let mut block = Map::from_iter([(self.half.to_owned(), self.code.into())]);
        if self.allow_open_libs {
            block.insert("allow_open_libs".to_owned(), true.into());
        }
        (format!("modifier/lua-{}", self.level), block.into())
    }
}

impl Job {
    /// The job of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        JOBS.iter().find(|job| job.name == name)
    }

    /// The configuration document: one endpoint, `/t`.
    pub fn document(&self) -> String {
        json!({
            "version": 3,
            "extra_config": { "envoy/lua-modifier": { "clusters": { "http://b": "up" } } },
            "endpoints": [{
                "endpoint": "/t",
                "output_encoding": self.encoding,
                "input_headers": ["*"],
                "extra_config": self.blocks(&["endpoint", "proxy"]),
                "backend": [{
                    "host": ["http://b"],
                    "url_pattern": "/u",
                    "encoding": self.encoding,
                    "extra_config": self.blocks(&["backend"]),
                }],
            }],
        })
        .to_string()
    }

    fn blocks(&self, levels: &[&str]) -> Map<String, Value> {
        self.scripts.iter().filter(|script| levels.contains(&script.level)).map(Script::block).collect()
    }
}

/// An object of about 800 bytes. Its text is written here because its members keep this order.
fn object() -> String {
    let pad: Vec<String> = (0..25).map(|i| format!(r#""k{i}":"{}""#, "v".repeat(20))).collect();
    format!(
        r#"{{"id":7,"name":"{}","source_result":{{"message":"Successfully done"}},"tags":["a","b","c"],"pad":{{{}}}}}"#,
        "x".repeat(40),
        pad.join(",")
    )
}

/// An object with a list of 100 objects.
fn collection() -> String {
    let item = |i| format!(r#"{{"path":"/p/{i}","n":{i},"title":"title number {i}","ok":true}}"#);
    let items: Vec<String> = (0..100).map(item).collect();
    format!(r#"{{"collection":[{}]}}"#, items.join(","))
}
