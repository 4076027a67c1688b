//! The claims of a token that `auth/validator` names: those with roles and scopes, and those that become headers. Knows no
//! token.

use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, quoted};
use crate::http::is_token;

/// The keys that lead to a claim, from the outermost; at least one.
pub type ClaimPath = Vec<String>;

/// A claim that becomes a header of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Propagation {
    /// The path to the claim.
    pub claim: ClaimPath,
    /// The header, in lower case.
    pub header: String,
}

/// The number of scopes that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopesMatcher {
    /// One scope is enough.
    Any,
    /// All scopes must be there.
    All,
}

impl ScopesMatcher {
    pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<Self> {
        let Some(node) = node.get("scopes_matcher") else { return Ok(Self::Any) };
        match node.text()? {
            "all" => return Ok(Self::All),
            "any" | "" => {}
            other => notices
                .remark(&node, format!("{} is no matcher: one of the scopes is enough, as in KrakenD", quoted(other))),
        }
        Ok(Self::Any)
    }
}

pub(super) fn roles_path(node: &Node<'_>) -> Result<ClaimPath> {
    let key = node.text_at("roles_key")?.filter(|key| !key.is_empty()).unwrap_or_else(|| "roles".to_owned());
    Ok(if node.flag_at("roles_key_is_nested")? && !key.starts_with("http") { nested(&key) } else { vec![key] })
}

pub(super) fn scopes_path(node: &Node<'_>) -> Result<ClaimPath> {
    Ok(nested(&node.text_at("scopes_key")?.unwrap_or_default()))
}

pub(super) fn propagations_at(node: &Node<'_>) -> Result<Vec<Propagation>> {
    let Some(list) = node.get("propagate_claims") else { return Ok(Vec::new()) };
    list.items()?.map(|pair| propagation(&pair)).collect()
}

fn propagation(pair: &Node<'_>) -> Result<Propagation> {
    let [claim, header] = <[String; 2]>::try_from(pair.texts()?)
        .map_err(|_| pair.error("must be the name of a claim and the name of a header, as in [\"sub\", \"X-User\"]"))?;
    if !is_token(&header) {
        return Err(pair.error(format!("{} is not the name of a header", quoted(&header))));
    }
    let claim = if claim.starts_with("http") { vec![claim] } else { nested(&claim) };
    Ok(Propagation { claim, header: header.to_ascii_lowercase() })
}

fn nested(key: &str) -> ClaimPath {
    key.split('.').map(str::to_owned).collect()
}
