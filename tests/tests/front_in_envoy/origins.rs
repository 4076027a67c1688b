//! Origins as attackers spell them: no origin that KrakenD refuses may read an answer. What KrakenD does is repeated here, by
//! the rules of rs/cors.

use serde_json::json;

use crate::dice::Dice;
use crate::setting::{document, gateways, upstream};

const NAMES: [&str; 3] = ["https://a.test", "http://b.test:8080", "https://k.test"];
const PATTERNS: [(&str, &str); 3] = [("https://", ".c.test"), ("http://x", ".test"), ("", "://any.test")];
const TURNS: usize = 900;

const PIECES: &[&[u8]] = &[
    b".",
    b"/",
    b":",
    b":443",
    b":80",
    b":8080",
    b"@",
    b"user@",
    b"https://",
    b"http://",
    b"HTTPS://",
    b"evil.test",
    b".evil.test",
    b"evil-",
    b"x.",
    b",",
    b", ",
    b",https://a.test",
    b"https://evil.test,",
    b" ",
    b"\t",
    b"null",
    b"*",
    b"%2e",
    b"%00",
    b"?",
    b"#",
    b"\\",
    b"\xe2\x84\xaa",
    b"\xc5\xbf",
    b"\x80",
    b"\xff",
    b"[",
    b"]",
    b"c.test",
    b".c.test",
    b"a.test",
    b"any.test",
    b"://any.test",
];

/// The rule of rs/cors: the first header counts, and case does not.
fn krakend_allows(origins: &[Vec<u8>]) -> bool {
    let Some(first) = origins.first() else { return false };
    // HTTP removes white space at both ends.
    let origin = String::from_utf8_lossy(first).trim_matches([' ', '\t']).to_lowercase();
    let fits = |(start, end): &(&str, &str)| {
        origin.len() >= start.len() + end.len() && origin.starts_with(start) && origin.ends_with(end)
    };
    NAMES.contains(&origin.as_str()) || PATTERNS.iter().any(fits)
}

fn spelling(dice: &mut Dice) -> Vec<Vec<u8>> {
    let known = [
        "https://a.test",
        "http://b.test:8080",
        "https://k.test",
        "https://x.c.test",
        "http://x1.test",
        "ftp://any.test",
    ];
    let one = |dice: &mut Dice| {
        let mut origin = dice.one_of(&known).as_bytes().to_vec();
        for _ in 0..dice.below(4) {
            origin = dice.turned(&origin, PIECES);
        }
        origin
    };
    let times = if dice.below(6) == 0 { 2 } else { 1 };
    (0..times).map(|_| one(dice)).collect()
}

#[test]
fn no_origin_that_krakend_refuses_may_read_or_send() {
    let upstream = upstream();
    let mut allowed: Vec<String> = NAMES.map(str::to_owned).to_vec();
    allowed.extend(PATTERNS.iter().map(|(start, end)| format!("{start}*{end}")));
    let cors = json!({"allow_origins": allowed, "allow_credentials": true});
    let gateways = gateways(&document(&upstream, json!({"security/cors": cors})), &[]);
    let mut dice = Dice::new(16);
    let (mut granted, mut refused) = (0, 0);
    for _ in 0..TURNS {
        let origins = spelling(&mut dice);
        let is_allowed = krakend_allows(&origins);
        let preflight = dice.below(2) == 0;
        for gateway in &gateways {
            let mut headers: Vec<(&str, &[u8])> = vec![("Host", b"gateway.test")];
            headers.extend(origins.iter().map(|origin| ("Origin", origin.as_slice())));
            headers.extend(preflight.then_some(("Access-Control-Request-Method", b"GET".as_slice())));
            let Some(response) = gateway.ask(if preflight { "OPTIONS" } else { "GET" }, "/t", &headers) else {
                continue;
            };
            let granting = response.headers.keys().any(|name| name.starts_with("access-control-"));
            let shown: Vec<String> = origins.iter().map(|origin| origin.escape_ascii().to_string()).collect();
            assert!(!granting || is_allowed, "{}: {shown:?} is allowed: {:?}", gateway.name, response.headers);
            assert!(matches!(response.status, 200 | 204 | 400), "{}: {shown:?}: {}", gateway.name, response.status);
            if granting { granted += 1 } else { refused += 1 }
        }
    }
    println!("{granted} were allowed, {refused} were not");
    assert!(granted > TURNS / 3 && refused > TURNS / 3, "{granted} {refused}");
}
