//! A request of `run` or `test` with a token: either claims that count as verified, or a token that the document's keys verify.

use host_sim::Request;
use lua_modifier::config::{Configuration, KeySource, Match};
use serde_json::{Map, Value};
use tokens::unsigned;

use super::{Fetching, Verification, kept};
use crate::Trouble;
use crate::document::Document;

/// The token of a request.
#[derive(Clone, Debug)]
pub(crate) enum Token {
    /// The claims of a token that counts as verified: nobody has to sign it.
    Claims(Map<String, Value>),
    /// A token as a client would send it.
    Given(String),
}

/// A request with its token, and the messages about that token.
pub(crate) struct Trial {
    pub(crate) request: Request,
    /// The reasons why tokens are not verified.
    pub(crate) notes: Vec<String>,
}

impl Trial {
    /// Puts the token into the header where the request's endpoint looks for it, and verifies the request's tokens.
    pub(crate) fn new(mut request: Request, token: Option<&Token>, document: &Document) -> Result<Self, Trouble> {
        // If the configuration is refused here, the module will refuse it too, and say why.
        let (configuration, _) = document.configuration_behind_front();
        let Ok(configuration) = lua_modifier::config::read(configuration.to_string().as_bytes()) else {
            return Ok(Self { request, notes: Vec::new() });
        };
        let validator = met(&configuration, &request)
            .and_then(|endpoint| configuration.endpoints.get(endpoint)?.validator.as_ref());
        let mut notes = Vec::new();
        if let Some(token) = token {
            let validator = validator.ok_or_else(|| {
                Trouble::new(
                    "the request has a token, and it meets no endpoint with auth/validator: send a header instead",
                )
            })?;
            let text = match token {
                Token::Claims(claims) => unsigned(&validator.alg, some_key(&configuration, &validator.source), claims),
                Token::Given(token) => token.clone(),
            };
            request = request.header(&validator.header_name, format!("Bearer {text}"));
            if let Token::Claims(claims) = token {
                let payloads = Map::from_iter([(validator.header_provider.clone(), claims.clone().into())]);
                let properties = kept(payloads).ok_or_else(|| Trouble::new("claims: a number is too large"))?;
                return Ok(Self { request: properties.into_iter().fold(request, with), notes });
            }
        }
        if configuration.providers().is_empty() {
            return Ok(Self { request, notes });
        }
        let verification = Verification::new(&configuration, document, Fetching::direct())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::new(format!("no thread can be started: {error}")))?;
        let properties = runtime.block_on(verification.verified(&request.headers, &mut |note| notes.push(note)));
        Ok(Self { request: properties.into_iter().fold(request, with), notes })
    }
}

fn with(request: Request, (path, value): (String, Vec<u8>)) -> Request {
    request.property(&path, value)
}

/// The name of a key in the key set, if one is known; else empty.
fn some_key<'c>(configuration: &'c Configuration, source: &KeySource) -> &'c str {
    let known = match source {
        KeySource::File(name) => configuration.plugin.key_ids.get(name).and_then(|names| names.first()),
        KeySource::Url { .. } => None,
    };
    known.map_or("", String::as_str)
}

/// The number of the endpoint that serves a request.
fn met(configuration: &Configuration, request: &Request) -> Option<usize> {
    let part = |name: &str| request.headers.get(name).unwrap_or_default().into_owned();
    match configuration.routes.find(&part(":method"), &part(":path")) {
        Match::Endpoint { index, .. } => Some(index),
        _ => None,
    }
}
