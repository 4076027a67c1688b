//! No spelling of a path reaches a protected endpoint without its protection: twenty endpoints with a token, beside others
//! without, and behind them all a route of Envoy's own that leads to the same upstream.

use serde_json::{Value, json};
use tests::cases::{Case, Outcome, Response};
use tests::envoy::Bundled;
use tests::machine::{Folder, soaks};
use tests::signers::{Signer, key_set};
use tests::worlds::{Natively, World, one_by_one};

use crate::raw::Raw;
use crate::setting::{Behind, ENVOYS, bundle, by_file, endpoint, start};
use crate::spelled::{Dice, spelling};

/// The protected endpoints, each with one of its paths.
const PROTECTED: [(&str, &str); 20] = [
    ("/t", "/t"),
    ("/p/{id}", "/p/7"),
    ("/p/{id}/x", "/p/7/x"),
    ("/p/static", "/p/static"),
    ("/admin", "/admin"),
    ("/admin/users/{id}", "/admin/users/7"),
    ("/a/b/c/d", "/a/b/c/d"),
    ("/reports/{year}/{month}", "/reports/2026/11"),
    ("/Case/Sensitive", "/Case/Sensitive"),
    ("/with-dash", "/with-dash"),
    ("/with_underscore", "/with_underscore"),
    ("/with.dot", "/with.dot"),
    ("/files/{name}", "/files/notes.txt"),
    ("/deep/{a}/{b}/{c}", "/deep/1/2/3"),
    ("/users/{id}/orders/{order}", "/users/7/orders/9"),
    ("/v1/secret", "/v1/secret"),
    ("/v2/secret", "/v2/secret"),
    ("/same/prefix/private", "/same/prefix/private"),
    ("/open/but/not/this", "/open/but/not/this"),
    ("/z", "/z"),
];

/// The endpoints that need no token.
const OPEN: [(&str, &str); 7] = [
    ("/open", "/open"),
    ("/open/{id}", "/open/7"),
    ("/admin-open", "/admin-open"),
    ("/same/prefix", "/same/prefix"),
    ("/same/prefix/public", "/same/prefix/public"),
    ("/v1/public", "/v1/public"),
    ("/q/{id}", "/q/7"),
];

fn document(upstream: &str) -> Value {
    let protected = PROTECTED.iter().enumerate().map(|(number, (path, _))| {
        let parameters: Vec<&str> = path.split('/').filter(|part| part.starts_with('{')).collect();
        let pattern = format!("/protected/{number}/{}", parameters.join("/"));
        let mut endpoint = endpoint(path, upstream, &pattern, Some(by_file("RS256", "keys.json", &json!({}))));
        endpoint["extra_config"]["modifier/lua-endpoint"] = json!({"pre": "print('A PROTECTED SCRIPT')"});
        endpoint
    });
    let open =
        OPEN.iter().enumerate().map(|(number, (path, _))| endpoint(path, upstream, &format!("/open/{number}"), None));
    json!({"version": 3, "endpoints": protected.chain(open).collect::<Vec<_>>()})
}

/// The bundle with a route of Envoy's own behind the module's routes, to the same upstream.
fn with_a_route_behind(mut bootstrap: Value, upstream: &str) -> Value {
    let manager = &mut bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let routes = manager["route_config"]["virtual_hosts"][0]["routes"].as_array_mut().unwrap();
    routes[0]["match"]["headers"] = json!([{"name": "x-lua-modifier-cluster", "present_match": true}]);
    routes.push(json!({"match": {"prefix": "/"}, "route": {"cluster": upstream}}));
    // No prefix matches a path without a slash in front.
    routes.push(json!({"match": {"safe_regex": {"regex": ".*"}}, "route": {"cluster": upstream}}));
    manager["http_protocol_options"] = json!({"accept_http_10": true});
    bootstrap
}

fn spellings(count: usize) -> Vec<Raw> {
    let mut dice = Dice::new(20_261_129);
    let others: Vec<&str> = OPEN.iter().map(|(_, path)| *path).collect();
    (0..count).map(|number| spelling(&mut dice, PROTECTED[number % PROTECTED.len()].1, &others)).collect()
}

/// Sends all spellings, several at a time.
fn send_all(port: u16, spellings: &[Raw]) -> Vec<Option<Response>> {
    one_by_one(spellings, 4, |_, raw| raw.send(port))
}

#[test]
fn no_spelling_of_a_path_gets_past_the_token() {
    let count = if soaks() { 24_000 } else { 3_000 };
    let behind = Behind::start();
    let folder = Folder::default();
    let signer = Signer::new("RS256", 0, "a");
    folder.write("keys.json", key_set(&[&signer]));
    let upstream = behind.authority();
    let bootstrap = with_a_route_behind(bundle(&folder, &document(&upstream)), &upstream);
    let bare = spellings(count);
    let token = format!("Bearer {}", signer.token(&json!({"sub": "user-1", "exp": 4_102_444_800_u64})));
    let mut with_token = bare.clone();
    with_token.iter_mut().for_each(|raw| raw.headers.push(("Authorization".to_owned(), token.clone())));
    let natively = natively(&folder, &with_token);
    for envoy in ENVOYS {
        // The oldest Envoy gets only a part.
        let (bare, with_token) = if envoy == "ENVOY" {
            (&bare[..], &with_token[..])
        } else {
            (&bare[..count / 4], &with_token[..count / 4])
        };
        let (running, port) = start(envoy, &folder, &bootstrap);
        behind.take();
        let answers = send_all(port, bare);
        let past: Vec<String> =
            behind.take().into_iter().map(|asked| asked.path).filter(|path| !path.starts_with("/open/")).collect();
        assert!(past.is_empty(), "{envoy}: without a token {} requests came through: {past:?}", past.len());
        said_nothing(&running, envoy);
        let statuses = counted(&answers);
        println!("{envoy}, {} spellings without a token: {statuses:?}", bare.len());

        let answers = send_all(port, with_token);
        println!("{envoy}, with one: {:?}", counted(&answers));
        let wrong: Vec<String> = with_token
            .iter()
            .zip(&answers)
            .zip(&natively)
            .filter_map(|((raw, seen), natively)| difference(raw, seen.as_ref()?, natively.as_ref()?))
            .collect();
        assert!(
            wrong.is_empty(),
            "{envoy}: {} answers are others than the engine's:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        let let_in = answers.iter().flatten().filter(|response| response.status == 200).count();
        assert!(let_in > bare.len() / 20, "{let_in}");
    }
}

// Checks the log; every line is written before the answer of its request.
fn said_nothing(running: &Bundled, envoy: &str) {
    let lines = running.said();
    assert!(
        !lines.iter().any(|line| line.contains("A PROTECTED SCRIPT")),
        "{envoy}: a script saw a request without a token"
    );
}

fn counted(answers: &[Option<Response>]) -> Vec<(u16, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    answers
        .iter()
        .for_each(|answer| *counts.entry(answer.as_ref().map_or(0, |answer| answer.status)).or_default() += 1);
    counts.into_iter().collect()
}

/// The engine's own answers to the spellings that it can get: not those that only the wire can express.
fn natively(folder: &Folder, spellings: &[Raw]) -> Vec<Option<Response>> {
    let plain = |raw: &Raw| {
        let target = std::str::from_utf8(&raw.target)
            .ok()
            .filter(|target| target.bytes().all(|byte| byte.is_ascii_graphic()))?;
        let is_plain =
            raw.version == "HTTP/1.1" && target.starts_with('/') && !target.contains('#') && raw.method == "GET";
        let is_plain = is_plain && raw.headers.len() == 1;
        is_plain.then(|| target.to_owned())
    };
    let asked: Vec<Option<String>> = spellings.iter().map(plain).collect();
    let requests: Vec<Value> = asked
        .iter()
        .zip(spellings)
        .filter_map(|(target, raw)| Some(json!({"method": "GET", "path": target.as_ref()?, "headers": {raw.headers[0].0.clone(): raw.headers[0].1}})))
        .collect();
    let case = Case::new(&json!({
        "name": "spellings", "config": document("UPSTREAM"), "files": {"keys.json": folder.read("keys.json")},
        "requests": requests, "upstream": [{"path": "*", "echo": true}], "observed": {},
    }));
    let outcome = Natively.play(&[case]).remove(0);
    let Outcome::Played(seen) = outcome else { panic!("{outcome:?}") };
    let mut responses = seen.responses.into_iter();
    let take = |target: &Option<String>| target.as_ref().map(|_| responses.next().unwrap().unwrap());
    asked.iter().map(take).collect()
}

fn difference(raw: &Raw, seen: &Response, natively: &Response) -> Option<String> {
    let told = |response: &Response| {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        (response.status, body["path"].clone(), body["query"].clone())
    };
    let (seen, natively) = (told(seen), told(natively));
    // Envoy refuses some paths before any filter sees them.
    let by_envoy = seen.0 == 400;
    (seen != natively && !by_envoy)
        .then(|| format!("{:?}: {seen:?}, and not {natively:?}", String::from_utf8_lossy(&raw.target)))
}
