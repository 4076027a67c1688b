//! Keys of the tests' own, which sign tokens of every kind and can be given as a key set. Knows nothing of the verifier.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p521::ecdsa::signature::Signer as _;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
    RsaKeyPair,
};
use serde_json::{Value, json};

/// Two RSA keys, made by `openssl genpkey` for these tests and used nowhere else.
const RSA: [&[u8]; 2] = [include_bytes!("../../cases/keys/rsa-1.pk8"), include_bytes!("../../cases/keys/rsa-2.pk8")];

/// A key with a name.
pub struct Signer {
    kid: String,
    algorithm: &'static str,
    key: Secret,
}

enum Secret {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair, &'static str),
    P521(Box<p521::ecdsa::SigningKey>),
    Ed25519(Ed25519KeyPair),
    Hmac(ring::hmac::Algorithm, Vec<u8>),
}

/// All algorithms.
pub const ALGORITHMS: [&str; 13] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
];

impl Signer {
    /// A key for an algorithm. Each kind has two keys, 0 and 1; keys of curves are made anew each time.
    pub fn new(algorithm: &'static str, number: usize, kid: &str) -> Self {
        let random = SystemRandom::new();
        let rsa = |encoding| Secret::Rsa(RsaKeyPair::from_pkcs8(RSA[number]).unwrap(), encoding);
        let ec = |algorithm, curve| {
            let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            Secret::Ec(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap(), curve)
        };
        let hmac =
            |hash| Secret::Hmac(hash, format!("secret number {number} of these tests, long enough").into_bytes());
        let key = match algorithm {
            "HS256" => hmac(ring::hmac::HMAC_SHA256),
            "HS384" => hmac(ring::hmac::HMAC_SHA384),
            "HS512" => hmac(ring::hmac::HMAC_SHA512),
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "RS512" => rsa(&RSA_PKCS1_SHA512),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "PS384" => rsa(&RSA_PSS_SHA384),
            "PS512" => rsa(&RSA_PSS_SHA512),
            "ES256" => ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            "ES384" => ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            "ES512" => {
                let mut bytes = [7; 66];
                bytes[0] = 0;
                bytes[65] = number as u8;
                Secret::P521(Box::new(p521::ecdsa::SigningKey::from_slice(&bytes).unwrap()))
            }
            "EdDSA" => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Secret::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
            }
            other => panic!("{other} is no algorithm"),
        };
        Self { kid: kid.to_owned(), algorithm, key }
    }

    /// The algorithm of the key.
    pub fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// The same key under another name; an empty text means without a name.
    pub fn called(mut self, kid: &str) -> Self {
        self.kid = kid.to_owned();
        self
    }

    /// The key as in a key set; for HMAC, that is the secret itself.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.key {
            Secret::Rsa(pair, _) => {
                let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
                json!({"kty": "RSA", "n": encode(&public.n), "e": encode(&public.e)})
            }
            Secret::Ec(pair, curve) => point(curve, pair.public_key().as_ref()),
            Secret::P521(key) => point("P-521", key.verifying_key().to_sec1_point(false).as_bytes()),
            Secret::Ed25519(pair) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())}),
            Secret::Hmac(_, secret) => json!({"kty": "oct", "k": encode(secret)}),
        };
        if !self.kid.is_empty() {
            jwk["kid"] = self.kid.as_str().into();
        }
        jwk
    }

    /// A token with these claims, as the key's owner makes it.
    pub fn token(&self, claims: &Value) -> String {
        let mut header = json!({"alg": self.algorithm, "typ": "JWT"});
        if !self.kid.is_empty() {
            header["kid"] = self.kid.as_str().into();
        }
        self.sign(&header, claims)
    }

    /// The same with any header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = encode(self.signature(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    fn signature(&self, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Secret::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &random, signed, &mut signature).unwrap();
                signature
            }
            Secret::Ec(pair, _) => pair.sign(&random, signed).unwrap().as_ref().to_vec(),
            Secret::P521(key) => {
                let signature: p521::ecdsa::Signature = key.sign(signed);
                signature.to_bytes().to_vec()
            }
            Secret::Ed25519(pair) => pair.sign(signed).as_ref().to_vec(),
            Secret::Hmac(hash, secret) => {
                ring::hmac::sign(&ring::hmac::Key::new(*hash, secret), signed).as_ref().to_vec()
            }
        }
    }
}

/// The keys as a set (JWKS).
pub fn key_set(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

/// A token that an attacker signs with the text of another key as the secret.
pub fn signed_by_text(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    format!("{signed}.{}", encode(ring::hmac::sign(&key, signed.as_bytes())))
}

/// Base64url, as in tokens.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn point(curve: &str, point: &[u8]) -> Value {
    let (x, y) = point[1..].split_at((point.len() - 1) / 2);
    json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)})
}
