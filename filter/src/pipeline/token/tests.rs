//! Requests at the door of an endpoint, with tokens without a real signature: the payloads that Envoy verified are given by
//! hand.

use std::rc::Rc;
use std::time::Duration;

use super::payload::kept_by_envoy;
use crate::http::{Body, Headers, Request};
use crate::pipeline::{Exchange, Input, Output, Program};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STANDARD: &str = r#"{"alg":"RS256","kid":"k"}"#;
const GOOD: &str = r#"{"sub":"user-1","exp":4102444800}"#;

fn encoded(text: &str) -> String {
    let letters = text.as_bytes().chunks(3).flat_map(|chunk| {
        let bits = chunk.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        (0..=chunk.len()).map(move |at| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]))
    });
    letters.collect()
}

fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.AA", encoded(header), encoded(payload))
}

/// The payloads that Envoy has verified, by place: of the header's token and of the cookie's.
#[derive(Default)]
struct Verified<'a> {
    header: Option<&'a str>,
    cookie: Option<&'a str>,
}

const IN_HEADER: Verified<'_> = Verified { header: Some(GOOD), cookie: None };

fn program(service: &str, validator: &str, endpoint: &str) -> Rc<Program> {
    let document = format!(
        r#"{{"version": 3, "extra_config": {{{service}}}, "endpoints": [{{"endpoint": "/t", "input_headers": ["*"],
            "extra_config": {{"auth/validator": {{"alg": "RS256", "jwk_local_path": "k", "disable_jwk_security": true{validator}}}{endpoint}}},
            "backend": [{{"host": ["http://api"], "url_pattern": "/u/{{JWT.sub}}"}}]}}]}}"#
    );
    Rc::new(Program::load(document.as_bytes()).unwrap())
}

/// The result: a status, or the request that leaves.
fn sent(program: &Rc<Program>, headers: &[(&str, &str)], verified: &Verified<'_>) -> Result<Request, u16> {
    let mut exchange = Exchange::new(program);
    let mut input = Input::Request(Request {
        method: "GET".into(),
        authority: "gateway".into(),
        path: "/t".into(),
        headers: headers.iter().copied().collect(),
        body: Body::Absent,
        peer: "127.0.0.1".into(),
    });
    loop {
        input = match exchange.handle(Duration::ZERO, input) {
            Output::ReadVerified(name) => {
                let payload = if name.starts_with("header_") { verified.header } else { verified.cookie };
                Input::Verified(payload.map(kept_by_envoy))
            }
            Output::Send(routed) => return Ok(routed.request),
            Output::Answer(answer) => {
                assert_eq!((answer.headers, answer.body.bytes()), (Headers::new(), &b""[..]), "KrakenD says nothing");
                return Err(answer.status);
            }
            other => panic!("{other:?}"),
        };
    }
}

fn status(result: Result<Request, u16>) -> u16 {
    result.map_or_else(|status| status, |_| 200)
}

#[test]
fn the_token_that_counts_is_the_headers_and_else_the_cookies() {
    let good = token(STANDARD, GOOD);
    let forged = token(r#"{"alg":"RS256","kid":"x"}"#, r#"{"sub":"admin"}"#);
    let same = token(r#"{"alg":"RS256","kid":"other"}"#, GOOD);
    let both = Verified { header: Some(GOOD), cookie: Some(GOOD) };
    let program = program("", "", "");
    let bearer = |token: &str| format!("Bearer {token}");
    let cookie = |token: &str| format!("a=b; access_token={token}; c=d");
    let table: [(u16, Vec<(&str, String)>); 33] = [
        (200, vec![("authorization", bearer(&good))]),
        (200, vec![("authorization", format!("bEaReR {good}"))]),
        (200, vec![("authorization", format!("Bearer   {good}"))]),
        (200, vec![("authorization", good.clone())]),
        (200, vec![("cookie", cookie(&good))]),
        (200, vec![("cookie", format!("access_token=\"{good}\""))]),
        (200, vec![("authorization", String::new()), ("cookie", cookie(&good))]),
        (200, vec![("authorization", bearer(&good)), ("cookie", cookie(&forged))]),
        (200, vec![("cookie", cookie(&good)), ("cookie", cookie(&forged))]),
        (401, vec![]),
        (401, vec![("authorization", String::new())]),
        (401, vec![("authorization", "Bearer".into())]),
        (401, vec![("authorization", bearer(&forged))]),
        (401, vec![("authorization", format!("Bearer\t{good}"))]),
        (401, vec![("authorization", format!("Bearer{good}"))]),
        (401, vec![("authorization", format!("Basic {good}"))]),
        (401, vec![("authorization", format!("\"Bearer {good}\""))]),
        (401, vec![("authorization", format!("{}, Bearer {good}", bearer(&good)))]),
        (401, vec![("authorization", format!("Bearer {good} {good}"))]),
        (401, vec![("authorization", format!("Bearer Bearer {good}"))]),
        (401, vec![("authorization", bearer(&good)), ("authorization", bearer(&good))]),
        (401, vec![("authorization", bearer(&good)), ("authorization", bearer(&forged))]),
        (401, vec![("authorization", bearer(&forged)), ("authorization", bearer(&good))]),
        (401, vec![("authorization", String::new()), ("authorization", bearer(&good))]),
        (401, vec![("authorization", bearer(&forged)), ("cookie", cookie(&good))]),
        (401, vec![("authorization", "Basic dTpw".into()), ("cookie", cookie(&good))]),
        (401, vec![("cookie", cookie(&forged)), ("cookie", cookie(&good))]),
        (401, vec![("cookie", format!("access_token={forged}; access_token={good}"))]),
        (401, vec![("cookie", format!("\taccess_token={same}; access_token={good}"))]),
        (401, vec![("cookie", format!("access_token ={same}; access_token={good}"))]),
        (401, vec![("cookie", format!("access_token; access_token={good}"))]),
        (401, vec![("cookie", format!("access_token=\\{good}; access_token={good}"))]),
        (401, vec![("cookie", format!("Access_Token={good}"))]),
    ];
    for (wanted, headers) in table {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(status(sent(&program, &headers, &both)), wanted, "{headers:?}");
        assert_eq!(status(sent(&program, &headers, &Verified::default())), 401, "unverified: {headers:?}");
    }
}

#[test]
fn headers_and_claims_are_checked_as_go_jose_checks_them() {
    let validator = r#", "issuer": "i", "audience": ["a", "b"], "leeway": "2s""#;
    let program = program(r#""envoy/lua-modifier": {"key_ids": {"k": ["k", "x"]}}"#, validator, "");
    let claims = |more: &str| format!(r#"{{"iss":"i","aud":["b","a"]{more}}}"#);
    let table = [
        (200, STANDARD, claims("")),
        (
            200,
            r#"{"alg":"RS256","kid":"x","typ":"at+jwt","b64":true,"crit":["b64"],"jwk":{}}"#,
            claims(r#","exp":null,"nbf":0.5,"jti":null"#),
        ),
        (200, STANDARD, claims(r#","exp":4102444800.5,"iat":946684800,"nbf":-1"#)),
        (401, r#"{"alg":"RS512","kid":"k"}"#, claims("")),
        (401, r#"{"alg":"none","kid":"k"}"#, claims("")),
        (401, r#"{"alg":["RS256"],"kid":"k"}"#, claims("")),
        (401, r#"{"kid":"k"}"#, claims("")),
        (401, r#"{"alg":"RS256","alg":"RS256","kid":"k"}"#, claims("")),
        (401, r#"{"alg":"RS256"}"#, claims("")),
        (401, r#"{"alg":"RS256","kid":"y"}"#, claims("")),
        (401, r#"{"alg":"RS256","kid":1}"#, claims("")),
        (401, r#"{"alg":"RS256","kid":"k","b64":false}"#, claims("")),
        (401, r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, claims("")),
        (401, r#"{"alg":"RS256","kid":"k","crit":"b64"}"#, claims("")),
        (401, STANDARD, r#"{"iss":"i"}"#.to_owned()),
        (401, STANDARD, r#"{"iss":"i","aud":"a"}"#.to_owned()),
        (401, STANDARD, r#"{"iss":"i","aud":"a b"}"#.to_owned()),
        (401, STANDARD, r#"{"iss":"i","aud":null}"#.to_owned()),
        (401, STANDARD, r#"{"iss":"i","aud":["a","b",1]}"#.to_owned()),
        (401, STANDARD, r#"{"iss":"i/","aud":["a","b"]}"#.to_owned()),
        (401, STANDARD, r#"{"iss":["i"],"aud":["a","b"]}"#.to_owned()),
        (401, STANDARD, r#"{"aud":["a","b"]}"#.to_owned()),
        (401, STANDARD, claims(r#","exp":0"#)),
        (401, STANDARD, claims(r#","exp":"4102444800""#)),
        (401, STANDARD, claims(r#","exp":true"#)),
        (401, STANDARD, claims(r#","exp":1e30"#)),
        (401, STANDARD, claims(r#","exp":9223372000000000000"#)),
        (401, STANDARD, claims(r#","nbf":4102444800"#)),
        (401, STANDARD, claims(r#","nbf":"x""#)),
        (401, STANDARD, claims(r#","iat":4102444800"#)),
        (401, STANDARD, claims(r#","sub":5"#)),
        (401, STANDARD, claims(r#","jti":[]"#)),
        (401, STANDARD, claims(r#","iss":"i""#)),
    ];
    for (wanted, header, payload) in table {
        let text = format!("Bearer {}", token(header, &payload));
        let verified = Verified { header: Some(&payload), cookie: None };
        assert_eq!(status(sent(&program, &[("authorization", &text)], &verified)), wanted, "{header} {payload}");
    }
}

#[test]
fn an_hour_more_or_less_counts() {
    let program = program("", r#", "leeway": "1h""#, "");
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs();
    for (payload, wanted) in [
        (format!(r#"{{"exp":{}}}"#, now - 3000), 200),
        (format!(r#"{{"exp":{}}}"#, now - 4000), 401),
        (format!(r#"{{"nbf":{}}}"#, now + 3000), 200),
        (format!(r#"{{"nbf":{}}}"#, now + 4000), 401),
        (format!(r#"{{"iat":{}}}"#, now + 4000), 401),
    ] {
        let text = format!("Bearer {}", token(STANDARD, &payload));
        let verified = Verified { header: Some(&payload), cookie: None };
        assert_eq!(status(sent(&program, &[("authorization", &text)], &verified)), wanted, "{payload}");
    }
}

#[test]
fn roles_come_before_scopes_and_both_before_scripts() {
    let validator = r#", "roles": ["admin", "root"], "roles_key": "a.r", "roles_key_is_nested": true, "scopes": ["read", "write"], "scopes_key": "s""#;
    let endpoint = r#", "modifier/lua-endpoint": {"pre": "custom_error('ran')"}"#;
    let program = program("", validator, endpoint);
    for (payload, wanted) in [
        (r#"{}"#, 403),
        (r#"{"a":{"r":["admin"]}}"#, 403),
        (r#"{"a":{"r":"user"},"s":"read"}"#, 403),
        (r#"{"a.r":["admin"],"s":"read"}"#, 403),
        (r#"{"a":{"r":[1,"admin"]},"s":"read"}"#, 500),
        (r#"{"a":{"r":["root",1]},"s":"read"}"#, 500),
        (r#"{"a":{"r":["admin",1]},"s":[]}"#, 403),
        (r#"{"a":{"r":["admin",1]},"s":["read",1]}"#, 500),
        (r#"{"a":{"r":"user root"},"s":["write"]}"#, 500),
    ] {
        let text = format!("Bearer {}", token(STANDARD, payload));
        let verified = Verified { header: Some(payload), cookie: None };
        let found = sent(&program, &[("authorization", &text)], &verified);
        assert_eq!(status(found), wanted, "{payload}");
    }
}

#[test]
fn claims_become_headers_and_parameters_and_a_clients_own_are_lost() {
    let validator =
        r#", "propagate_claims": [["n", "X-N"], ["l", "X-L"], ["o.p", "X-P"], ["none", "X-None"], ["z", "X-Z"]]"#;
    let plain = program("", validator, "");
    let listed = program("", &format!("{validator}, \"propagate_claims_preserve_array\": true"), "");
    let payload = r#"{"sub":"a b","n":12345678901234567890,"l":["x",1,1e7,null,{"k":1.0}],"o":{"p":1.25},"z":{"a":[1.0,true,"<"]}}"#;
    let text = format!("Bearer {}", token(STANDARD, payload));
    let own = ["x-n", "x-l", "x-p", "x-none", "x-z"].map(|name| (name, "own"));
    let headers: Vec<(&str, &str)> = own.into_iter().chain([("authorization", text.as_str())]).collect();
    let verified = Verified { header: Some(payload), cookie: None };
    let all = |program: &Rc<Program>, name: &str| -> Vec<String> {
        let request = sent(program, &headers, &verified).unwrap();
        assert_eq!(request.path, "/u/a%20b");
        request.headers.get_all(name).map(|value| String::from_utf8(value.to_vec()).unwrap()).collect()
    };
    assert_eq!(all(&plain, "x-n"), ["-9223372036854775808"]);
    assert_eq!(all(&plain, "x-l"), ["x,1,1e+07,<nil>,map[k:1]"]);
    assert_eq!(all(&listed, "x-l"), ["x", "1", "1e+07", "<nil>", "map[k:1]"]);
    assert_eq!((all(&plain, "x-p"), all(&plain, "x-none")), (vec!["1.250000".to_owned()], vec![String::new()]));
    assert_eq!(all(&plain, "x-z"), ["{\"a\":[1,true,\"\\u003c\"]}"]);
}

#[test]
fn what_a_script_of_the_service_changes_is_void() {
    let service = |code: &str| program(&format!("\"modifier/lua-endpoint\": {{\"pre\": \"{code}\"}}"), "", "");
    let good = format!("Bearer {}", token(STANDARD, GOOD));
    let cookie = format!("access_token={}", token(STANDARD, GOOD));
    let both = Verified { header: Some(GOOD), cookie: Some(GOOD) };
    let moved = service("local c = ctx.load(); c:headers('Authorization', c:headers('X-Token'))");
    assert_eq!(status(sent(&moved, &[("x-token", &good), ("authorization", "Bearer x")], &both)), 401);
    assert_eq!(status(sent(&moved, &[("x-token", &good)], &both)), 401);
    let removed = service("ctx.load():headers('Authorization', nil)");
    assert_eq!(status(sent(&removed, &[("authorization", &good)], &both)), 401);
    assert_eq!(
        status(sent(&removed, &[("authorization", "Bearer x"), ("cookie", &cookie)], &both)),
        200,
        "the cookie is as it was"
    );
    let other = service("ctx.load():headers('X-Other', 'y')");
    assert_eq!(status(sent(&other, &[("authorization", &good)], &both)), 200);
}

#[test]
fn scripts_see_the_claims_of_a_verified_token_only() {
    let endpoint = r#", "modifier/lua-endpoint": {"pre": "local c = ctx.load(); local t = c:claims(); c:headers('X-E', t:get('sub')); t:set('sub', 'x')"},
        "modifier/lua-proxy": {"pre": "local r = request.load(); r:headers('X-P', r:claims():get('sub'))"}"#;
    let service = r#""modifier/lua-endpoint": {"pre": "local c = ctx.load(); c:headers('X-S', tostring(c:claims()))"}"#;
    let program = program(service, "", endpoint);
    let good = format!("Bearer {}", token(STANDARD, GOOD));
    let request = sent(&program, &[("authorization", &good)], &IN_HEADER).unwrap();
    let found = ["x-s", "x-e", "x-p"].map(|name| request.headers.get_str(name).unwrap_or_default());
    assert_eq!(found, ["nil", "user-1", "user-1"]);
}
