//! One key of a set (RFC 7517), and the check of a signature. The key's own statements about its use (`alg`, `use`, `key_ops`)
//! do not count: the token's algorithm must fit the key's kind, and no key serves two kinds.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use p521::ecdsa::signature::Verifier;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Curve, Kind};
use crate::rejection::Rejection;

/// Some writers add padding where it is not allowed.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A key that verifies signatures.
#[derive(Clone)]
pub(crate) enum Key {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// The point as the bytes 4, x, y.
    Ec {
        curve: Curve,
        point: Vec<u8>,
    },
    Ed25519(Vec<u8>),
    Secret(Vec<u8>),
}

// A secret is never shown.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

impl Key {
    /// Reads a JWK. The error names the fault, and has no part of the key.
    pub(crate) fn read(jwk: &Map<String, Value>) -> Result<Self, String> {
        let kty = jwk.get("kty").and_then(Value::as_str).unwrap_or_default();
        let curve = jwk.get("crv").and_then(Value::as_str).unwrap_or_default();
        let bytes = |name: &str| {
            let text = jwk.get(name).and_then(Value::as_str).unwrap_or_default();
            let bytes = LENIENT.decode(text).ok().filter(|bytes| !bytes.is_empty());
            bytes.ok_or_else(|| format!("its {name:?} is missing, or not in base64url"))
        };
        match (kty, curve) {
            ("RSA", _) => {
                let (n, e) = (without_zeros(bytes("n")?), without_zeros(bytes("e")?));
                if n.len() < 256 {
                    return Err(format!("an RSA key of {} bits is too short, 2048 are the least", n.len() * 8));
                }
                Ok(Self::Rsa { n, e })
            }
            ("EC", "P-256") => Self::point(Curve::P256, &bytes("x")?, &bytes("y")?),
            ("EC", "P-384") => Self::point(Curve::P384, &bytes("x")?, &bytes("y")?),
            ("EC", "P-521") => Self::point(Curve::P521, &bytes("x")?, &bytes("y")?),
            ("OKP", "Ed25519") => {
                let x = bytes("x")?;
                if x.len() == 32 { Ok(Self::Ed25519(x)) } else { Err("its \"x\" has not 32 bytes".to_owned()) }
            }
            ("oct", _) => Ok(Self::Secret(bytes("k")?)),
            ("EC" | "OKP", _) => Err(format!("its curve {curve:?} is not known")),
            _ => Err(format!("its type (kty) {kty:?} is not known")),
        }
    }

    fn point(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, String> {
        let size = curve.size();
        let mut point = vec![4];
        for coordinate in [x, y] {
            let zeros = size.checked_sub(coordinate.len()).ok_or("a coordinate is longer than its curve")?;
            point.extend(std::iter::repeat_n(0, zeros));
            point.extend(coordinate);
        }
        Ok(Self::Ec { curve, point })
    }

    /// The key's type and curve.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec { curve: Curve::P256, .. } => "EC P-256",
            Self::Ec { curve: Curve::P384, .. } => "EC P-384",
            Self::Ec { curve: Curve::P521, .. } => "EC P-521",
            Self::Ed25519(_) => "OKP Ed25519",
            Self::Secret(_) => "oct",
        }
    }

    /// Checks that the key made this signature of these bytes.
    pub(crate) fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Result<(), Rejection> {
        let made = match (self, algorithm.kind()) {
            (Self::Rsa { n, e }, Kind::Rsa(parameters)) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature).is_ok()
            }
            (Self::Ec { curve, point }, Kind::Ec(wanted)) if *curve == wanted => match curve.by_ring() {
                Some(by_ring) => UnparsedPublicKey::new(by_ring, point).verify(signed, signature).is_ok(),
                None => verified_by_p521(point, signed, signature).is_some(),
            },
            (Self::Ed25519(x), Kind::EdDsa(parameters)) => {
                UnparsedPublicKey::new(parameters, x).verify(signed, signature).is_ok()
            }
            (Self::Secret(secret), Kind::Hmac(hash)) => {
                ring::hmac::verify(&ring::hmac::Key::new(hash(), secret), signed, signature).is_ok()
            }
            _ => return Err(Rejection::OtherKind { algorithm: algorithm.name(), key: self.kind() }),
        };
        if made { Ok(()) } else { Err(Rejection::Signature) }
    }
}

fn verified_by_p521(point: &[u8], signed: &[u8], signature: &[u8]) -> Option<()> {
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    let signature = p521::ecdsa::Signature::from_slice(signature).ok()?;
    key.verify(signed, &signature).ok()
}

fn without_zeros(number: Vec<u8>) -> Vec<u8> {
    number.into_iter().skip_while(|byte| *byte == 0).collect()
}
