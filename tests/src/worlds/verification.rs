//! What Envoy's `jwt_authn` does in front of the module, in worlds without Envoy: the tokens of a request, verified by the key
//! sets of the case. Knows where tokens are, and nothing of who asks for them.

use lua_modifier::config::{KeySource, Place, Provider};
use tokens::{KeySet, structure};

use crate::cases::plugin_config::{normal, served_files};
use crate::cases::{Addresses, Case, ClientRequest};
use crate::upstreams::{Asked, mock};
use crate::wire::client;

/// The providers of a case, each with its keys; none where its keys cannot be had.
pub(super) struct Verification(Vec<(Provider, Option<KeySet>)>);

impl Verification {
    /// Those of the configuration that the module is given. Key sets behind a URL are those that the upstream would answer.
    pub(super) fn new(case: &Case, at: &Addresses, configuration: &str) -> Self {
        let Ok(read) = lua_modifier::config::read(configuration.as_bytes()) else { return Self(Vec::new()) };
        let providers = read.providers().into_iter();
        Self(providers.map(|provider| (provider.clone(), keys(&provider.source, case, at))).collect())
    }

    /// The payload that is verified under a provider's name.
    pub(super) fn payload(&self, name: &str, request: &ClientRequest) -> Option<Vec<u8>> {
        let (provider, keys) = self.0.iter().find(|(provider, _)| provider.name == name)?;
        let payload = keys.as_ref()?.verify(&token(request, &provider.place)?).ok()?;
        structure(&payload)
    }

    /// The names of all providers.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(provider, _)| provider.name.as_str())
    }
}

fn keys(source: &KeySource, case: &Case, at: &Addresses) -> Option<KeySet> {
    match source {
        KeySource::File(name) => KeySet::read(served_files(case, at).get(&normal(name))?.as_bytes()).ok(),
        KeySource::Url { url, .. } => {
            let path = url.strip_prefix(&format!("http://{}", at.upstream))?.to_owned();
            let rules: Vec<_> = case.upstream.iter().map(|rule| rule.with_texts(|text| at.fill(text))).collect();
            let asked = Asked { method: "GET".to_owned(), path, headers: Vec::new(), body: Vec::new() };
            let answer = mock::answer(&rules, &asked);
            KeySet::read(&answer.body).ok().filter(|_| answer.status == 200 && !answer.close)
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
