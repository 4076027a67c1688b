//! The providers of Envoy's `jwt_authn` that verify tokens: one for each key set and each place of a token. A provider's name
//! is made here and nowhere else: it is also the key of the verified payload in Envoy's metadata.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::keys::KeySource;
use crate::config::digest::digest;

/// A provider of `jwt_authn`, for one place of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The provider's name, and the value of `payload_in_metadata`: it follows from source and place.
    pub name: String,
    /// The source of the keys.
    pub source: KeySource,
    /// The only place where the provider finds the token.
    pub place: Place,
    /// The largest leeway that an endpoint allows: the filter checks smaller ones itself.
    pub max_leeway: Duration,
    /// The time that keys may be kept: the shortest that an endpoint asks for; `None` if no endpoint wants to keep them.
    pub cache: Option<Duration>,
}

/// The place of a token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In this header, in lower case; the token follows `Bearer ` in any case, or stands alone.
    Header(String),
    /// In this cookie.
    Cookie(String),
}

/// A name for source and place, made of letters, digits and `_`.
pub(super) fn name(source: &KeySource, place: &Place) -> String {
    let (kind, place) = match place {
        Place::Header(name) => ("header", name),
        Place::Cookie(name) => ("cookie", name),
    };
    let parts = source.parts().into_iter().chain([kind.to_owned(), place.clone()]);
    let digits = digest(&parts.map(Value::from).collect());
    format!("{kind}_{}", digits.get(..32).unwrap_or(&digits))
}

/// Joins the providers that have the same name.
pub(crate) fn distinct(providers: impl Iterator<Item = Provider>) -> Vec<Provider> {
    let mut known: BTreeMap<String, Provider> = BTreeMap::new();
    for provider in providers {
        let Some(one) = known.get_mut(&provider.name) else {
            known.insert(provider.name.clone(), provider);
            continue;
        };
        one.max_leeway = one.max_leeway.max(provider.max_leeway);
        one.cache = match (one.cache, provider.cache) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    known.into_values().collect()
}
