//! The verifier of `serve` and `test`, tried with keys of every kind: a token that its owner signed passes, and no other token
//! does.

use serde_json::{Value, json};
use tests::signers::{ALGORITHMS, Signer, encode, key_set, signed_by_text};
use tokens::{KeySet, KeySetError, Rejection};

fn claims() -> Value {
    json!({"sub": "user-1", "exp": 4_102_444_800_u64, "n": 1.5})
}

#[test]
fn every_algorithm_verifies_what_its_key_signed() {
    for algorithm in ALGORITHMS {
        let (own, other) = (Signer::new(algorithm, 0, "a"), Signer::new(algorithm, 1, "a"));
        let keys = KeySet::read(key_set(&[&own]).as_bytes()).unwrap();
        let token = own.token(&claims());
        assert_eq!(Value::Object(keys.verify(&token).unwrap()), claims(), "{algorithm}");
        assert_eq!(keys.verify(&other.token(&claims())), Err(Rejection::Signature), "{algorithm}");

        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else { panic!() };
        let changed = encode(json!({"sub": "admin", "exp": 4_102_444_800_u64, "n": 1.5}).to_string());
        assert_eq!(keys.verify(&format!("{header}.{changed}.{signature}")), Err(Rejection::Signature), "{algorithm}");
        for wrong in ["AAAA", &signature[..signature.len() - 4], &format!("{signature}AAAA")] {
            // A cut signature may not even be base64url.
            let rejected = keys.verify(&format!("{header}.{payload}.{wrong}"));
            assert!(
                matches!(rejected, Err(Rejection::Signature | Rejection::Malformed(_))),
                "{algorithm}: {rejected:?}"
            );
        }
    }
}

#[test]
fn no_key_serves_another_kind() {
    let signers: Vec<Signer> = ALGORITHMS.iter().map(|algorithm| Signer::new(algorithm, 0, algorithm)).collect();
    let keys = KeySet::read(key_set(&signers.iter().collect::<Vec<_>>()).as_bytes()).unwrap();
    // An RSA key signs by RS and PS, a secret by each HS; every other algorithm has a key of its own in these tests.
    let kind = |name: &str| match &name[..2] {
        "RS" | "PS" => "RSA".to_owned(),
        "HS" => "secret".to_owned(),
        _ => name.to_owned(),
    };
    for signer in &signers {
        for other in &signers {
            // The token is signed by one key, and its header names the other.
            let header = json!({"alg": signer.algorithm(), "kid": other.algorithm()});
            let rejected = keys.verify(&signer.sign(&header, &claims()));
            let (a, b) = (signer.algorithm(), other.algorithm());
            assert_eq!(rejected.is_ok(), kind(a) == kind(b), "{a} {b}: {rejected:?}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret_and_no_algorithm_is_none() {
    let rsa = Signer::new("RS256", 0, "a");
    let set = key_set(&[&rsa]);
    let keys = KeySet::read(set.as_bytes()).unwrap();
    let jwk = rsa.jwk();
    let n = jwk["n"].as_str().unwrap();
    let hs = json!({"alg": "HS256", "kid": "a"});
    for secret in [set.as_bytes(), n.as_bytes(), jwk.to_string().as_bytes(), b""] {
        let rejected = keys.verify(&signed_by_text(&hs, &claims(), secret)).unwrap_err();
        assert_eq!(rejected, Rejection::OtherKind { algorithm: "HS256", key: "RSA" });
    }
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let head = encode(json!({"alg": none, "kid": "a"}).to_string());
        for signature in ["", "AAAA"] {
            let token = format!("{head}.{}.{signature}", encode(claims().to_string()));
            assert_eq!(keys.verify(&token), Err(Rejection::Algorithm(none.to_owned())));
        }
    }
    let own = json!({"alg": "RS256", "kid": "a", "jwk": Signer::new("RS256", 1, "a").jwk()});
    assert_eq!(keys.verify(&Signer::new("RS256", 1, "a").sign(&own, &claims())), Err(Rejection::Signature));
}

#[test]
fn keys_are_found_by_their_name_alone() {
    let (a, b) = (Signer::new("RS256", 0, "a"), Signer::new("ES256", 0, "b"));
    let keys = KeySet::read(key_set(&[&a, &b]).as_bytes()).unwrap();
    assert!(keys.verify(&a.token(&claims())).is_ok() && keys.verify(&b.token(&claims())).is_ok());
    let a = a.called("c");
    assert_eq!(keys.verify(&a.token(&claims())), Err(Rejection::NoKey(Some("c".to_owned()))));
    let a = a.called("");
    assert_eq!(keys.verify(&a.token(&claims())), Err(Rejection::NoKey(None)));
    let nameless = KeySet::read(key_set(&[&a]).as_bytes()).unwrap();
    assert!(nameless.verify(&a.token(&claims())).is_ok());
    assert_eq!(nameless.verify(&b.token(&claims())), Err(Rejection::NoKey(Some("b".to_owned()))));
    // If two keys have the same name, the last one counts.
    let (first, last) = (Signer::new("RS256", 0, "a"), Signer::new("RS256", 1, "a"));
    let keys = KeySet::read(key_set(&[&first, &last]).as_bytes()).unwrap();
    assert!(keys.verify(&last.token(&claims())).is_ok() && keys.verify(&first.token(&claims())).is_err());
}

#[test]
fn a_set_with_a_key_that_cannot_be_read_is_refused_whole() {
    let good = Signer::new("RS256", 0, "a").jwk();
    for (bad, why) in [
        (json!({"kty": "XYZ"}), "its type (kty) \"XYZ\" is not known"),
        (json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}), "its curve \"secp256k1\" is not known"),
        (json!({"kty": "RSA", "e": "AQAB"}), "its \"n\" is missing, or not in base64url"),
        (json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), "an RSA key of 24 bits is too short, 2048 are the least"),
        (json!({"kty": "oct", "k": ""}), "its \"k\" is missing, or not in base64url"),
        (json!({"kty": "oct", "k": "c2VjcmV0", "kid": 5}), "its kid is no text"),
        (json!("text"), "it is no object"),
    ] {
        let error = KeySet::read(json!({"keys": [good, bad]}).to_string().as_bytes()).unwrap_err();
        assert_eq!(error, KeySetError::Key(1, why.to_owned()));
    }
    for text in ["", "[]", "{}", "null", "{\"keys\": {}}", "<html>"] {
        assert_eq!(KeySet::read(text.as_bytes()).unwrap_err(), KeySetError::NotASet);
    }
}
