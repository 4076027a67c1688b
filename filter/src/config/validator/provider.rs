//! Who verifies tokens: a provider of Envoy's `jwt_authn` for each key set and each place of a token. Its name is made here, and
//! nowhere else: it is the key of the verified payload in Envoy's metadata, too.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::keys::KeySource;
use crate::config::digest::digest;

/// A provider of `jwt_authn`, for one place of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name, and that of `payload_in_metadata`: it follows from source and place.
    pub name: String,
    /// Where its keys are.
    pub source: KeySource,
    /// Where it finds the token, and nowhere else.
    pub place: Place,
    /// The largest leeway that an endpoint allows: what is less is checked by the filter.
    pub max_leeway: Duration,
    /// For how long keys may be kept: the shortest that an endpoint asks for; none: no endpoint wants them kept.
    pub cache: Option<Duration>,
}

/// Where a token is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In this header, in lower case, behind `Bearer ` in any case or bare.
    Header(String),
    /// In this cookie.
    Cookie(String),
}

/// A name for source and place, of letters, digits and `_`.
pub(super) fn name(source: &KeySource, place: &Place) -> String {
    let (kind, place) = match place {
        Place::Header(name) => ("header", name),
        Place::Cookie(name) => ("cookie", name),
    };
    let parts = source.parts().into_iter().chain([kind.to_owned(), place.clone()]);
    let digits = digest(&parts.map(Value::from).collect());
    format!("{kind}_{}", digits.get(..32).unwrap_or(&digits))
}

/// The distinct ones of many.
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
