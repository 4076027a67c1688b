//! Which requests are let in: a table of requests, most of them hostile, for every algorithm and every key of `auth/validator`.

use serde_json::{Value, json};
use tests::cases::ClientRequest;
use tests::machine::Folder;
use tests::signers::{ALGORITHMS, Signer, encode, key_set, signed_by_text};
use tests::wire::client::send;

use crate::setting::{Behind, ENVOYS, bundle, by_file, endpoint, start};

const LATER: u64 = 4_102_444_800;
const LONG_AGO: u64 = 946_684_800;

/// One request: its path, its headers, and the expected outcome.
struct Row {
    what: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    status: u16,
}

fn row(what: impl Into<String>, path: impl Into<String>, headers: Vec<(&'static str, String)>, status: u16) -> Row {
    Row { what: what.into(), path: path.into(), headers, status }
}

fn bearer(token: &str) -> (&'static str, String) {
    ("Authorization", format!("Bearer {token}"))
}

fn with(more: &Value) -> Value {
    let mut claims = json!({"sub": "user-1", "iss": "https://issuer.test", "exp": LATER});
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

/// The rows for the key of an algorithm; the tokens are signed by this key or by another one.
fn of_algorithm(algorithm: &'static str, own: &Signer, set: &str) -> Vec<Row> {
    let path = format!("/alg/{algorithm}");
    let (other, kid) = (Signer::new(algorithm, 1, algorithm), algorithm);
    let good = own.token(&with(&json!({})));
    let forged = other.token(&with(&json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    let changed = encode(with(&json!({"sub": "admin"})).to_string());
    let one = |what: &str, token: &str, status| row(format!("{algorithm}: {what}"), &path, vec![bearer(token)], status);
    let cookie = |token: &str| ("Cookie", format!("a=1; access_token={token}"));
    let none = |name: &str| format!("{}.{}.", encode(json!({"alg": name, "kid": kid}).to_string()), parts[1]);
    let as_secret = json!({"alg": "HS256", "kid": kid});
    let mut rows = vec![
        row(format!("{algorithm}: no token"), &path, vec![], 401),
        one("good", &good, 200),
        one("another key's", &forged, 401),
        one("none", &none("none"), 401),
        one("None", &none("None"), 401),
        one("none, with a signature", &format!("{}{}", none("none"), parts[2]), 401),
        one("changed", &format!("{}.{changed}.{}", parts[0], parts[2]), 401),
        one("without signature", &format!("{}.{}.", parts[0], parts[1]), 401),
        one("two parts", &format!("{}.{}", parts[0], parts[1]), 401),
        one("expired", &own.token(&with(&json!({"exp": LONG_AGO}))), 401),
        one("not yet valid", &own.token(&with(&json!({"nbf": LATER - 1}))), 401),
        one("made in the future", &own.token(&with(&json!({"iat": LATER - 1}))), 401),
        one(
            "its own key in the header",
            &other.sign(&json!({"alg": algorithm, "kid": kid, "jwk": other.jwk()}), &with(&json!({}))),
            401,
        ),
        one("no such key", &own.sign(&json!({"alg": algorithm, "kid": "nobody"}), &with(&json!({}))), 401),
        one("no kid", &own.sign(&json!({"alg": algorithm}), &with(&json!({}))), 401),
        one("crit", &own.sign(&json!({"alg": algorithm, "kid": kid, "crit": ["exp"]}), &with(&json!({}))), 401),
        one("HS256 by the public key set", &signed_by_text(&as_secret, &with(&json!({})), set.as_bytes()), 401),
        one("HS256 by nothing", &signed_by_text(&as_secret, &with(&json!({})), b""), 401),
        row(format!("{algorithm}: good, then forged"), &path, vec![bearer(&good), bearer(&forged)], 401),
        row(format!("{algorithm}: forged, then good"), &path, vec![bearer(&forged), bearer(&good)], 401),
        row(
            format!("{algorithm}: both in one line"),
            &path,
            vec![("Authorization", format!("Bearer {forged}, Bearer {good}"))],
            401,
        ),
        row(
            format!("{algorithm}: both in one line, good first"),
            &path,
            vec![("Authorization", format!("Bearer {good}, Bearer {forged}"))],
            401,
        ),
        row(
            format!("{algorithm}: good behind other words"),
            &path,
            vec![("Authorization", format!("Bearer x {good}"))],
            401,
        ),
        row(format!("{algorithm}: forged header, good cookie"), &path, vec![bearer(&forged), cookie(&good)], 401),
        row(format!("{algorithm}: good header, forged cookie"), &path, vec![bearer(&good), cookie(&forged)], 200),
        row(format!("{algorithm}: good cookie"), &path, vec![cookie(&good)], 200),
        row(format!("{algorithm}: forged cookie"), &path, vec![cookie(&forged)], 401),
        row(
            format!("{algorithm}: forged cookie, then good"),
            &path,
            vec![("Cookie", format!("access_token={forged}; access_token={good}"))],
            401,
        ),
        row(format!("{algorithm}: another cookie"), &path, vec![("Cookie", format!("jwt={good}"))], 401),
        row(format!("{algorithm}: another header"), &path, vec![("X-Token", good.clone())], 401),
        row(format!("{algorithm}: bare"), &path, vec![("Authorization", good.clone())], 200),
        row(format!("{algorithm}: bEaReR"), &path, vec![("Authorization", format!("bEaReR {good}"))], 200),
        row(format!("{algorithm}: two spaces"), &path, vec![("Authorization", format!("Bearer  {good}"))], 200),
        row(format!("{algorithm}: Basic"), &path, vec![("Authorization", format!("Basic {good}"))], 401),
        row(format!("{algorithm}: in the query"), format!("{path}?access_token={good}"), vec![], 401),
        row(format!("{algorithm}: a payload's header"), &path, vec![("x-jwt-payload", parts[1].to_owned())], 401),
    ];
    // A claim that makes the token about 20 KB.
    let long = own.token(&with(&json!({"long": "x".repeat(15_000)})));
    rows.push(one("of 20 KB", &long, 200));
    for another in ALGORITHMS.iter().filter(|another| **another != algorithm) {
        let header = json!({"alg": another, "kid": kid});
        rows.push(one(&format!("said to be {another}"), &own.sign(&header, &with(&json!({}))), 401));
    }
    rows
}

/// The rows for conditions on claims; all tokens are signed by the right key.
fn of_claims(own: &Signer, stranger: &Signer) -> Vec<Row> {
    let one = |path: &str, claims: &Value, status| {
        row(format!("{path} {claims}"), path, vec![bearer(&own.token(&with(claims)))], status)
    };
    let mut rows = vec![
        one("/issuer", &json!({}), 200),
        one("/issuer", &json!({"iss": "https://other.test"}), 401),
        one("/issuer", &json!({"iss": "https://issuer.test/"}), 401),
        one("/issuer", &json!({"iss": ["https://issuer.test"]}), 401),
        one("/audience", &json!({"aud": ["a", "b"]}), 200),
        one("/audience", &json!({"aud": ["b", "c", "a"]}), 200),
        one("/audience", &json!({"aud": ["a"]}), 401),
        one("/audience", &json!({"aud": "a"}), 401),
        one("/audience", &json!({"aud": ["c"]}), 401),
        one("/audience", &json!({}), 401),
        one("/roles", &json!({"roles": ["user", "admin"]}), 200),
        one("/roles", &json!({"roles": ["user"]}), 403),
        one("/roles", &json!({}), 403),
        one("/nested", &json!({"realm_access": {"roles": ["admin"]}}), 200),
        one("/nested", &json!({"realm_access": {"roles": ["user"]}}), 403),
        one("/nested", &json!({"roles": ["admin"], "realm_access.roles": ["admin"]}), 403),
        one("/scopes", &json!({"scope": "write read"}), 200),
        one("/scopes", &json!({"scope": "read"}), 403),
        one("/leeway", &json!({"exp": LONG_AGO}), 200),
        one("/header", &json!({}), 401),
        one("/cookie", &json!({}), 200),
    ];
    let good = own.token(&with(&json!({})));
    rows.push(row("its own header", "/header", vec![("X-Token", good.clone())], 200));
    rows.push(row("its own header, twice", "/header", vec![("X-Token", good.clone()), ("X-Token", "x".into())], 401));
    rows.push(row("its own cookie", "/cookie", vec![("Cookie", format!("jwt={good}"))], 200));
    rows.push(row("the default cookie", "/cookie", vec![("Cookie", format!("access_token={good}"))], 401));
    // The token of issuer A at B's endpoint, and B's token at A's.
    rows.push(row("a stranger's token", "/issuer", vec![bearer(&stranger.token(&with(&json!({}))))], 401));
    rows.push(row("its own token", "/stranger", vec![bearer(&stranger.token(&with(&json!({}))))], 200));
    rows.push(row("another's token", "/stranger", vec![bearer(&good)], 401));
    rows
}

fn document(upstream: &str) -> Value {
    let more = |path: &str, more: &Value| endpoint(path, upstream, "/claims", Some(by_file("RS256", "a.json", more)));
    let mut endpoints: Vec<Value> = ALGORITHMS
        .iter()
        .map(|alg| {
            endpoint(&format!("/alg/{alg}"), upstream, "/alg", Some(by_file(alg, &format!("{alg}.json"), &json!({}))))
        })
        .collect();
    endpoints.extend([
        more("/issuer", &json!({"issuer": "https://issuer.test"})),
        more("/audience", &json!({"audience": ["a", "b"]})),
        more("/roles", &json!({"roles": ["admin"]})),
        more("/nested", &json!({"roles": ["admin"], "roles_key": "realm_access.roles", "roles_key_is_nested": true})),
        more("/scopes", &json!({"scopes": ["read", "write"], "scopes_key": "scope", "scopes_matcher": "all"})),
        more("/leeway", &json!({"leeway": "500000h"})),
        more("/header", &json!({"auth_header_name": "X-Token"})),
        more("/cookie", &json!({"cookie_key": "jwt"})),
        more("/propagated", &json!({"propagate_claims": [["sub", "X-User"], ["absent", "X-Absent"]]})),
        endpoint("/stranger", upstream, "/claims", Some(by_file("ES256", "b.json", &json!({})))),
        endpoint("/open", upstream, "/open", None),
    ]);
    json!({"version": 3, "endpoints": endpoints})
}

#[test]
fn only_who_presents_the_right_token_is_let_in() {
    let behind = Behind::start();
    let folder = Folder::default();
    let signers: Vec<Signer> = ALGORITHMS.iter().map(|alg| Signer::new(alg, 0, alg)).collect();
    for signer in &signers {
        folder.write(&format!("{}.json", signer.algorithm()), key_set(&[signer]));
    }
    let (own, stranger) = (Signer::new("RS256", 0, "a"), Signer::new("ES256", 0, "b"));
    folder.write("a.json", key_set(&[&own]));
    folder.write("b.json", key_set(&[&stranger]));
    let bootstrap = bundle(&folder, &document(&behind.authority()));
    let by_algorithm = signers.iter().flat_map(|own| of_algorithm(own.algorithm(), own, &key_set(&[own])));
    let rows: Vec<Row> = by_algorithm.chain(of_claims(&own, &stranger)).collect();
    for envoy in ENVOYS {
        let (_running, port) = start(envoy, &folder, &bootstrap);
        behind.take();
        let mut wrong = Vec::new();
        for row in &rows {
            let mut request = ClientRequest::new("GET", row.path.as_str());
            for (name, value) in &row.headers {
                request = request.header(name, value);
            }
            let status = send(port, &request).map(|response| response.status);
            let reached = behind.take().len();
            if status != Ok(row.status) || reached != usize::from(row.status == 200) {
                wrong.push(format!("{}: {status:?}, and not {}; {reached} requests upstream", row.what, row.status));
            }
        }
        assert!(wrong.is_empty(), "{envoy}, {} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));

        // A client's own header never replaces the value from the token.
        let good = own.token(&with(&json!({})));
        let request = ClientRequest::new("GET", "/propagated").header("Authorization", &format!("Bearer {good}"));
        let request = request.header("X-User", "admin").header("X-Absent", "spoofed");
        assert_eq!(send(port, &request).unwrap().status, 200);
        let asked = behind.take().remove(0);
        let values = |name: &str| {
            let named = asked.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        assert_eq!((values("x-user"), values("x-absent")), (vec!["user-1"], vec![""]));
    }
}
