//! Checks whether a token is valid now and for this endpoint, as go-jose and go-auth0 do, except for the signature, which Envoy
//! checks.

use super::jws::Jws;
use super::refusal::Refusal;
use crate::config::Validator;
use crate::data::{Number, Table, Value};

/// Checks everything that Envoy does not check, or does not check as KrakenD does. `now` is in nanoseconds since 1970.
pub(super) fn check(token: &Jws, validator: &Validator, key_ids: Option<&[String]>, now: i128) -> Result<(), Refusal> {
    check_header(&token.header, validator, key_ids)?;
    check_claims(&token.claims, validator, now)
}

fn check_header(header: &Table, validator: &Validator, key_ids: Option<&[String]>) -> Result<(), Refusal> {
    if text(header, "alg")? != validator.alg.as_bytes() {
        return Err(Refusal::Token("algorithm is invalid"));
    }
    let kid = text(header, "kid")?;
    if key_ids.is_some_and(|known| !known.iter().any(|known| known.as_bytes() == kid)) {
        return Err(Refusal::Token("no key of the set has the token's kid"));
    }
    text(header, "nonce")?;
    // Envoy does not know these headers: it would read an unencoded payload as an encoded one.
    let is_known = |name: &Value| matches!(name, Value::String(name) if name.as_bytes() == b"b64");
    let is_understood = match header.get(b"crit") {
        None | Some(Value::Null) => true,
        Some(Value::List(names)) => names.items().iter().all(is_known),
        Some(_) => false,
    };
    if !is_understood || matches!(header.get(b"b64"), Some(Value::Bool(false))) {
        return Err(Refusal::Token("the token's header asks for what is not done here"));
    }
    Ok(())
}

fn check_claims(claims: &Table, validator: &Validator, now: i128) -> Result<(), Refusal> {
    let issuer = text(claims, "iss")?;
    text(claims, "sub")?;
    text(claims, "jti")?;
    let audience = audience(claims)?;
    let [not_before, expiry, issued] = [date(claims, "nbf")?, date(claims, "exp")?, date(claims, "iat")?];
    if !validator.issuer.is_empty() && issuer != validator.issuer.as_bytes() {
        return Err(Refusal::Token("invalid issuer claim (iss)"));
    }
    let is_for = |wanted: &String| audience.iter().any(|given| given == wanted.as_bytes());
    if !validator.audience.iter().all(is_for) {
        return Err(Refusal::Token("invalid audience claim (aud)"));
    }
    let leeway = i128::try_from(validator.leeway.as_nanos()).unwrap_or(i128::MAX);
    let (earliest, latest) = (now.saturating_sub(leeway), now.saturating_add(leeway));
    if not_before.is_some_and(|date| latest < date) {
        return Err(Refusal::Token("token not valid yet (nbf)"));
    }
    if expiry.is_some_and(|date| earliest > date) {
        return Err(Refusal::Token("token is expired (exp)"));
    }
    if issued.is_some_and(|date| latest < date) {
        return Err(Refusal::Token("token issued in the future (iat)"));
    }
    Ok(())
}

// Reads a text; a missing one, or null, is empty.
fn text(table: &Table, key: &str) -> Result<Vec<u8>, Refusal> {
    match table.get(key.as_bytes()) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.as_bytes().to_vec()),
        Some(_) => Err(Refusal::Token("a claim, or a part of the header, is no text and must be one")),
    }
}

fn audience(claims: &Table) -> Result<Vec<Vec<u8>>, Refusal> {
    let wrong = Refusal::Token("the audience is neither a text nor a list of texts");
    let one = |item: &Value| match item {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        _ => Err(wrong),
    };
    match claims.get(b"aud") {
        None => Ok(Vec::new()),
        Some(Value::List(list)) => list.items().iter().map(one).collect(),
        Some(value) => one(&value).map(|one| vec![one]),
    }
}

/// The seconds between Go's first year and 1970.
const GOS_YEARS: i64 = 62_135_596_800;

// A date in nanoseconds since 1970, with Go's overflows: a date that is too large for Go lies in the past.
fn date(claims: &Table, key: &str) -> Result<Option<i128>, Refusal> {
    let number = match claims.get(key.as_bytes()) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(Refusal::Token("expected number value to unmarshal NumericDate")),
    };
    let seconds = whole(&number)?.wrapping_add(GOS_YEARS);
    Ok(Some(i128::from(seconds).saturating_sub(i128::from(GOS_YEARS)).saturating_mul(1_000_000_000)))
}

#[allow(clippy::cast_possible_truncation)] // as Go does on amd64
fn whole(number: &Number) -> Result<i64, Refusal> {
    match number.as_f64() {
        number if !number.is_finite() => Err(Refusal::Token("a number of the token is out of range")),
        number => Ok(go_int(number)),
    }
}

/// Go's conversion to an integer, on amd64: a number that does not fit becomes the smallest integer.
#[allow(clippy::cast_possible_truncation)] // the range is checked
pub(super) fn go_int(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}
