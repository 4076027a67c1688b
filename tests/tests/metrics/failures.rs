//! The place of a failure: in a header that can be switched on, and in one line of the log.

use host_sim::Request;
use serde_json::{Value, json};

use crate::setting::{backend, document, endpoint, of, start, worker};

#[test]
fn the_error_header_names_a_failure_at_every_stage() {
    let fails = json!({"pre": "error('boom')"});
    let mut at_backend = endpoint("/backend", "proxy", json!({"pre": "x = 1"}));
    at_backend["backend"] = json!([backend(Some("error('boom')"))]);
    let endpoints =
        json!([endpoint("/endpoint", "endpoint", fails.clone()), endpoint("/proxy", "proxy", fails), at_backend]);
    let service = "if string.find(ctx.load():url(), 'service') then error('boom') end";
    let with = |switched: Value| {
        let mut configuration = document(endpoints.clone(), switched);
        configuration["extra_config"]["modifier/lua-endpoint"] = json!({"pre": service, "allow_open_libs": true});
        start(configuration, 1)
    };
    let header = "x-lua-modifier-error";
    let paths = ["/service", "/endpoint", "/proxy", "/backend"];
    let setting = with(json!({"error_header": true}));
    for path in paths {
        let response = setting.get(path);
        assert_eq!((response.status, response.headers[header][0].as_str()), (500, "boom (pre-script:L1)"), "{path}");
    }
    setting.eventually("failures are counted", |stats| {
        of(stats, "failures") == 4 && of(stats, "service.service.errors_script") == 1
    });
    drop(setting);
    let setting = with(json!({}));
    for path in paths {
        assert!(!setting.get(path).headers.contains_key(header), "{path}");
    }
}

#[test]
fn a_failure_is_one_line_with_endpoint_stage_place_and_request_id() {
    let endpoints = json!([
        endpoint("/t/{id}", "proxy", json!({"sources": ["a.lua"], "pre": "check()"})),
        endpoint("/custom", "endpoint", json!({"pre": "\ncustom_error('two\\nlines', 418)"})),
        endpoint("/limit", "proxy", json!({"post": "\n\nwhile true do end", "skip_next": true})),
        {"endpoint": "/b", "backend": [backend(Some("error('boom')"))]},
        {"endpoint": "/down", "backend": [{"host": ["http://unknown"], "url_pattern": "/x"}, backend(None)]},
    ]);
    let sources = json!({"sources": {"a.lua": "function check()\n  error('boom')\nend"}});
    let mut sim = worker(&document(endpoints, sources));
    sim.take_trace();
    let mut line = |request: Request| {
        sim.request(&request).unwrap();
        let trace = sim.take_trace();
        let lines: Vec<String> = trace.logs().into_iter().map(|(_, text)| text.to_owned()).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.into_iter().next().unwrap()
    };
    let named = Request::new("GET", "/t/7").header("x-request-id", "4ca1a1d8");
    assert_eq!(line(named), "[ENDPOINT: /t/{id}] boom (a.lua:L2) stage=proxy.pre request_id=4ca1a1d8");
    assert_eq!(
        line(Request::new("GET", "/custom")),
        "[ENDPOINT: /custom] two lines (pre-script:L2) stage=endpoint.pre"
    );
    let limit = "the script ran more than 10000000 instructions (limits.instructions)";
    let looped = line(Request::new("GET", "/limit"));
    assert_eq!(looped, format!("[ENDPOINT: /limit] {limit} (post-script:L3) stage=proxy.post"));
    assert_eq!(line(Request::new("GET", "/b")), "[ENDPOINT: /b] boom (pre-script:L1) stage=backend_0.pre");
    let down = line(Request::new("GET", "/down"));
    assert!(
        down.starts_with("[ENDPOINT: /down] Get \"http://unknown/x\": ") && down.ends_with(" stage=backend_0"),
        "{down}"
    );
}

#[test]
fn a_log_level_of_error_leaves_what_scripts_print_out_and_failures_in() {
    let says = json!({"pre": "print('hello') error('boom')"});
    let mut sim = worker(&document(json!([endpoint("/t", "proxy", says)]), json!({"log_level": "error"})));
    sim.take_trace();
    sim.request(&Request::new("GET", "/t")).unwrap();
    let trace = sim.take_trace();
    let lines: Vec<&str> = trace.logs().into_iter().map(|(_, text)| text).collect();
    assert_eq!(lines, ["[ENDPOINT: /t] boom (pre-script:L1) stage=proxy.pre"]);
}
