//! Hostile scripts and their expected results, read from `cases/hostile/*.lua`, and the one configuration that serves all of
//! them beside honest endpoints. In such a file a script begins with a line
//!
//! ```text
//! --- NAME [in PLACE] [from PATH] = STATUS [WORDS]
//! --- limits {"calls": 2}
//! --- backend {"encoding": "xml"}
//! --- endpoint {"output_encoding": "xml"}
//! ```
//!
//! The last three lines may be missing. The keys of `backend` and `endpoint` are merged into the backend and the endpoint, and
//! replace keys that are there.
//!
//! PLACE is `post` by default: the `post` of lua-proxy, without a backend (`skip_next`), or, with PATH, with the backend that
//! answers at PATH. WORDS must be in the answer's body. Knows no world in which the scripts are played.

use std::fs;

use serde_json::{Map, Value, json};

use super::{ClientRequest, Response, glob};
use crate::repository;
use crate::upstreams::Rule;

/// One script.
#[derive(Clone, Debug, PartialEq)]
pub struct Hostile {
    /// `file/name`, which is also the script's path.
    pub name: String,
    place: String,
    from: Option<String>,
    status: u16,
    words: String,
    limits: Option<Value>,
    /// The keys that are merged into the backend, and into the endpoint.
    over: [Value; 2],
    code: String,
}

/// All scripts, in the order of the files. `HOSTILE=glob` chooses by name.
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
            (Some(more), Some(last)) if more.starts_with("backend ") => {
                last.over[0] = serde_json::from_str(&more["backend ".len()..]).unwrap();
            }
            (Some(more), Some(last)) if more.starts_with("endpoint ") => {
                last.over[1] = serde_json::from_str(&more["endpoint ".len()..]).unwrap();
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
        over: [json!({}), json!({})],
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
    /// The request of the script's client.
    pub fn request(&self) -> ClientRequest {
        let parameter = if self.from.as_ref().is_some_and(|from| from.contains("{p}")) { "/x" } else { "" };
        get(&format!("/{}{parameter}", self.name))
    }

    /// Is the script ended by the clock? Simulated time stands still while a script computes.
    pub fn needs_a_clock(&self) -> bool {
        self.words == "(limits.time_ms)"
    }

    /// Compares the answer with the expected one; the error says what is wrong.
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
        let mut backend = json!({"host": ["http://UPSTREAM"], "url_pattern": pattern, "extra_config": of_backend});
        lay(&self.over[0], &mut backend);
        let mut endpoint = json!({
            "endpoint": path, "extra_config": extra, "input_headers": ["*"], "input_query_strings": ["*"],
            "backend": [backend],
        });
        lay(&self.over[1], &mut endpoint);
        endpoint
    }
}

/// Merges an object into another one, namespace by namespace.
fn lay(over: &Value, object: &mut Value) {
    for (key, value) in over.as_object().unwrap() {
        match (value, &mut object[key]) {
            (Value::Object(_), below @ Value::Object(_)) => lay(value, below),
            (value, below) => *below = value.clone(),
        }
    }
}

fn get(path: &str) -> ClientRequest {
    ClientRequest::new("GET", path).header("Host", "gateway")
}

/// The configuration: every hostile script has an endpoint, and there is an honest endpoint.
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
    // A busy machine must not decide whether a script's time is up, so the time is long, except for scripts that test the time
    // limit.
    let ours = json!({"limits": {"time_ms": 60_000}, "endpoint_error_bodies": true, "files": files(), "helpers": true});
    json!({
        "version": 3, "timeout": "60s", "endpoints": endpoints,
        "extra_config": {"router": {"return_error_msg": true}, "envoy/lua-modifier": ours},
    })
}

/// The files that the scripts of `cases/hostile/files.lua` read.
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

/// The request of an honest client.
pub fn honest_request(number: usize) -> ClientRequest {
    get(&format!("/honest/{number}"))
}

/// Compares an honest client's answer with the expected one; the error says what is wrong.
pub fn judge_honest(number: usize, answer: &Result<Response, String>) -> Result<(), String> {
    let answer = answer.as_ref().map_err(|why| format!("honest {number}: {why}"))?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let wanted = json!({"ok": true, "mine": number.to_string(), "got": 200, "words": "A HONEST SCRIPT WORKS"});
    if answer.status == 200 && body == wanted {
        return Ok(());
    }
    Err(format!("honest {number}: {} {:?}", answer.status, answer.text()))
}

/// The rules of the upstream that serves all scripts.
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
        rule("/xml/entities", xml_entities()),
        rule("/xml/file", "<!DOCTYPE r [<!ENTITY file SYSTEM \"file:///etc/passwd\">]><r>&file;</r>".into()),
        rule("/xml/deep", "<a>".repeat(200_000)),
        rule("/xml/levels", format!("{}{}", "<a>".repeat(990), "</a>".repeat(990))),
        rule("/xml/attributes", format!("<r {}/>", (0..60_000).map(|n| format!("a{n}='{n}' ")).collect::<String>())),
        rule("/xml/elements", format!("<r>{}</r>", "<a/>".repeat(200_000))),
        rule("/xml/open", format!("<r>{}", "<a>text</a>".repeat(50_000))),
        rule("/xml/letters", "<r>\u{1}</r>".into()),
        rule("/xml/charset", "<?xml version=\"1.0\" encoding=\"no-such\"?><r/>".into()),
        rule("/xml/ampersands", format!("<r>{}</r>", "&".repeat(900_000))),
        rule("/feed/titles", feed(&format!("{}x{}", "<title>".repeat(90), "</title>".repeat(90)))),
        rule("/feed/ampersands", feed(&format!("<title><![CDATA[x]]>{}</title>", "&amp;&lt".repeat(60_000)))),
        rule("/yaml/aliases", yaml_aliases("[", "]")),
        rule("/yaml/merges", yaml_aliases("{x: [", "]}")),
        rule("/yaml/itself", "a: &a [*a]".into()),
        rule("/yaml/deep", "- ".repeat(400_000)),
        rule("/yaml/brackets", "[".repeat(400_000)),
        rule("/yaml/honest", format!("a: &a {{k: v}}\nb: *a\nl:\n{}", "- *a\n".repeat(1_000))),
        rule("/lua", "return 42".into()),
        rule("/lists", json!({"a": [{"x": [1, 2, 3], "y": [4]}, {"x": [5], "y": [6, 7]}], "b": []}).to_string()),
        rule("/long", format!("{{\"a\":[{}1],\"b\":[{}2]}}", "1,".repeat(200_000), "2,".repeat(200_000))),
        json!({"path": "/headers", "headers": headers, "body": "{}"}),
        json!({"path": "/garbage", "raw": "this is not HTTP\r\n\r\n"}),
        json!({"path": "/close", "close": true}),
        json!({"path": "/circle", "status": 302, "headers": {"Location": "/circle"}}),
        rule("*", "{\"ok\":true}".into()),
    ];
    rules.iter().map(Rule::new).collect()
}

/// The "billion laughs": entities that would grow to a thousand million copies.
fn xml_entities() -> String {
    let entity = |n: usize| format!("<!ENTITY lol{n} \"{}\">", format!("&lol{};", n.saturating_sub(1)).repeat(10));
    format!("<!DOCTYPE r [<!ENTITY lol0 \"lol\">{}]><r>&lol9;</r>", (1..10).map(entity).collect::<String>())
}

fn yaml_aliases(open: &str, close: &str) -> String {
    let line = |n: usize| {
        let inner = if n == 0 { "x".to_owned() } else { format!("*a{}", n - 1) };
        format!("a{n}: &a{n} {open}{}{close}\n", [inner.as_str(); 9].join(", "))
    };
    (0..12).map(line).collect()
}

fn feed(inner: &str) -> String {
    format!("<rss version=\"2.0\"><channel>{inner}<item/></channel></rss>")
}
