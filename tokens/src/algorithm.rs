//! The algorithms that a token may name. Only algorithms in this table verify a signature: `none`, in upper or lower case, is
//! not in it.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, EcdsaVerificationAlgorithm, EdDSAParameters,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
};

/// An algorithm of RFC 7518 or RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm(&'static Row);

/// The kind of a signature. A key serves one kind only, so that no key is used as a key of another kind.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Rsa(&'static RsaParameters),
    Ec(Curve),
    EdDsa(&'static EdDSAParameters),
    Hmac(fn() -> ring::hmac::Algorithm),
}

/// A curve for signatures with elliptic curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

struct Row {
    name: &'static str,
    kind: Kind,
}

const fn row(name: &'static str, kind: Kind) -> Row {
    Row { name, kind }
}

static ROWS: [Row; 13] = [
    row("HS256", Kind::Hmac(|| ring::hmac::HMAC_SHA256)),
    row("HS384", Kind::Hmac(|| ring::hmac::HMAC_SHA384)),
    row("HS512", Kind::Hmac(|| ring::hmac::HMAC_SHA512)),
    row("RS256", Kind::Rsa(&RSA_PKCS1_2048_8192_SHA256)),
    row("RS384", Kind::Rsa(&RSA_PKCS1_2048_8192_SHA384)),
    row("RS512", Kind::Rsa(&RSA_PKCS1_2048_8192_SHA512)),
    row("PS256", Kind::Rsa(&RSA_PSS_2048_8192_SHA256)),
    row("PS384", Kind::Rsa(&RSA_PSS_2048_8192_SHA384)),
    row("PS512", Kind::Rsa(&RSA_PSS_2048_8192_SHA512)),
    row("ES256", Kind::Ec(Curve::P256)),
    row("ES384", Kind::Ec(Curve::P384)),
    row("ES512", Kind::Ec(Curve::P521)),
    row("EdDSA", Kind::EdDsa(&ED25519)),
];

impl Algorithm {
    /// The algorithm with exactly this name.
    pub fn of(name: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.name == name).map(Self)
    }

    /// The name, as tokens write it.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub(crate) fn kind(self) -> Kind {
        self.0.kind
    }
}

impl Curve {
    /// The bytes of a coordinate, and so of each half of a signature.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Ring's algorithm for the curve; ring has none for P-521.
    pub(crate) fn by_ring(self) -> Option<&'static EcdsaVerificationAlgorithm> {
        match self {
            Self::P256 => Some(&ECDSA_P256_SHA256_FIXED),
            Self::P384 => Some(&ECDSA_P384_SHA384_FIXED),
            Self::P521 => None,
        }
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Row {}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn no_other_name_is_an_algorithm() {
        for name in ["none", "None", "NONE", "", "hs256", "RS256 ", "RS1", "dir", "ES256K"] {
            assert!(Algorithm::of(name).is_none(), "{name:?}");
        }
        assert_eq!(Algorithm::of("ES512").unwrap().name(), "ES512");
    }
}
