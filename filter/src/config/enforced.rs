//! `enforced_by_envoy`: the protecting blocks that `bundle` has carried over to Envoy's own filters, each with its digest at
//! that time. Knows no block.

use super::reader::{Node, Result, listed, quoted};

/// A block that Envoy enforces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforced {
    /// Its name today: `security/http`.
    pub namespace: String,
    /// Where it stands in the document: `$.extra_config["security/http"]`.
    pub path: String,
    /// The [`digest`](super::digest) of the block.
    pub digest: String,
}

const KEYS: [&str; 3] = ["namespace", "path", "digest"];

/// Reads the list in the filter's own namespace.
pub(super) fn read(list: &Node<'_>) -> Result<Vec<Enforced>> {
    list.items()?.map(|item| read_one(&item)).collect()
}

fn read_one(item: &Node<'_>) -> Result<Enforced> {
    if let Some((_, child)) = item.entries()?.find(|(key, _)| !KEYS.contains(key)) {
        return Err(child.error(format!("unknown key (known: {})", listed(KEYS))));
    }
    let text = |key: &str| match item.text_at(key)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(item.error_at(
            key,
            format!("is missing: each entry has {}", listed(KEYS.map(quoted).iter().map(String::as_str))),
        )),
    };
    Ok(Enforced { namespace: text("namespace")?, path: text("path")?, digest: text("digest")? })
}
