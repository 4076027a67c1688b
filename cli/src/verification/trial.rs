//! A request of `run` or `test` that says whose token it carries: claims that count as verified, or a token that is verified
//! by the document's keys.

use host_sim::Request;
use lua_modifier::config::{Configuration, KeySource, Match};
use serde_json::{Map, Value};
use tokens::unsigned;

use super::{Fetching, Verification, kept};
use crate::Trouble;
use crate::document::Document;

/// What a request says.
#[derive(Clone, Debug)]
pub(crate) enum Token {
    /// The claims of a token that is verified: nobody has to sign one.
    Claims(Map<String, Value>),
    /// A token as a client would send it.
    Given(String),
}

/// A request with its token, and what there is to tell of it.
pub(crate) struct Trial {
    pub(crate) request: Request,
    /// Why a token is not verified.
    pub(crate) notes: Vec<String>,
}

impl Trial {
    /// Puts the token where the endpoint that the request meets looks for it, and verifies what it carries.
    pub(crate) fn new(mut request: Request, token: Option<&Token>, document: &Document) -> Result<Self, Trouble> {
        // What the module refuses is told by the module.
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

/// The name of a key: one that the set has, where it is known.
fn some_key<'c>(configuration: &'c Configuration, source: &KeySource) -> &'c str {
    let known = match source {
        KeySource::File(name) => configuration.plugin.key_ids.get(name).and_then(|names| names.first()),
        KeySource::Url { .. } => None,
    };
    known.map_or("", String::as_str)
}

/// The endpoint that a request meets.
fn met(configuration: &Configuration, request: &Request) -> Option<usize> {
    let part = |name: &str| request.headers.get(name).unwrap_or_default().into_owned();
    match configuration.routes.find(&part(":method"), &part(":path")) {
        Match::Endpoint { index, .. } => Some(index),
        _ => None,
    }
}
