//! A token in its compact form, taken apart: header, payload, and the signed text. No part can be trusted before a key set has
//! verified the token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::rejection::Rejection;

/// A token, not verified.
#[derive(Debug)]
pub struct Compact<'a> {
    algorithm: Algorithm,
    kid: String,
    payload: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes the token apart. Refuses a text that is not a token, and a token whose algorithm is not in the table or whose
    /// header has `crit`.
    pub fn read(text: &'a str) -> Result<Self, Rejection> {
        let wrong = Rejection::Malformed;
        let (signed, signature) = text.rsplit_once('.').ok_or(wrong("it has no dots"))?;
        let (header, payload) = signed.split_once('.').ok_or(wrong("it has not three parts"))?;
        if payload.contains('.') {
            return Err(wrong("it has more than three parts"));
        }
        let header = object(header).ok_or(wrong("its header is no JSON object in base64url"))?;
        if header.contains_key("crit") {
            return Err(Rejection::Critical);
        }
        let name = match header.get("alg") {
            Some(Value::String(name)) => name.as_str(),
            _ => return Err(wrong("its header names no algorithm")),
        };
        let algorithm = Algorithm::of(name).ok_or_else(|| Rejection::Algorithm(name.chars().take(32).collect()))?;
        let kid = match header.get("kid") {
            None => String::new(),
            Some(Value::String(kid)) => kid.clone(),
            Some(_) => return Err(wrong("its kid is no text")),
        };
        let payload = object(payload).ok_or(wrong("its payload is no JSON object in base64url"))?;
        let signature = decode(signature).filter(|signature| !signature.is_empty());
        let signature = signature.ok_or(wrong("its signature is empty, or not in base64url"))?;
        Ok(Self { algorithm, kid, payload, signed, signature })
    }

    /// The algorithm that the token's header names.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name of the token's key; empty if the token names none.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn signed(&self) -> &'a [u8] {
        self.signed.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn into_payload(self) -> Map<String, Value> {
        self.payload
    }
}

/// A token without a real signature, for tests without keys: no key set verifies it. An empty `kid` is left out.
pub fn unsigned(algorithm: &str, kid: &str, claims: &Map<String, Value>) -> String {
    let encode = |json: String| URL_SAFE_NO_PAD.encode(json);
    let mut header = json!({"alg": algorithm, "typ": "JWT"});
    if let (Some(header), false) = (header.as_object_mut(), kid.is_empty()) {
        header.insert("kid".to_owned(), kid.into());
    }
    let header = encode(header.to_string());
    let payload = encode(Value::Object(claims.clone()).to_string());
    format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode("nobody signed this"))
}

fn object(part: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&decode(part)?).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str, signature: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", encode(header), encode(payload), encode(signature))
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let good = token(r#"{"alg":"RS256","kid":"a"}"#, "{}", "x");
        let read = Compact::read(&good).unwrap();
        assert_eq!((read.algorithm().name(), read.kid()), ("RS256", "a"));
        for text in [
            "".to_owned(),
            "a".to_owned(),
            "a.b".to_owned(),
            "..".to_owned(),
            good.replace('.', ""),
            format!("{good}.x"),
            format!(" {good}"),
            format!("{good}="),
            format!("{good}\n"),
            token("[]", "{}", "x"),
            token("{}", "{}", "x"),
            token(r#"{"alg":5}"#, "{}", "x"),
            token(r#"{"alg":"none"}"#, "{}", "x"),
            token(r#"{"alg":"nOnE"}"#, "{}", "x"),
            token(r#"{"alg":"RS256","kid":5}"#, "{}", "x"),
            token(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, "{}", "x"),
            token(r#"{"alg":"RS256"}"#, "\"text\"", "x"),
            token(r#"{"alg":"RS256"}"#, "{}", ""),
        ] {
            assert!(Compact::read(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unsigned_token_reads_like_one() {
        let Value::Object(claims) = json!({"sub": "user-1"}) else { panic!() };
        let text = unsigned("ES256", "a", &claims);
        let read = Compact::read(&text).unwrap();
        assert_eq!((read.algorithm().name(), read.kid()), ("ES256", "a"));
        assert_eq!(read.into_payload(), claims);
    }
}
