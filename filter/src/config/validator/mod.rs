//! The namespace `auth/validator` of an endpoint: the token that a request must carry. Envoy verifies its signature; the claims
//! are checked here, as in krakend-jose.
//!
//! Knows no token: `pipeline` compares tokens with these settings.

mod claims;
mod keys;
mod provider;
mod voided;

use std::time::Duration;

use super::duration;
use super::migration;
use super::notices::Notices;
use super::reader::{Node, Result, listed, quoted};
use super::url_pattern::{Piece, UrlPattern};
use crate::http::is_token;
use claims::{propagations_at, roles_path, scopes_path};

pub use claims::{ClaimPath, Propagation, ScopesMatcher};
pub use keys::KeySource;
pub(super) use provider::distinct;
pub use provider::{Place, Provider};
pub(super) use voided::told as told_of_scripts;

/// The token that an endpoint asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// The one algorithm, as JWA names it: `RS256`.
    pub alg: String,
    /// The source of the keys.
    pub source: KeySource,
    /// The time that keys from a URL may be kept; with `None`, KrakenD fetches them for each request.
    pub cache: Option<Duration>,
    /// The header of the token, in lower case.
    pub header_name: String,
    /// The cookie of the token, for requests without the header.
    pub cookie_name: String,
    /// The most that clocks may differ: at least a second.
    pub leeway: Duration,
    /// The required value of `iss`; any value if this is empty.
    pub issuer: String,
    /// The values that `aud` must contain, all of them.
    pub audience: Vec<String>,
    /// The roles, one of which must be at `roles_key`; if empty, no role is needed.
    pub roles: Vec<String>,
    /// The path to the roles.
    pub roles_key: ClaimPath,
    /// The scopes that must be at `scopes_key`; if empty, no scope is needed.
    pub scopes: Vec<String>,
    /// The path to the scopes.
    pub scopes_key: ClaimPath,
    /// Whether all scopes are needed, or any one.
    pub scopes_matcher: ScopesMatcher,
    /// The claims that become headers of the request.
    pub propagations: Vec<Propagation>,
    /// The claims that a `url_pattern` of the endpoint names: `sub` for `{JWT.sub}`. They become parameters.
    pub params: Vec<String>,
    /// Whether each entry of a list becomes a header of its own.
    pub preserves_arrays: bool,
    /// Whether each refusal is logged.
    pub operation_debug: bool,
    /// The provider that verifies tokens of the header.
    pub header_provider: String,
    /// The provider that verifies tokens of the cookie.
    pub cookie_provider: String,
}

impl Validator {
    /// Notes the claims that URL patterns name.
    pub(super) fn note_params<'a>(&mut self, patterns: impl Iterator<Item = &'a UrlPattern>) {
        for name in patterns.flat_map(|pattern| &pattern.pieces).filter_map(claim_of) {
            if !self.params.iter().any(|known| known == name) {
                self.params.push(name.to_owned());
            }
        }
    }

    /// The two providers that Envoy's `jwt_authn` must have for this endpoint: one for each place of a token.
    pub fn providers(&self) -> impl Iterator<Item = Provider> + '_ {
        let header = (&self.header_provider, Place::Header(self.header_name.clone()));
        let cookie = (&self.cookie_provider, Place::Cookie(self.cookie_name.clone()));
        [header, cookie].into_iter().map(|(name, place)| Provider {
            name: name.clone(),
            source: self.source.clone(),
            place,
            max_leeway: self.leeway,
            cache: self.cache,
        })
    }
}

fn claim_of(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Param(key) => key.strip_prefix("JWT."),
        Piece::Literal(_) | Piece::Response { .. } => None,
    }
}

const ALGORITHMS: [&str; 13] = [
    "EdDSA", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
];
const SHORTEST_LEEWAY: Duration = Duration::from_secs(1); // KrakenD's minimum and default

pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<Validator> {
    notices.check_keys(node, migration::VALIDATOR)?;
    refuse_what_cannot_be_kept(node)?;
    let source = KeySource::read(node, notices)?;
    let header_name = header_name(node)?;
    let cookie_name = cookie_name(node)?;
    let cache = keys::cache(node, &source)?;
    Ok(Validator {
        alg: alg(node)?,
        cache,
        leeway: leeway(node, notices)?,
        issuer: node.text_at("issuer")?.unwrap_or_default(),
        audience: node.texts_at("audience")?,
        roles: node.texts_at("roles")?,
        roles_key: roles_path(node)?,
        scopes: scopes(node, notices)?,
        scopes_key: scopes_path(node)?,
        scopes_matcher: ScopesMatcher::read(node, notices)?,
        propagations: propagations_at(node)?,
        params: Vec::new(),
        preserves_arrays: node.flag_at("propagate_claims_preserve_array")?,
        operation_debug: node.flag_at("operation_debug")?,
        header_provider: provider::name(&source, &Place::Header(header_name.clone())),
        cookie_provider: provider::name(&source, &Place::Cookie(cookie_name.clone())),
        source,
        header_name,
        cookie_name,
    })
}

// These settings decide which keys KrakenD accepts, and Envoy cannot follow them.
fn refuse_what_cannot_be_kept(node: &Node<'_>) -> Result<()> {
    if let Some(strategy) = node.get("key_identify_strategy")
        && !matches!(strategy.text()?, "" | "kid")
    {
        return Err(strategy.error(format!(
            "{} cannot be kept: Envoy finds a key by its kid only (remove this key, or write \"kid\")",
            quoted(strategy.text()?)
        )));
    }
    let unkept = [
        (
            "jwk_fingerprints",
            "Envoy has no pinned keys for the server of a key set: trust its authority by jwk_local_ca",
        ),
        ("secret_url", "no vault decrypts a key set here: decrypt it beforehand"),
        ("cypher_key", "no vault decrypts a key set here: decrypt it beforehand"),
    ];
    for (key, instead) in unkept {
        if let Some(value) = node.get(key).filter(|value| !value.is_idle()) {
            return Err(value.error(format!("{key} cannot be kept: {instead}, and remove this key")));
        }
    }
    node.get("cipher_suites").map_or(Ok(()), |suites| suites.items()?.try_for_each(|suite| suite.count().map(drop)))?;
    node.text_at("failed_jwk_key_cooldown").map(drop)
}

fn alg(node: &Node<'_>) -> Result<String> {
    let known = || listed(ALGORITHMS);
    match node.get("alg") {
        None => Err(node.error_at("alg", format!("is missing: the algorithm of the tokens, one of {}", known()))),
        Some(alg) => match alg.text()? {
            name if ALGORITHMS.contains(&name) => Ok(name.to_owned()),
            other => Err(alg.error(format!("unknown algorithm {} (known: {})", quoted(other), known()))),
        },
    }
}

fn header_name(node: &Node<'_>) -> Result<String> {
    let Some(header) = node.get("auth_header_name").filter(|header| !header.is_idle()) else {
        return Ok("authorization".to_owned());
    };
    match header.text()? {
        name if is_token(name) => Ok(name.to_ascii_lowercase()),
        other => Err(header.error(format!("{} is not the name of a header", quoted(other)))),
    }
}

fn cookie_name(node: &Node<'_>) -> Result<String> {
    let Some(cookie) = node.get("cookie_key").filter(|cookie| !cookie.is_idle()) else {
        return Ok("access_token".to_owned());
    };
    match cookie.text()? {
        name if is_token(name) => Ok(name.to_owned()),
        other => Err(cookie.error(format!("{} is not the name of a cookie", quoted(other)))),
    }
}

// KrakenD takes one second for a text that is not a duration, and for a shorter duration.
fn leeway(node: &Node<'_>, notices: &mut Notices) -> Result<Duration> {
    let Some(node) = node.get("leeway") else { return Ok(SHORTEST_LEEWAY) };
    let text = node.text()?;
    let parsed = duration::parse(text);
    if parsed.is_none() && !text.is_empty() {
        notices.remark(&node, format!("{} is no duration: the leeway is one second, as in KrakenD", quoted(text)));
    }
    Ok(parsed.unwrap_or_default().max(SHORTEST_LEEWAY))
}

// KrakenD asks for no scope if it does not know the claim with the scopes.
fn scopes(node: &Node<'_>, notices: &mut Notices) -> Result<Vec<String>> {
    let scopes = node.texts_at("scopes")?;
    if scopes.is_empty() || node.text_at("scopes_key")?.is_some_and(|key| !key.is_empty()) {
        return Ok(scopes);
    }
    if let Some(node) = node.get("scopes") {
        notices.remark(
            &node,
            "scopes without scopes_key ask for nothing, as in KrakenD: name the claim in scopes_key".to_owned(),
        );
    }
    Ok(Vec::new())
}
