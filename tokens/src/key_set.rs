//! A set of keys (JWKS), by name. If one key cannot be read, the whole set is refused, so that nobody relies on a key that does
//! not work.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::compact::Compact;
use crate::key::Key;
use crate::rejection::Rejection;

/// Keys by their `kid`; a key without one has the empty name.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: BTreeMap<String, Key>,
}

/// Why a text is not a key set. Has no part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySetError {
    /// The text is not a JSON object with a list `keys`.
    NotASet,
    /// The place of a key, counted from 0, and its fault.
    Key(usize, String),
}

impl KeySet {
    /// Reads a set. Of two keys with one name, the last one counts.
    pub fn read(text: &[u8]) -> Result<Self, KeySetError> {
        let set: Value = serde_json::from_slice(text).map_err(|_| KeySetError::NotASet)?;
        let list = set.get("keys").and_then(Value::as_array).ok_or(KeySetError::NotASet)?;
        let mut keys = BTreeMap::new();
        for (at, jwk) in list.iter().enumerate() {
            let wrong = |why: &str| KeySetError::Key(at, why.to_owned());
            let jwk = jwk.as_object().ok_or_else(|| wrong("it is no object"))?;
            let kid = match jwk.get("kid") {
                None | Some(Value::Null) => "",
                Some(Value::String(kid)) => kid,
                Some(_) => return Err(wrong("its kid is no text")),
            };
            keys.insert(kid.to_owned(), Key::read(jwk).map_err(|why| wrong(&why))?);
        }
        Ok(Self { keys })
    }

    /// The same set with only the parts that verify: without private parts, and without the keys' statements about their use,
    /// which other verifiers may obey or refuse.
    pub fn plain(text: &[u8]) -> Result<String, KeySetError> {
        Self::read(text)?;
        let set: Value = serde_json::from_slice(text).map_err(|_| KeySetError::NotASet)?;
        let list = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut keys: BTreeMap<&str, Value> = BTreeMap::new();
        for jwk in list.iter().filter_map(Value::as_object) {
            let text = |name: &str| jwk.get(name).and_then(Value::as_str);
            let names: &[&str] = match text("kty") {
                Some("RSA") => &["kty", "kid", "n", "e"],
                Some("EC") => &["kty", "kid", "crv", "x", "y"],
                Some("OKP") => &["kty", "kid", "crv", "x"],
                _ => &["kty", "kid", "k"],
            };
            let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), Value::from(text(name)?))));
            keys.insert(text("kid").unwrap_or_default(), Value::Object(kept.collect()));
        }
        let keys: Vec<Value> = keys.into_values().collect();
        Ok(format!("{:#}", Value::Object(Map::from_iter([("keys".to_owned(), Value::from(keys))]))))
    }

    /// The names of all keys; a key without a name gives an empty text.
    pub fn names(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }

    /// Does a key have this name?
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.contains_key(kid)
    }

    /// The payload of a token, if the key that it names made its signature. Times, issuer and audience are not checked.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, Rejection> {
        let token = Compact::read(token)?;
        let kid = token.kid();
        let key =
            self.keys.get(kid).ok_or_else(|| Rejection::NoKey(Some(kid).filter(|kid| !kid.is_empty()).map(short)))?;
        key.verify(token.algorithm(), token.signed(), token.signature())?;
        Ok(token.into_payload())
    }
}

// The name is cut, because a client chooses it.
fn short(kid: &str) -> String {
    kid.chars().take(64).collect()
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASet => f.write_str("it is no key set: a JSON object with a list \"keys\""),
            Self::Key(at, why) => write!(f, "keys[{at}]: {why}"),
        }
    }
}

impl std::error::Error for KeySetError {}
