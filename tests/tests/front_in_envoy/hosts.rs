//! Hosts as attackers spell them: the gateway answers no host that KrakenD refuses. What KrakenD does is repeated here, by the
//! rules of unrolled/secure.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::setting::{Gateway, document, gateways, upstream, value};

const TURNS: usize = 700;

const PIECES: &[&[u8]] = &[
    b".",
    b":",
    b":80",
    b":443",
    b":8080",
    b":0",
    b"@",
    b"user@",
    b"a.test@",
    b"evil.test",
    b".evil.test",
    b"evil-",
    b"x.",
    b",",
    b",a.test",
    b"evil.test,",
    b" ",
    b"\t",
    b"/",
    b"//",
    b"?",
    b"#",
    b"%2e",
    b"%00",
    b"\\",
    b"\xe2\x84\xaa",
    b"\xc5\xbf",
    b"\x80",
    b"[",
    b"]",
    b"[::1]",
    b"*",
    b"http://",
    b"a.test",
    b"ok.test",
    b"-",
];

/// The rule of unrolled/secure, without the hosts that Go's own server refuses.
fn krakend_answers(host: &[u8], patterns: bool) -> bool {
    let host = String::from_utf8_lossy(host).trim_matches([' ', '\t']).to_owned();
    match patterns {
        false => ["a.test", "b.test:8080"].iter().any(|known| known.eq_ignore_ascii_case(&host)),
        // ^[a-z0-9-]+\.ok\.test$
        true => host.strip_suffix(".ok.test").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        }),
    }
}

fn is_answered(gateway: &Gateway, target: &str, headers: &[(&str, &[u8])]) -> bool {
    let Some(response) = gateway.ask("GET", target, headers) else { return false };
    match response.status {
        200 | 404 => true,
        500 => {
            assert_eq!(
                (response.body.as_slice(), value(&response, "x-content-type-options").as_deref()),
                (b"Bad Host\n".as_slice(), Some("nosniff"))
            );
            false
        }
        400 => false,
        other => panic!("{}: {other} to {target} {headers:?}", gateway.name),
    }
}

fn plays(block: Value, patterns: bool, by_header: bool) {
    let upstream = upstream();
    let gateways = gateways(&document(&upstream, json!({"security/http": block})), &[]);
    let known: [&[u8]; 4] = if patterns {
        [b"x.ok.test", b"a-1.ok.test", b"ok.test", b"x.ok.test"]
    } else {
        [b"a.test", b"b.test:8080", b"A.test", b"b.test"]
    };
    let mut dice = Dice::new(if patterns { 3 } else { 4 });
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..TURNS {
        let spelled = |dice: &mut Dice| {
            let mut host = dice.one_of(&known).to_vec();
            for _ in 0..dice.below(3) {
                host = dice.turned(&host, PIECES);
            }
            host
        };
        let (host, other) = (spelled(&mut dice), spelled(&mut dice));
        let way = dice.below(8);
        let shown = (host.escape_ascii().to_string(), other.escape_ascii().to_string());
        // The host that counts in Go: the absolute form's host, a header's first value, or the Host.
        let absolute = way == 0 && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".:-".contains(byte));
        let target = if absolute { format!("http://{}/t", String::from_utf8_lossy(&host)) } else { "/t".to_owned() };
        let name = if by_header { "X-Forwarded-Host" } else { "Host" };
        let mut headers: Vec<(&str, &[u8])> = Vec::new();
        if by_header {
            headers.push(("Host", b"elsewhere.test"));
        }
        if absolute && !by_header {
            headers.push(("Host", &other));
        } else {
            headers.push((name, &host));
            if way == 1 {
                headers.push((name, &other));
            }
        }
        let is_allowed = krakend_answers(&host, patterns);
        for gateway in &gateways {
            let answered = is_answered(gateway, &target, &headers);
            assert!(!answered || is_allowed, "{}: {shown:?} is answered, way {way}", gateway.name);
            if answered { passed += 1 } else { refused += 1 }
        }
    }
    println!("{passed} were answered, {refused} were not");
    assert!(passed > TURNS / 4 && refused > TURNS / 4, "{passed} {refused}");
}

#[test]
fn no_host_that_krakend_refuses_is_answered() {
    plays(json!({"allowed_hosts": ["a.test", "b.test:8080"]}), false, false);
}

#[test]
fn no_host_that_krakends_expressions_refuse_is_answered() {
    plays(json!({"allowed_hosts": ["[a-z0-9-]+\\.ok\\.test"], "allowed_hosts_are_regex": true}), true, false);
}

#[test]
fn no_host_that_krakend_refuses_in_a_header_is_answered() {
    let block = json!({"allowed_hosts": ["a.test", "b.test:8080"], "host_proxy_headers": ["X-Forwarded-Host"]});
    plays(block, false, true);
    let block = json!({
        "allowed_hosts": ["[a-z0-9-]+\\.ok\\.test"], "allowed_hosts_are_regex": true, "host_proxy_headers": ["X-Forwarded-Host"],
    });
    plays(block, true, true);
}

#[test]
fn a_client_that_comes_without_tls_is_sent_to_https_unless_a_header_says_otherwise() {
    let upstream = upstream();
    let block = json!({
        "ssl_redirect": true, "ssl_proxy_headers": {"X-Forwarded-Proto": "https"}, "sts_seconds": 60,
    });
    for gateway in gateways(&document(&upstream, json!({"security/http": block})), &[]) {
        let sent = gateway.fetch("GET", "/t?a=1&b=%20c", &[]);
        assert_eq!(
            (sent.status, value(&sent, "location").as_deref()),
            (301, Some("https://gateway.test/t?a=1&b=%20c"))
        );
        assert_eq!(sent.body, b"<a href=\"https://gateway.test/t?a=1&amp;b=%20c\">Moved Permanently</a>.\n\n");
        assert_eq!(value(&sent, "strict-transport-security"), None);
        let passed = gateway.fetch("GET", "/t", &[("X-Forwarded-Proto", "https")]);
        assert_eq!(
            (passed.status, value(&passed, "strict-transport-security").as_deref()),
            (200, Some("max-age=60")),
            "{}",
            gateway.name
        );
        for proto in ["HTTPS", "http", "https,http", " ", "https "] {
            let status = gateway.fetch("GET", "/t", &[("X-Forwarded-Proto", proto)]).status;
            assert_eq!(status, if proto.trim() == "https" { 200 } else { 301 }, "{} {proto:?}", gateway.name);
        }
        let forged = [("X-Lua-Modifier-Forwarded-Proto", "https")];
        assert_eq!(gateway.fetch("GET", "/t", &forged).status, 301, "{}", gateway.name);
    }
}
