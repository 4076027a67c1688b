//! The token that a request presents, and its place: the header, else the cookie, as krakend-jose looks for it. If Envoy could
//! find another token in the same place, the request presents none.

use super::base64url::is_of_a_token;
use super::refusal::Refusal;
use crate::config::Validator;
use crate::http::{Headers, names};

/// A token and the place where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Presented<'a> {
    /// The place: the header or the cookie.
    pub(super) place: Found,
    /// The token itself.
    pub(super) text: &'a [u8],
}

impl Presented<'_> {
    /// Do these headers have the same token in the same place?
    pub(super) fn is_unchanged(&self, validator: &Validator, headers: &Headers) -> bool {
        let there = match self.place {
            Found::Header => in_header(&validator.header_name, headers),
            Found::Cookie => in_cookie(&validator.cookie_name, headers),
        };
        there == Ok(Some(self.text))
    }
}

/// The place of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Header,
    Cookie,
}

impl Found {
    /// The provider that verifies tokens in this place.
    pub(super) fn provider(self, validator: &Validator) -> &str {
        match self {
            Self::Header => &validator.header_provider,
            Self::Cookie => &validator.cookie_provider,
        }
    }
}

/// The token that counts.
pub(super) fn presented<'a>(validator: &'a Validator, headers: &'a Headers) -> Result<Presented<'a>, Refusal> {
    let (place, text) = match in_header(&validator.header_name, headers)? {
        Some(text) => (Found::Header, text),
        None => (Found::Cookie, in_cookie(&validator.cookie_name, headers)?.ok_or(Refusal::Token("Token not found"))?),
    };
    // Envoy reads letters of this alphabet and stops at any other.
    if !text.iter().copied().all(is_of_a_token) {
        return Err(Refusal::Token("the token is none in compact form"));
    }
    Ok(Presented { place, text })
}

fn in_header<'a>(name: &'a str, headers: &'a Headers) -> Result<Option<&'a [u8]>, Refusal> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    // KrakenD takes the first header; Envoy takes all of them, joined by commas.
    if values.next().is_some() {
        return Err(Refusal::Token("there are two headers for one token"));
    }
    const BEARER: &[u8] = b"bearer ";
    let value = trim(value);
    let text = match value.split_at_checked(BEARER.len()) {
        Some((word, text)) if word.eq_ignore_ascii_case(BEARER) && !text.is_empty() => trim(text),
        _ => value,
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

// Both Go and Envoy take the first cookie of the name. They differ in which other texts they accept; those are no token here.
fn in_cookie<'a>(name: &str, headers: &'a Headers) -> Result<Option<&'a [u8]>, Refusal> {
    let pairs = headers.get_all(names::COOKIE).flat_map(|line| line.split(|byte| *byte == b';'));
    let mut named = pairs.filter(|pair| is_called(pair, name));
    let Some(pair) = named.next() else { return Ok(None) };
    let start = pair.iter().position(|byte| *byte != b' ').unwrap_or_default();
    let plain = pair.get(start..).and_then(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let value = trim(plain.ok_or(Refusal::Token("the cookie of the token is none that all read alike"))?);
    let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    Ok(Some(unquoted))
}

fn is_called(pair: &[u8], name: &str) -> bool {
    let called = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
    called.trim_ascii() == name.as_bytes()
}

fn trim(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last.saturating_add(1));
    text.get(start..end).unwrap_or_default()
}
