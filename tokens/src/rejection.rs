//! The reason why a token is not verified, as fields; the words are made here, too. The words can go into a log: they never
//! contain a key, a signature or a claim.

use std::fmt;

/// Why a token is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The text is not a compact token, with the fault.
    Malformed(&'static str),
    /// The token's header names an algorithm that verifies nothing, such as `none`.
    Algorithm(String),
    /// The token's header asks for an extension (`crit`), and none is supported.
    Critical,
    /// No key of the set has the token's `kid`. `None`: the token names no key, and every key has a name.
    NoKey(Option<String>),
    /// The key with this `kid` is not for the token's algorithm.
    OtherKind {
        /// The token's algorithm.
        algorithm: &'static str,
        /// The key's `kty`, with its curve.
        key: &'static str,
    },
    /// The key did not make this signature.
    Signature,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "it is no signed token: {why}"),
            Self::Algorithm(name) => write!(f, "its algorithm {name:?} verifies nothing"),
            Self::Critical => f.write_str("its header asks for an extension (crit), and none is understood"),
            Self::NoKey(Some(kid)) => write!(f, "no key of the set is called {kid:?}"),
            Self::NoKey(None) => f.write_str("it names no key (kid), and every key of the set has a name"),
            Self::OtherKind { algorithm, key } => {
                write!(f, "it is signed by {algorithm}, and the key that it names is of the kind {key}")
            }
            Self::Signature => f.write_str("the key that it names did not make its signature"),
        }
    }
}

impl std::error::Error for Rejection {}
