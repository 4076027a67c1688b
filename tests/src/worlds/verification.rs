//! The work of Envoy's `jwt_authn` before the module, for worlds without Envoy: verifies the tokens of a request with the key
//! sets of the case. Knows where tokens are, but not which endpoint asks for them.

use lua_modifier::config::{KeySource, Place, Provider};
use serde_json::{Map, Value, json};
use tokens::{KeySet, keyed, structure};

use crate::cases::plugin_config::{normal, served_files};
use crate::cases::{Addresses, Case, ClientRequest};
use crate::upstreams::{Asked, mock};
use crate::wire::client;

const JWT_AUTHN: &str = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";

/// The providers of a case, each with its keys; `None` if the keys cannot be read.
pub(super) struct Verification(Vec<(Provider, Option<String>)>);

impl Verification {
    /// The providers of the configuration that the module gets. The keys for a URL are those that the upstream would answer
    /// with.
    pub(super) fn new(case: &Case, at: &Addresses, configuration: &str) -> Self {
        let Ok(read) = lua_modifier::config::read(configuration.as_bytes()) else { return Self(Vec::new()) };
        let providers = read.providers().into_iter();
        Self(providers.map(|provider| (provider.clone(), keys(&provider.source, case, at))).collect())
    }

    /// The reason why the command would not start: a file that is not a key set.
    pub(super) fn refusal(&self) -> Option<String> {
        let bad =
            self.0.iter().find(|(provider, keys)| keys.is_none() && matches!(provider.source, KeySource::File(_)));
        bad.map(|_| "a key set (jwk_local_path) cannot be read".to_owned())
    }

    /// The payload that is verified under a provider's name.
    pub(super) fn payload(&self, name: &str, request: &ClientRequest) -> Option<Vec<u8>> {
        let found = self.0.iter().find(|(provider, _)| provider.name == name)?;
        structure(&verified(found, request)?)
    }

    /// All verified payloads, in the form of the stream's metadata.
    pub(super) fn metadata(&self, request: &ClientRequest) -> Option<Vec<u8>> {
        let payloads = self.0.iter().filter_map(|one| Some((one.0.name.clone(), verified(one, request)?.into())));
        let payloads: Map<String, Value> = payloads.collect();
        keyed("envoy.filters.http.jwt_authn", &payloads).filter(|_| !payloads.is_empty())
    }

    /// Envoy's own filter for the tokens, with the key sets in it; `None` if no endpoint asks for tokens.
    pub(super) fn filter(&self) -> Option<Value> {
        let mut providers = Map::new();
        for (provider, keys) in &self.0 {
            // Envoy accepts no set without keys.
            let some = |keys: &&String| KeySet::read(keys.as_bytes()).is_ok_and(|keys| !keys.names().is_empty());
            let Some(keys) = keys.as_ref().filter(some) else { continue };
            let common = json!({
                "payload_in_metadata": provider.name, "forward": true, "clock_skew_seconds": u32::MAX,
                "local_jwks": {"inline_string": keys},
            });
            let with = |key: &str, value: Value| {
                let mut provider = common.clone();
                provider[key] = value;
                provider
            };
            match &provider.place {
                Place::Header(name) => {
                    let behind = json!([{"name": name, "value_prefix": " "}]);
                    providers.insert(provider.name.clone(), with("from_headers", behind));
                    providers.insert(format!("{}_bare", provider.name), with("from_headers", json!([{"name": name}])));
                }
                Place::Cookie(name) => {
                    providers.insert(provider.name.clone(), with("from_cookies", json!([name])));
                }
            }
        }
        let passes = |name: &String| json!({"requires_any": {"requirements": [{"provider_name": name}, {"allow_missing_or_failed": {}}]}});
        let names: Vec<&String> = providers.keys().collect();
        let requirements: Vec<Value> = names.iter().map(|name| passes(name)).collect();
        let rules = json!([{"match": {"prefix": "/"}, "requires": {"requires_all": {"requirements": requirements}}}]);
        let config = json!({"@type": JWT_AUTHN, "providers": providers, "rules": rules});
        (!names.is_empty()).then(|| json!({"name": "envoy.filters.http.jwt_authn", "typed_config": config}))
    }
}

fn verified((provider, keys): &(Provider, Option<String>), request: &ClientRequest) -> Option<Map<String, Value>> {
    let keys = KeySet::read(keys.as_ref()?.as_bytes()).ok()?;
    keys.verify(&token(request, &provider.place)?).ok()
}

fn keys(source: &KeySource, case: &Case, at: &Addresses) -> Option<String> {
    match source {
        KeySource::File(name) => KeySet::plain(served_files(case, at).get(&normal(name))?.as_bytes()).ok(),
        KeySource::Url { url, .. } => {
            let path = url.strip_prefix(&format!("http://{}", at.upstream))?.to_owned();
            let rules: Vec<_> = case.upstream.iter().map(|rule| rule.with_texts(|text| at.fill(text))).collect();
            let asked = Asked { method: "GET".to_owned(), path, headers: Vec::new(), body: Vec::new() };
            let answer = mock::answer(&rules, &asked);
            KeySet::plain(&answer.body).ok().filter(|_| answer.status == 200 && !answer.close)
        }
    }
}

fn token(request: &ClientRequest, place: &Place) -> Option<String> {
    let headers = client::headers(request);
    let values = |name: &str| {
        let named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim().to_owned()).collect::<Vec<String>>()
    };
    match place {
        Place::Header(name) => {
            let values = values(name);
            let [value] = values.as_slice() else { return None };
            let bearer = value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
            Some(if bearer { value[7..].trim() } else { value }.to_owned())
        }
        Place::Cookie(name) => {
            let lines = values("cookie");
            let mut pairs =
                lines.iter().flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(known, _)| known == name).map(|(_, value)| value.to_owned())
        }
    }
}
