//! The kinds of requests that are played: what most gateways do for most of their requests, and what some do, so that it is not taken
//! for code that never runs.

use cost::jobs::JOBS;
use host_sim::{Request, Response};
use serde_json::{Value, json};

/// A kind of request: a document, what a client asks for, what each backend answers, and the status that the client gets.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) document: String,
    pub(crate) request: Request,
    pub(crate) backend: Response,
    pub(crate) status: u16,
}

const SIDE: &str = r#"
    local side = http_response.new('http://b/side')
    request.load():headers('X-From', 'lua ' .. side:statusCode())
    side:close()
"#;

const WORDS: &str = r#"
    local r = request.load()
    local words = {}
    for word in string.gmatch(r:body(), '%a+') do words[#words + 1] = string.lower(word) end
    r:headers('X-Words', tostring(#words))
    r:body(table.concat(words, ' '))
"#;

const QUERY: &str = r#"
    local r = request.load()
    r:query('?page=' .. r:params('Page') .. '&' .. r:query())
    r:path(r:path() .. '/more')
"#;

const STRINGS: &str = include_str!("../../lua/ours/strings.lua");

const OBJECT: &str =
    r#"{"name":"first","values":[1,2,3],"nested":{"ok":true,"size":1.5},"people":[{"name":"A"},{"name":"B"}]}"#;

const XML: &str = r#"<user type="admin"><name>A &amp; B</name><tag>a</tag><tag>b</tag></user>"#;

/// All kinds.
pub(crate) fn all() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = JOBS.iter().map(|job| Kind::new(job.name, job.document(), json((job.body)()))).collect();
    let object = || json(OBJECT);
    let rates = json!({ "qos/ratelimit/router": { "max_rate": 1e9, "client_max_rate": 1e9, "strategy": "ip" } });
    let shapes = json!({ "target": "nested", "mapping": { "size": "length" }, "group": "g", "deny": ["ok"] });
    let moved = json!({ "type": "move", "args": ["people.*.name", "people.*.called"] });
    let flat = json!({ "extra_config": { "proxy": { "flatmap_filter": [moved] } } });
    let xml = Response::new(200).header("content-type", "text/xml").body(XML);
    let failed = Response::new(503).header("content-type", "text/plain").body("no");
    let post = Request::new("POST", "/t").header("content-type", "text/plain").body("Some Words, and MORE of them");
    kinds.extend([
        Kind::new("merge", document("/t", &json!({}), &[json!({}), json!({}), json!({})]), object()),
        Kind::new("side", document("/t", &lua("proxy", SIDE), &[json!({})]), object()),
        Kind::new("strings", document("/t", &lua("endpoint", STRINGS), &[json!({})]), object()),
        Kind::new("words", document("POST /t", &lua("proxy", WORDS), &[json!({})]), object()).asked(post),
        Kind::new("query", document("/t/{page}", &lua("proxy", QUERY), &[json!({})]), object())
            .asked(Request::new("GET", "/t/7?q=a%20b&q=c")),
        Kind::new("rates", document("/t", &rates, &[json!({})]), object()),
        Kind::new("shapes", document("/t", &json!({}), &[shapes]), object()),
        Kind::new("flat", document("/t", &json!({}), &[flat]), object()),
        Kind::new("xml", document("/t", &json!({}), &[json!({ "encoding": "xml" })]), xml),
        Kind::new("failed", document("/t", &json!({}), &[json!({})]), failed).answered(500),
        Kind::new("passed", document("/t", &json!({}), &[json!({})]), object())
            .asked(Request::new("GET", "/elsewhere")),
    ]);
    kinds
}

impl Kind {
    fn new(name: &'static str, document: String, backend: Response) -> Self {
        let backend = backend.header("date", "Mon, 23 Nov 2026 02:23:11 GMT").header("server", "envoy");
        let kind = Self { name, document, request: Request::new("GET", "/t"), backend, status: 200 };
        kind.asked(Request::new("GET", "/t"))
    }

    /// With this request, to which come the headers that it has when Envoy hands it over.
    fn asked(self, request: Request) -> Self {
        let request = request
            .header("user-agent", "curl/8")
            .header("accept", "*/*")
            .header("accept-language", "en")
            .header("x-forwarded-for", "127.0.0.1")
            .header("x-request-id", "4ca1a1d8-37a9-4257-bed7-60fb81bb7ad2");
        Self { request, ..self }
    }

    fn answered(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

fn json(body: impl Into<Vec<u8>>) -> Response {
    let body = body.into();
    let length = body.len().to_string();
    Response::new(200).header("content-type", "application/json").header("content-length", length).body(body)
}

/// The block of a script that runs before the backends are asked.
fn lua(level: &str, code: &str) -> Value {
    json!({ format!("modifier/lua-{level}"): { "pre": code, "allow_open_libs": true } })
}

/// A document whose endpoint, `path` or `METHOD path`, has these blocks, and backends with these settings.
fn document(endpoint: &str, blocks: &Value, backends: &[Value]) -> String {
    let backend = |(number, settings): (usize, &Value)| {
        let mut backend = json!({ "host": ["http://b"], "url_pattern": format!("/{number}") });
        if let (Some(backend), Some(settings)) = (backend.as_object_mut(), settings.as_object()) {
            backend.extend(settings.clone());
        }
        backend
    };
    let backends: Vec<Value> = (1..).zip(backends).map(backend).collect();
    let (method, path) = endpoint.split_once(' ').unwrap_or(("GET", endpoint));
    json!({
        "version": 3,
        "extra_config": { "envoy/lua-modifier": { "clusters": { "http://b": "up" } } },
        "endpoints": [{
            "endpoint": path, "method": method, "input_headers": ["*"], "input_query_strings": ["*"],
            "extra_config": blocks, "backend": backends,
        }],
    })
    .to_string()
}
