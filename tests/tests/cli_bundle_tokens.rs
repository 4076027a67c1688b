//! What `bundle` makes of `auth/validator`: the filter that verifies, its clusters, and key sets that only their owner can
//! read.

use serde_json::{Value, json};
use tests::cases::list;
use tests::command::{Said, call, yaml};
use tests::machine::Folder;
use tests::signers::Signer;

const SECRET: &str = "c2VjcmV0IG51bWJlciAw"; // begins the secret of the first HS256 key, in base64url

fn folder(validator: &Value) -> Folder {
    let folder = Folder::default();
    let document = json!({"version": 3, "endpoints": [{
        "endpoint": "/t", "backend": [{"host": ["http://api.internal"], "url_pattern": "/"}],
        "extra_config": {"auth/validator": validator},
    }]});
    folder.write("krakend.json", document.to_string());
    let mut key = Signer::new("HS256", 0, "a").jwk();
    key["alg"] = "AES".into(); // Envoy refuses such a key
    folder.write("keys.json", json!({"keys": [key]}).to_string());
    folder
}

fn by_file() -> Value {
    json!({"alg": "HS256", "jwk_local_path": "keys.json", "disable_jwk_security": true})
}

fn bundle(folder: &Folder, options: &[&str]) -> Said {
    call(folder.path(), &[&["bundle", "krakend.json"], options].concat())
}

#[test]
fn a_secret_lies_in_a_file_of_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&by_file());
    for options in [&["-o", "envoy.yaml"][..], &["-o", "envoy.yaml"], &["-o", "envoy.yaml", "--xds"]] {
        let said = bundle(&folder, options);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let written = std::fs::read_dir(folder.path().join("envoy.keys")).unwrap().flatten();
        let written: Vec<_> = written.map(|entry| entry.path()).collect();
        for path in &written {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            let keys: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let key = keys["keys"][0].as_object().unwrap();
            assert_eq!(key.keys().collect::<Vec<_>>(), ["k", "kid", "kty"]);
            assert!(key["k"].as_str().unwrap().starts_with(SECRET));
        }
        assert!(!written.is_empty());
    }
    for name in ["envoy.yaml", "envoy.xds/listeners/listeners.yaml", "envoy.xds/filter/filter.yaml"] {
        assert!(!folder.read(name).contains(SECRET), "{name}");
    }
    for options in [&["--istio"][..], &["--envoy-gateway"]] {
        let module = "--module-path=oci://registry.example.com/lua-modifier:1";
        let said = bundle(&folder, &[options, &[module, "-o", "mesh.yaml"]].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        let text = folder.read("mesh.yaml");
        assert!(!text.contains(SECRET) && text.contains("envoy.filters.http.jwt_authn"), "{text}");
        assert!(text.contains("\"/etc/lua-modifier/keys/keys.json\""), "{text}");
        folder.read("mesh.keys/keys.json");
    }
    let said = bundle(&folder, &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("say with -o where the bundle goes"), "{}", said.err);
}

#[test]
fn what_verifies_stands_in_front_and_lets_pass() {
    let folder = folder(&json!({"alg": "RS256", "jwk_url": "https://issuer.test/keys", "leeway": "90s"}));
    let said = bundle(&folder, &["-o", "envoy.yaml"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let bootstrap = yaml::document(&folder.read("envoy.yaml"));
    let manager = &bootstrap["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let names: Vec<&str> = list(&manager["http_filters"]).iter().filter_map(|filter| filter["name"].as_str()).collect();
    assert_eq!(names, ["envoy.filters.http.jwt_authn", "lua-modifier", "envoy.filters.http.router"]);
    let config = &manager["http_filters"][0]["typed_config"];
    let providers = config["providers"].as_object().unwrap();
    assert_eq!(providers.len(), 3);
    for provider in providers.values() {
        assert_eq!((&provider["forward"], &provider["clock_skew_seconds"]), (&json!(true), &json!(90)));
        assert_eq!(provider["remote_jwks"]["http_uri"]["cluster"], "keys.issuer.test:443");
        let places = ["from_headers", "from_cookies"].iter().filter(|place| provider.get(**place).is_some()).count();
        assert_eq!((places, provider.get("from_params")), (1, None));
    }
    let all = list(&config["rules"][0]["requires"]["requires_all"]["requirements"]);
    for one in all {
        let either = list(&one["requires_any"]["requirements"]);
        assert!(either[0]["provider_name"].is_string() && either[1] == json!({"allow_missing_or_failed": {}}));
    }
    assert_eq!(all.len(), 3);
    let clusters = list(&bootstrap["static_resources"]["clusters"]);
    let keys = clusters.iter().find(|cluster| cluster["name"] == "keys.issuer.test:443").unwrap();
    let context = &keys["transport_socket"]["typed_config"]["common_tls_context"]["validation_context"];
    assert!(context["trusted_ca"]["filename"].is_string(), "{keys}");
}

#[test]
fn a_server_that_is_not_checked_is_warned_of() {
    let lax = json!({"alg": "RS256", "jwk_url": "https://issuer.test/keys", "disable_jwk_security": true});
    let folder = folder(&lax);
    let said = bundle(&folder, &["-o", "envoy.yaml"]);
    assert_eq!(said.code, Some(0));
    assert!(said.err.contains("the server's certificate is not checked"), "{}", said.err);
    let bootstrap = yaml::document(&folder.read("envoy.yaml"));
    let clusters = list(&bootstrap["static_resources"]["clusters"]);
    let keys = clusters.iter().find(|cluster| cluster["name"] == "keys.issuer.test:443").unwrap();
    assert_eq!(keys["transport_socket"]["typed_config"]["common_tls_context"], json!({}));
}

#[test]
fn a_key_set_that_cannot_be_read_refuses() {
    for (keys, why) in [
        (None, "no such file or directory"),
        (Some("{}"), "it is no key set"),
        (Some(r#"{"keys": [{"kty": "XYZ"}]}"#), "keys[0]: its type (kty) \"XYZ\" is not known"),
    ] {
        let folder = folder(&by_file());
        match keys {
            Some(text) => folder.write("keys.json", text),
            None => std::fs::remove_file(folder.path().join("keys.json")).unwrap(),
        }
        for command in [&["bundle", "-o", "envoy.yaml"][..], &["check"], &["serve", "--listen=127.0.0.1:0"]] {
            let said = call(folder.path(), &[command, &["krakend.json"]].concat());
            assert!(matches!(said.code, Some(1 | 2)), "{command:?}: {:?}", said.code);
            let all = format!("{}{}", said.out, said.err);
            assert!(
                all.contains("the key set keys.json (jwk_local_path) cannot be read") && all.contains(why),
                "{all}"
            );
        }
        assert!(!folder.path().join("envoy.yaml").exists());
    }
}

#[test]
fn a_trial_says_whose_token_it_carries() {
    let folder = folder(&by_file());
    let own = Signer::new("HS256", 0, "a");
    let run = |options: &[&str]| {
        let said = call(folder.path(), &[&["run", "krakend.json", "GET", "/t", "--format", "json"], options].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        let story: Value = serde_json::from_str(&said.out).unwrap();
        let log: Vec<String> =
            list(&story["events"]).iter().filter_map(|event| Some(event["text"].as_str()?.to_owned())).collect();
        (story["response"]["status"].as_u64().unwrap(), log.join("\n"))
    };
    let claims = json!({"sub": "user-1", "exp": 4_102_444_800_u64});
    assert_eq!(run(&[]).0, 401);
    assert_eq!(run(&["--claims", &claims.to_string()]).0, 200);
    assert_eq!(run(&["--token", &own.token(&claims)]).0, 200);
    let (status, log) = run(&["--token", &Signer::new("HS256", 1, "a").token(&claims)]);
    assert!(status == 401 && log.contains("the key that it names did not make its signature"), "{log}");
    folder.write(
        "a.test.toml",
        "config = \"krakend.json\"\n[[case]]\nname = \"in\"\nrequest = \"GET /t\"\nclaims = { sub = \"user-1\" }\n\
         expect = { status = 200 }\n[[case]]\nname = \"out\"\nrequest = \"GET /t\"\ntoken = \"a.b.c\"\nexpect = { status = 401 }\n",
    );
    let said = call(folder.path(), &["test", "a.test.toml"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
}
