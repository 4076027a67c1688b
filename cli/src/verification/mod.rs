//! Tokens without Envoy: verifies the tokens that `jwt_authn` would verify in front of the module, and hands them to the module
//! in the same property as Envoy. `serve` does so for each request, `run` and `test` for the request that they are given.
//!
//! Decides nothing: the module knows which endpoint asks for which token, and what the token must say.

mod fetching;
mod place;
mod provider;
mod trial;

use std::collections::BTreeMap;
use std::time::Instant;

use host_sim::Headers;
use lua_modifier::config::Configuration;
use serde_json::{Map, Value};
use tokens::keyed;

use crate::Trouble;
use crate::document::Document;
use provider::Provider;

pub(crate) use fetching::Fetching;
pub(crate) use trial::{Token, Trial};

/// All providers of a document.
pub(crate) struct Verification {
    providers: Vec<Provider>,
    fetching: Fetching,
    began: Instant,
}

/// Properties that a stream gets for the module, by their paths with dots.
pub(crate) type Properties = BTreeMap<String, Vec<u8>>;

/// Payloads as Envoy stores them: under the filter's name, and there each under its provider's name.
fn kept(payloads: Map<String, Value>) -> Option<Properties> {
    const METADATA: &str = "metadata";
    const JWT_AUTHN: &str = "envoy.filters.http.jwt_authn";
    Some(Properties::from([(METADATA.to_owned(), keyed(JWT_AUTHN, &payloads)?)]))
}

impl Verification {
    /// The providers of a document as the module reads it. A key set that is a file must exist.
    pub(crate) fn new(configuration: &Configuration, document: &Document, fetching: Fetching) -> Result<Self, Trouble> {
        let wrong = |why: String| Trouble::new(format!("{}: {why}", document.path.display()));
        let providers = configuration.providers();
        let providers = providers.into_iter().map(|one| Provider::new(one, &document.key_sets).map_err(wrong));
        Ok(Self { providers: providers.collect::<Result<_, _>>()?, fetching, began: Instant::now() })
    }

    /// A verification without providers, for documents that ask for no tokens.
    pub(crate) fn none() -> Self {
        Self { providers: Vec::new(), fetching: Fetching::direct(), began: Instant::now() }
    }

    /// The payloads of the request's tokens that are verified. `tell` gets the reason why a token is not: that is no error
    /// here, because the mistake is the client's.
    pub(crate) async fn verified(&self, headers: &Headers, tell: &mut (dyn FnMut(String) + Send)) -> Properties {
        let mut payloads = Map::new();
        for provider in &self.providers {
            let Some(token) = place::token(headers, provider.place()) else { continue };
            match provider.verify(&token, self.began, &self.fetching).await {
                Ok(payload) => drop(payloads.insert(provider.name().to_owned(), payload.into())),
                Err(why) => tell(format!("the token of {} is not verified: {why}", place::named(provider.place()))),
            }
        }
        if payloads.is_empty() { Properties::new() } else { kept(payloads).unwrap_or_default() }
    }
}
