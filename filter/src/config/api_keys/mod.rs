//! `auth/api-keys`: the keys that the service knows, and which of them an endpoint lets in. What KrakenD's documentation and schema
//! say: its Enterprise Edition is not open.

mod ring;
mod secret;

use std::sync::Arc;

use super::migration;
use super::namespaces::API_KEYS;
use super::notices::Notices;
use super::rate::Rate;
use super::reader::{Node, Result, quoted};
use crate::http::is_token;

pub use ring::{KeyRing, KnownKey};

/// What an endpoint asks of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeys {
    /// Where a request has its key.
    pub place: KeyPlace,
    /// All keys.
    pub ring: Arc<KeyRing>,
    /// A key must have one of these; empty: every known key is good.
    pub roles: Vec<String>,
    /// The header, in lower case, that tells backends of the role.
    pub propagate_role: Option<String>,
    /// How often one key may be used.
    pub rate: Option<Rate>,
}

/// Where a request has its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In this header, whose name is in lower case.
    Header(String),
    /// In this parameter of the query.
    Query(String),
}

/// What the service says for all endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    ring: Arc<KeyRing>,
    is_query: bool,
    identifier: Option<String>,
    propagate_role: Option<String>,
}

/// The block of the service.
pub(super) fn read_service(node: &Node<'_>, notices: &mut Notices) -> Result<Declared> {
    notices.check_keys(node, migration::KEY_RING)?;
    let propagate_role = match node.get("propagate_role").filter(|header| !header.is_idle()) {
        None => None,
        Some(header) => Some(header_name(&header)?),
    };
    let (is_query, identifier) = (is_query(node)?.unwrap_or(false), identifier(node)?);
    Ok(Declared { ring: Arc::new(ring::read(node, notices)?), is_query, identifier, propagate_role })
}

/// The block of an endpoint, which stands in `of`.
pub(super) fn read(
    node: &Node<'_>,
    of: &Node<'_>,
    declared: Option<&Declared>,
    notices: &mut Notices,
) -> Result<ApiKeys> {
    notices.check_keys(node, migration::KEY_DOOR)?;
    let Some(declared) = declared else {
        return Err(node.error(format!("there are no keys: {API_KEYS} in extra_config of the service declares them")));
    };
    let Some(list) = node.get("roles") else {
        return Err(node.error_at("roles", "is missing: the roles that are let in, or [] for every key"));
    };
    let roles = list.texts()?;
    for role in roles.iter().filter(|role| !declared.ring.has_role(role)) {
        notices.warn(&list, format!("no key has the role {}", quoted(role)));
    }
    let is_query = is_query(node)?.unwrap_or(declared.is_query);
    let place = match (is_query, identifier(node)?.or_else(|| declared.identifier.clone())) {
        (true, name) => KeyPlace::Query(name.unwrap_or_else(|| "key".to_owned())),
        (false, None) => KeyPlace::Header("authorization".to_owned()),
        (false, Some(name)) if is_token(&name) => KeyPlace::Header(name.to_ascii_lowercase()),
        (false, Some(name)) => {
            return Err(node.error_at("identifier", format!("{} is not the name of a header", quoted(&name))));
        }
    };
    let rate = match node.get("client_max_rate") {
        None => None,
        Some(rate) => match rate.number()? {
            below if below < 0.0 => return Err(rate.error("must be 0 or more")),
            0.0 => None,
            per_second => Some(Rate::new(per_second, per_second as u64, of, "key")),
        },
    };
    let ring = Arc::clone(&declared.ring);
    Ok(ApiKeys { place, ring, roles, propagate_role: declared.propagate_role.clone(), rate })
}

fn is_query(node: &Node<'_>) -> Result<Option<bool>> {
    let Some(strategy) = node.get("strategy") else { return Ok(None) };
    match strategy.text()? {
        "header" => Ok(Some(false)),
        "query_string" => Ok(Some(true)),
        other => Err(strategy.error(format!("unknown strategy {} (known: header, query_string)", quoted(other)))),
    }
}

fn identifier(node: &Node<'_>) -> Result<Option<String>> {
    Ok(node.text_at("identifier")?.filter(|name| !name.is_empty()))
}

fn header_name(node: &Node<'_>) -> Result<String> {
    match node.text()? {
        name if is_token(name) => Ok(name.to_ascii_lowercase()),
        other => Err(node.error(format!("{} is not the name of a header", quoted(other)))),
    }
}
