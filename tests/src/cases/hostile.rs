//! Hostile scripts and what must come of them, read from `cases/hostile/*.lua`, and the one configuration that serves all of
//! them beside honest endpoints. In such a file a script begins with a line
//!
//! ```text
//! --- NAME [in PLACE] [from PATH] = STATUS [WORDS]
//! --- limits {"calls": 2}
//! ```
//!
//! PLACE is `post` where nothing else is said: of lua-proxy, with no backend behind it, or the one that answers at PATH. WORDS
//! must stand in the answer's body, but for `endpoint`, whose errors have none. Knows no world to play them in.

use std::fs;

use serde_json::{Map, Value, json};

use super::{ClientRequest, Response, glob};
use crate::repository;
use crate::upstreams::Rule;

/// One script.
#[derive(Clone, Debug, PartialEq)]
pub struct Hostile {
    /// `file/name`, which is also its path.
    pub name: String,
    place: String,
    from: Option<String>,
    status: u16,
    words: String,
    limits: Option<Value>,
    code: String,
}

/// All of them, in the order of the files. `HOSTILE=glob` chooses by name.
pub fn load() -> Vec<Hostile> {
    let pattern = std::env::var("HOSTILE").unwrap_or_else(|_| "*".into());
    let files = repository::files(&repository::cases().join("hostile"), "lua");
    let texts =
        files.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap(), fs::read_to_string(path).unwrap()));
    let all = texts.flat_map(|(file, text)| read(file, &text));
    all.filter(|one| glob::matches(&pattern, &one.name)).collect()
}

fn read(file: &str, text: &str) -> Vec<Hostile> {
    let mut found: Vec<Hostile> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("--- "), found.last_mut()) {
            (Some(more), Some(last)) if more.starts_with("limits ") => {
                last.limits = Some(serde_json::from_str(&more["limits ".len()..]).unwrap());
            }
            (Some(head), _) => found.push(begin(file, head)),
            (None, Some(last)) => last.code.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    found
}

fn begin(file: &str, head: &str) -> Hostile {
    let (left, outcome) = head.split_once(" = ").unwrap_or_else(|| panic!("{file}: no outcome in {head:?}"));
    let (status, words) = outcome.split_once(' ').unwrap_or((outcome, ""));
    let mut left = left.split(' ');
    let mut hostile = Hostile {
        name: format!("{file}/{}", left.next().unwrap()),
        place: "post".into(),
        from: None,
        status: status.parse().unwrap_or_else(|_| panic!("{file}: {head:?} has no status")),
        words: words.trim().to_owned(),
        limits: None,
        code: String::new(),
    };
    while let (Some(key), Some(value)) = (left.next(), left.next()) {
        match key {
            "in" => hostile.place = value.to_owned(),
            "from" => hostile.from = Some(value.to_owned()),
            _ => panic!("{file}: {key:?} in {head:?} means nothing"),
        }
    }
    hostile
}

impl Hostile {
    /// What its client asks for.
    pub fn request(&self) -> ClientRequest {
        let parameter = if self.from.as_ref().is_some_and(|from| from.contains("{p}")) { "/x" } else { "" };
        get(&format!("/{}{parameter}", self.name))
    }

    /// Is it the clock that ends it? Where time is simulated it stands still while a script computes.
    pub fn needs_a_clock(&self) -> bool {
        self.words == "(limits.time_ms)"
    }

    /// Is this what must come of it? If not, why.
    pub fn judge(&self, answer: &Result<Response, String>) -> Result<(), String> {
        let answer = answer.as_ref().map_err(|why| format!("{}: {why}", self.name))?;
        let body = answer.text();
        let injected = answer.headers.contains_key("x-injected");
        if answer.status == self.status && body.contains(&self.words) && !injected {
            return Ok(());
        }
        let shown: String = body.chars().take(300).collect();
        Err(format!("{}: {} {shown:?} instead of {} {:?}", self.name, answer.status, self.status, self.words))
    }

    fn endpoint(&self) -> Value {
        let mut proxy = Map::new();
        let (mut extra, mut of_backend) = (Map::new(), Map::new());
        let block = |halves: &[&str], open: bool| {
            let mut block = Map::from_iter(halves.iter().map(|half| ((*half).to_owned(), self.code.clone().into())));
            block.insert("allow_open_libs".into(), open.into());
            block
        };
        match self.place.as_str() {
            "post" => proxy = block(&["post"], true),
            "closed" => proxy = block(&["post"], false),
            "pre" => proxy = block(&["pre"], true),
            "pre+post" => proxy = block(&["pre", "post"], true),
            "endpoint" => drop(extra.insert("modifier/lua-endpoint".into(), block(&["pre"], true).into())),
            "backend" => drop(of_backend.insert("modifier/lua-backend".into(), block(&["pre"], true).into())),
            "backend-post" => drop(of_backend.insert("modifier/lua-backend".into(), block(&["post"], true).into())),
            other => panic!("{}: there is no place {other:?}", self.name),
        }
        if !proxy.is_empty() {
            proxy.insert("skip_next".into(), (self.from.is_none() && !proxy.contains_key("pre")).into());
            extra.insert("modifier/lua-proxy".into(), proxy.into());
        }
        if let Some(limits) = &self.limits {
            extra.insert("envoy/lua-modifier".into(), json!({ "limits": limits }));
        }
        let pattern = self.from.as_deref().unwrap_or("/b");
        let path = format!("/{}{}", self.name, if pattern.contains("{p}") { "/{p}" } else { "" });
        json!({
            "endpoint": path, "extra_config": extra, "input_headers": ["*"], "input_query_strings": ["*"],
            "backend": [{"host": ["http://UPSTREAM"], "url_pattern": pattern, "extra_config": of_backend}],
        })
    }
}

fn get(path: &str) -> ClientRequest {
    ClientRequest::new("GET", path).header("Host", "gateway")
}

/// The configuration: every hostile script has an endpoint, and there is an honest one.
pub fn configuration(all: &[Hostile]) -> Value {
    let pre = "local r = request.load()
        mine = r:params('Id')
        r:headers('X-Mine', mine)
        got = http_response.new('http://UPSTREAM/b', 'POST', mine):statusCode()";
    let post = "local d = response.load():data()
        local words = {}
        for word in string.gmatch('a honest script works', '%a+') do table.insert(words, (word:upper())) end
        d:set('mine', mine); d:set('got', got); d:set('words', table.concat(words, ' '))";
    let honest = json!({
        "endpoint": "/honest/{id}", "backend": [{"host": ["http://UPSTREAM"], "url_pattern": "/b"}],
        "extra_config": {"modifier/lua-proxy": {"pre": pre, "post": post, "allow_open_libs": true}},
    });
    let endpoints: Vec<Value> = all.iter().map(Hostile::endpoint).chain([honest]).collect();
    // Whose time is up is not for a busy machine to decide: but for scripts that are about time, it is plentiful.
    let ours = json!({"limits": {"time_ms": 60_000}, "endpoint_error_bodies": true, "files": files(), "helpers": true});
    json!({
        "version": 3, "timeout": "60s", "endpoints": endpoints,
        "extra_config": {"router": {"return_error_msg": true}, "envoy/lua-modifier": ours},
    })
}

/// The files that scripts of `cases/hostile/files.lua` reach.
fn files() -> Value {
    json!({
        "tiny.lua": "return 1",
        "self.lua": "dofile('self.lua') return 1",
        "tail.lua": "return dofile('tail.lua')",
        "one.lua": "local other = require('two') return other",
        "two.lua": "local other = require('one') return other",
        "endless.lua": "while true do end",
        "waits.lua": "return http_response.new('http://UPSTREAM/b'):statusCode()",
        "lua/megabyte.txt": "line of text\n".repeat(80_000),
        "branches.lua": format!("if a then {} end", "elseif a then ".repeat(50_000)),
    })
}

/// What an honest client asks for.
pub fn honest_request(number: usize) -> ClientRequest {
    get(&format!("/honest/{number}"))
}

/// Is this what it must get? If not, why.
pub fn judge_honest(number: usize, answer: &Result<Response, String>) -> Result<(), String> {
    let answer = answer.as_ref().map_err(|why| format!("honest {number}: {why}"))?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let wanted = json!({"ok": true, "mine": number.to_string(), "got": 200, "words": "A HONEST SCRIPT WORKS"});
    if answer.status == 200 && body == wanted {
        return Ok(());
    }
    Err(format!("honest {number}: {} {:?}", answer.status, answer.text()))
}

/// How the upstream behind all of them answers.
pub fn upstream() -> Vec<Rule> {
    let rule = |path: &str, body: String| json!({"path": path, "body": body});
    let headers: Map<String, Value> = (0..90).map(|n| (format!("X-{n}"), "\u{fc}".repeat(n).into())).collect();
    let fields: Map<String, Value> = (0..20_000).map(|n| (format!("k{n}"), n.into())).collect();
    let rules = [
        rule("/deep", format!("{}{}", "{\"d\":".repeat(5000), "}".repeat(5000))),
        rule("/levels", format!("{{\"l\":{}{}}}", "[".repeat(990), "]".repeat(990))),
        rule("/large", format!("{{\"x\":\"{}\"}}", "x".repeat(3 << 20))),
        rule("/megabyte", "x".repeat(1_000_000)),
        rule("/fields", Value::from(fields).to_string()),
        rule("/lua", "return 42".into()),
        json!({"path": "/headers", "headers": headers, "body": "{}"}),
        json!({"path": "/garbage", "raw": "this is not HTTP\r\n\r\n"}),
        json!({"path": "/close", "close": true}),
        json!({"path": "/circle", "status": 302, "headers": {"Location": "/circle"}}),
        rule("*", "{\"ok\":true}".into()),
    ];
    rules.iter().map(Rule::new).collect()
}
