//! Tokens for `run` and `test`: given claims count as verified, and a whole token is verified by the key set of the document.
//! This holds with blocks that only Envoy enforces, and without them.

use serde_json::{Value, json};
use tests::command::call;
use tests::machine::Folder;
use tests::signers::{Signer, key_set};

struct Gateway {
    folder: Folder,
    signer: Signer,
    forger: Signer,
}

fn gateway() -> Gateway {
    let (folder, signer, forger) = (Folder::default(), Signer::new("RS256", 0, "a"), Signer::new("RS256", 1, "a"));
    let validator = json!({
        "alg": "RS256", "jwk_local_path": "keys.json", "disable_jwk_security": true, "roles_key": "role", "roles": ["clerk"],
    });
    let document = json!({
        "version": 3,
        "extra_config": {
            "security/cors": {"allow_origins": ["https://a.test"]},
            "security/http": {"allowed_hosts": ["shop.test"], "frame_deny": true},
            "security/bot-detector": {"deny": ["evil"]},
        },
        "endpoints": [
            {
                "endpoint": "/orders", "backend": [{"host": ["http://orders"], "url_pattern": "/o"}],
                "extra_config": {
                    "auth/validator": validator,
                    "modifier/lua-proxy": {"pre": "print('for ' .. request.load():claims():get('sub'))"},
                },
            },
            {"endpoint": "/open", "backend": [{"host": ["http://orders"], "url_pattern": "/o"}]},
        ],
    });
    folder.write("krakend.json", document.to_string());
    folder.write("keys.json", key_set(&[&signer]));
    Gateway { folder, signer, forger }
}

const ADA: &str = r#"{"sub": "ada", "role": "clerk", "exp": 4102444800}"#;
const BOB: &str = r#"{"sub": "bob", "role": "guest", "exp": 4102444800}"#;
const OLD: &str = r#"{"sub": "old", "role": "clerk", "exp": 946684800}"#;

fn claims(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

impl Gateway {
    /// The status of the answer, and the whole output.
    fn run(&self, path: &str, arguments: &[&str]) -> (u64, String) {
        let all = [&["run", "krakend.json", "GET", path, "--format", "json"], arguments].concat();
        let said = call(&self.folder, &all);
        let story: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{arguments:?}: {}", said.err));
        (story["response"]["status"].as_u64().unwrap(), said.out)
    }
}

#[test]
fn run_lets_in_whose_claims_or_token_are_good() {
    let gateway = gateway();
    let good = gateway.signer.token(&claims(ADA));
    for arguments in [["--claims", ADA], ["--token", good.as_str()]] {
        let (status, told) = gateway.run("/orders", &arguments);
        assert!(status == 200 && told.contains("for ada"), "{arguments:?}: {told}");
    }
    let (forged, old, poor) =
        (gateway.forger.token(&claims(ADA)), gateway.signer.token(&claims(OLD)), gateway.signer.token(&claims(BOB)));
    let table: [(&[&str], u64); 7] = [
        (&[], 401),
        (&["--claims", OLD], 401),
        (&["--claims", BOB], 403),
        (&["--token", &forged], 401),
        (&["--token", &old], 401),
        (&["--token", &poor], 403),
        (&["--token", "no token"], 401),
    ];
    for (arguments, wanted) in table {
        let (status, told) = gateway.run("/orders", arguments);
        assert!(status == wanted && !told.contains("for "), "{arguments:?}: {told}");
    }
}

#[test]
fn a_token_for_an_endpoint_that_asks_for_none_is_a_mistake() {
    let gateway = gateway();
    let said = call(&gateway.folder, &["run", "krakend.json", "GET", "/open", "--claims", ADA]);
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert!(said.err.contains("it meets no endpoint with auth/validator"), "{}", said.err);
    assert_eq!(gateway.run("/open", &[]).0, 200);
}

#[test]
fn cases_of_test_say_who_asks() {
    let gateway = gateway();
    let forged = gateway.forger.token(&claims(ADA));
    let file = format!(
        r#"config = "krakend.json"

[[case]]
name = "a clerk"
request = "GET /orders"
claims = {{ sub = "ada", role = "clerk", exp = 4102444800 }}
expect.status = 200
expect.prints = ["for ada"]

[[case]]
name = "a guest"
request = "GET /orders"
claims = {{ sub = "bob", role = "guest" }}
expect.status = 403

[[case]]
name = "a forger"
request = "GET /orders"
token = "{forged}"
expect.status = 401

[[case]]
name = "nobody"
request = "GET /orders"
expect.status = 401
"#
    );
    gateway.folder.write("orders.test.toml", file);
    let said = call(&gateway.folder, &["test", "."]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("4 passed"), "{}", said.out);
}
