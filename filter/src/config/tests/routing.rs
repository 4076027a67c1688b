//! Which endpoint a request meets, as data. KrakenD's router (gin 1.12) gives the same result for all paths of the table except
//! the marked ones. It never serves another endpoint than this filter; now and then it redirects to a path that meets nothing,
//! or to the same path again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::config::{Match, Routes, read};

fn routes(endpoints: &[&str]) -> Routes {
    routes_with(endpoints, json!({}))
}

fn routes_with(endpoints: &[&str], router: Value) -> Routes {
    let endpoint = |line: &&str| {
        let (method, path) = line.split_once(' ').unwrap();
        json!({"endpoint": path, "method": method, "backend": [{"host": ["http://api"]}]})
    };
    let endpoints: Vec<Value> = endpoints.iter().map(endpoint).collect();
    let document = json!({"version": 3, "endpoints": endpoints, "extra_config": {"router": router}});
    read(document.to_string().as_bytes()).unwrap().routes
}

/// `0 id=7`, `301 /t`, `400 why`, `404`.
fn told(found: Match) -> String {
    match found {
        Match::Endpoint { index, params } => params
            .iter()
            .fold(index.to_string(), |line, (name, value)| format!("{line} {name}={}", value.escape_ascii())),
        Match::Redirect { status, path } => format!("{status} {path}"),
        Match::BadRequest(why) => format!("400 {why}"),
        Match::NotAllowed { allowed } => format!("405 {allowed}"),
        Match::Options { allowed } => format!("options {allowed}"),
        Match::Health => "health".to_owned(),
        Match::NotFound => "404".to_owned(),
    }
}

#[test]
fn requests_meet_the_endpoints_that_they_meet_in_krakend() {
    let routes = routes(&[
        "GET /t",
        "POST /t",
        "GET /u/{id}",
        "GET /u/me",
        "GET /two/{a}/{b}",
        "GET /slash/",
        "GET /Case/{x}/End",
        "GET /deep/{a}/x/y",
        "GET /deep/one/{b}",
        "GET /a b",
        "GET /",
        "PUT /{all}",
        "GET /caf\u{e9}",
    ]);
    #[rustfmt::skip] // one row a line
    let table = [
        // static and parameters (gin sends /deep/one/x/y to itself)
        ("GET /t", "0"),
        ("POST /t", "1"),
        ("GET /u/7", "2 id=7"),
        ("GET /u/me", "3"),
        ("GET /u/mE", "2 id=mE"),
        ("GET /two/x/y", "4 a=x b=y"),
        ("GET /deep/one/z", "8 b=z"),
        ("GET /deep/one/x/y", "7 a=one"),
        ("GET /deep/two/x/y", "7 a=two"),
        ("GET /", "10"),
        ("GET /?x", "10"),
        ("GET /t?x=1", "0"),
        // empty parameters: inner ones only (gin sends /two/x/ and /two// to a path that meets nothing)
        ("GET /u/", "404"),
        ("GET /two//y", "4 a= b=y"),
        ("GET /two/x/", "404"),
        ("GET /two//", "404"),
        ("PUT /", "405 GET"),
        // encoding
        ("GET /u/a%20b", "2 id=a b"),
        ("GET /u/a+b", "2 id=a+b"),
        ("GET /u/a%2Fb", "404"),
        ("GET /two/a%2Fb", "4 a=a b=b"),
        ("GET /u/%C3%A9", "2 id=\\xc3\\xa9"),
        ("GET /u/%ff", "2 id=\\xff"),
        ("GET /a%20b", "9"),
        ("GET /%74", "0"),
        ("GET /caf%C3%A9", "12"),
        ("GET /CAF%C3%89", "301 /caf%C3%A9"),
        // paths that KrakenD does not accept
        ("GET /%", "400 400 Bad Request"),
        ("GET /u/%zz", "400 400 Bad Request"),
        ("GET /nowhere%2", "400 400 Bad Request"),
        ("GET /u/%2520", "400 error: encoded url params"),
        ("GET /u/%25", "400 error: invalid URL escape \"%\""),
        ("GET /u/%25zz1", "400 error: invalid URL escape \"%zz\""),
        ("GET /u/a%3Fb", "400 error: encoded url params"),
        ("GET /u/a%23b", "400 error: encoded url params"),
        // slashes, dots, case
        ("GET /t/", "301 /t"),
        ("POST /t/", "307 /t"),
        ("GET //t", "301 /t"),
        ("GET /T", "301 /t"),
        ("POST /T", "307 /t"),
        ("GET /t//", "301 /t"),
        ("GET /T/", "301 /t"),
        ("GET /./t", "301 /t"),
        ("GET /x/../t", "301 /t"),
        ("GET /t/.", "301 /t"),
        ("GET /%2e/t", "301 /t"),
        ("GET /slash", "301 /slash/"),
        ("GET /SLASH", "301 /slash/"),
        ("GET /u/7/", "301 /u/7"),
        ("GET /U/aB", "301 /u/aB"),
        ("GET /U/ME", "301 /u/me"),
        ("GET /case/Q/end", "301 /Case/Q/End"),
        ("GET /t/?a=b%20c&d", "301 /t?a=b%20c&d"),
        ("GET /U/a%20b?q", "301 /u/a%20b?q"),
        ("GET /t%2F", "301 /t"),
        ("PUT //t/", "307 /t"),
        ("GET /two//y/", "301 /two/y"),
        ("GET //", "301 /"),
        ("GET /..", "301 /"),
        // no redirect where the right path would meet nothing (gin sends /u// to /u/)
        ("GET /U/", "404"),
        ("GET /u//", "404"),
        ("GET /t/x", "404"),
        ("GET /two/x", "404"),
        ("PUT /T/x", "404"),
        // methods
        ("HEAD /t", "405 GET, POST, PUT"),
        ("HEAD /T", "405 PUT"),
        ("DELETE /t", "405 GET, POST, PUT"),
        ("get /t", "405 GET, POST, PUT"),
        ("POST /u/7", "405 GET"),
        // KrakenD's own paths, and texts that are no paths
        ("GET /__health", "health"),
        ("PUT /__health", "11 all=__health"),
        ("OPTIONS *", "404"),
        ("GET ", "404"),
    ];
    for (request, wanted) in table {
        let (method, path) = request.split_once(' ').unwrap();
        assert_eq!(told(routes.find(method, path)), wanted, "{request}");
    }
}

#[test]
fn health_is_krakends_own_even_where_a_parameter_would_take_it() {
    let routes = routes(&["GET /{x}", "HEAD /h"]);
    assert_eq!(told(routes.find("GET", "/__health")), "health");
    assert_eq!(told(routes.find("GET", "/%5f_health?x")), "health");
    assert_eq!(told(routes.find("GET", "/__healthy")), "0 x=__healthy");
    assert_eq!(told(routes.find("HEAD", "/h")), "1");
    assert_eq!(told(routes.find("HEAD", "/x")), "405 GET");
}

#[test]
fn the_router_does_what_its_settings_say() {
    let endpoints = ["POST /t", "GET /t", "DELETE /p/{id}", "POST /d/"];
    #[rustfmt::skip] // one row a line
    let table = [
        (json!({"disable_redirect_trailing_slash": true}), "GET /t/", "301 /t"), // the other redirect handles slashes, too
        (json!({"disable_redirect_trailing_slash": true}), "GET /T", "301 /t"),
        (json!({"disable_redirect_fixed_path": true}), "GET /t/", "301 /t"),
        (json!({"disable_redirect_fixed_path": true}), "GET //t", "404"),
        (json!({"disable_redirect_trailing_slash": true, "disable_redirect_fixed_path": true}), "GET /t/", "404"),
        (json!({"disable_handle_method_not_allowed": true}), "PUT /t", "404"),
        (json!({}), "PUT /t", "405 GET, POST"), // the health check is a GET, and comes first
        (json!({"disable_health": true}), "PUT /t", "405 POST, GET"),
        (json!({"disable_health": true}), "GET /__health", "404"),
        (json!({"health_path": "/alive"}), "GET /alive", "health"),
        (json!({"health_path": "/alive"}), "GET /__health", "404"),
        (json!({}), "PUT /__health", "405 GET"),
        (json!({"remove_extra_slash": true}), "GET //./t", "1"),
        (json!({"remove_extra_slash": true}), "GET /t//", "301 /t/"),
        (json!({"remove_extra_slash": true}), "DELETE //p//7", "2 id=7"),
        (json!({"disable_path_decoding": true}), "DELETE /p/a%252Fb", "2 id=a%2Fb"),
        (json!({"auto_options": true}), "OPTIONS /t", "options GET, POST"),
        (json!({"auto_options": true}), "OPTIONS /p/7", "options DELETE"),
        (json!({"auto_options": true}), "OPTIONS /p/%2520", "400 error: encoded url params"),
        (json!({"auto_options": true}), "OPTIONS /t/", "307 /t"),
        (json!({"auto_options": true}), "OPTIONS /x", "404"),
        (json!({"auto_options": true}), "PUT /t", "405 GET, POST, OPTIONS"),
    ];
    for (router, request, wanted) in table {
        let (method, path) = request.split_once(' ').unwrap();
        assert_eq!(told(routes_with(&endpoints, router.clone()).find(method, path)), wanted, "{router} {request}");
    }
}

#[test]
fn a_redirect_never_names_another_host() {
    let routes = routes(&["GET /{a}/{b}", "GET /e"]);
    for path in ["//evil.com/", "/%2Fevil.com/", "///evil.com//", "//e"] {
        if let Match::Redirect { path: target, .. } = routes.find("GET", path) {
            assert!(!target.starts_with("//"), "{path} → {target}");
        }
    }
}

#[test]
fn ten_thousand_endpoints_cost_no_more_than_one() {
    let lines: Vec<String> = (0..10_000).map(|n| format!("GET /api/v{}/thing{n}/{{id}}/part", n % 7)).collect();
    let many = routes(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let one = routes(&["GET /api/v4/thing5000/{id}/part"]);
    let paths = ["/api/v2/thing5000/7/part", "/api/v2/nothing/7/part", "/API/V2/THING5000/7/PART/"];
    assert_eq!(told(many.find("GET", paths[0])), "5000 id=7");
    assert_eq!(told(many.find("GET", paths[2])), "301 /api/v2/thing5000/7/part");
    // A generous limit, because this is no benchmark: a search that grew with the endpoints would exceed it a thousand times.
    let fastest = |routes: &Routes| {
        let run = |_| {
            let start = Instant::now();
            (0..200).for_each(|_| paths.iter().for_each(|path| drop(std::hint::black_box(routes.find("GET", path)))));
            start.elapsed()
        };
        (0..20).map(run).min().unwrap()
    };
    assert!(fastest(&many) < fastest(&one) * 5 + Duration::from_millis(1));
}

#[test]
fn a_wildcard_takes_what_nothing_else_takes_and_leads_nowhere_else() {
    let routes = routes(&["GET /v1/*", "GET /v1/users/{id}", "GET /v1/users/{id}/*", "GET /v1/me", "POST /v2/x"]);
    let table = [
        ("/v1/hello", "0 *=hello"),
        ("/v1/hello/a%20b//c/", "0 *=hello/a b//c/"),
        ("/v1/", "0 *="),
        ("/v1", "301 /v1/"),
        ("/v1/me", "3"),
        ("/v1/me/x", "0 *=me/x"),
        ("/v1/users/7", "1 id=7"),
        ("/v1/users/7/x/y", "2 id=7 *=x/y"),
        ("/v1/users/", "0 *=users/"),
        ("/V1/Hello", "301 /v1/Hello"),
        ("/v2/x/y", "404"),
        ("/v1/a/../../admin", "400 error: the path has segments that lead elsewhere"),
        ("/v1/%2e%2e/admin", "400 error: the path has segments that lead elsewhere"),
        ("/v1/a%5c..%5cb", "400 error: the path has segments that lead elsewhere"),
        ("/v1/a%3Fb", "400 error: encoded url params"),
        ("/v1/a%2523", "400 error: encoded url params"),
    ];
    for (path, wanted) in table {
        assert_eq!(told(routes.find("GET", path)), wanted, "{path}");
    }
}
