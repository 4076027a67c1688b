//! The key of a request, held against those that its endpoint lets in. No word here tells a key.

use crate::bindings::Context;
use crate::config::{ApiKeys, KeyPlace, Rate};
use crate::http::{Query, Url};

/// What a key has led to.
pub(super) enum Entry {
    /// Its bearer may enter.
    Open,
    /// The same, if there is a token in this key's bucket.
    Counted(Rate, Vec<u8>),
    /// Its bearer may not; why.
    Shut(&'static str),
}

/// What backends are told where an endpoint asks for no role.
const ANY: &str = "ANY";

/// Shows the request's key. The role goes into its headers.
pub(super) fn enter(keys: &ApiKeys, context: &mut Context) -> Entry {
    let shown = match &keys.place {
        KeyPlace::Header(name) => context.headers.get(name).map(|value| without_scheme(value).to_vec()),
        KeyPlace::Query(name) => {
            let query = context.url.as_ref().and_then(|Url { query, .. }| query.as_deref()).unwrap_or_default();
            Query::parse(query.as_bytes()).get(name.as_bytes()).map(<[u8]>::to_vec)
        }
    };
    let Some(shown) = shown.filter(|shown| !shown.is_empty()) else { return Entry::Shut("there is no key") };
    let Some(key) = keys.ring.find(&shown) else { return Entry::Shut("the key is none that is known") };
    let role = match keys.roles.as_slice() {
        [] => ANY,
        roles => match key.roles.iter().find(|role| roles.contains(role)) {
            Some(role) => role,
            None => return Entry::Shut("the key has none of the roles"),
        },
    };
    if let Some(header) = &keys.propagate_role {
        context.headers.set(header, role.as_bytes());
    }
    match keys.rate {
        Some(rate) => Entry::Counted(rate, key.id().to_vec()),
        None => Entry::Open,
    }
}

// The key behind `Bearer `, or the whole.
fn without_scheme(value: &[u8]) -> &[u8] {
    const BEARER: &[u8] = b"bearer ";
    match value.split_at_checked(BEARER.len()) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(BEARER) => key.trim_ascii(),
        _ => value,
    }
}
