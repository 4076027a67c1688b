//! The namespaces that protect and that this filter enforces, unless `ignore` names them.

use super::long_list::LongList;
use super::migration;
use super::namespaces::{API_KEYS, BOTS, ROUTER_RATE, VALIDATOR, namespace};
use super::notices::Notices;
use super::plugin::Plugin;
use super::reader::{Node, Result};

/// A block that protects, unless it is ignored; a remark then says that this filter does not enforce it.
pub(super) fn protection_at<'b>(extra: &'b Node<'_>, name: &'static str, notices: &mut Notices) -> Option<Node<'b>> {
    let found = unless_ignored(extra, name, notices.ignored());
    if let (None, Some(node)) = (&found, namespace(extra, name)) {
        let instead = match name {
            VALIDATOR => "this filter decides by the tokens that Envoy verifies",
            _ => "this filter enforces it",
        };
        let what = format!("{name} is in ignore, and is not enforced here: take it out of there, and {instead}");
        notices.remark(&node, what);
    }
    found
}

/// Does an endpoint have a protection that a request along Envoy's own routes would not meet?
///
/// # Errors
/// The document is no JSON.
pub(super) fn has_protected_endpoints(endpoints: &LongList<'_>, plugin: &Plugin) -> Result<bool> {
    for endpoint in endpoints.values() {
        let endpoint = endpoint?;
        let extra = Node::root(&endpoint).get("extra_config").map(|extra| {
            [VALIDATOR, API_KEYS, ROUTER_RATE, BOTS]
                .iter()
                .any(|name| unless_ignored(&extra, name, &plugin.ignore).is_some())
        });
        if extra == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The value of a namespace, unless it is ignored; adds no remark.
pub(super) fn unless_ignored<'b>(extra: &'b Node<'_>, name: &'static str, ignored: &[String]) -> Option<Node<'b>> {
    let written = migration::old_names(name).find(|old| extra.get(name).is_none() && extra.get(old).is_some());
    let names = [name, written.unwrap_or(name)];
    let is_ignored = ignored.iter().any(|ignored| names.contains(&ignored.as_str()));
    namespace(extra, name).filter(|_| !is_ignored)
}
