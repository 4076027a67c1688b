//! The part that verifies tokens in front of the filter: a provider of Envoy's `jwt_authn` for each key set and each way in
//! which a token comes, and the key sets that are files. The configuration says which providers there are, and how they are
//! named.
//!
//! A provider has exactly one place for a token: Envoy demands that all tokens of a provider are good, and a client may send
//! several.

use std::collections::BTreeSet;
use std::time::Duration;

use ::tokens::KeySet;
use lua_modifier::config::{Clusters, Configuration, KeySource, Place, Plugin, ServiceHost};
use serde::Serialize;

use super::super::Trouble;
use super::super::document::Document;

/// A shorter time makes Envoy take its own default.
const SHORTEST_SKEW: u64 = 60;
/// Keys are fetched again after so many seconds: by then a new key is known, and a withdrawn key is forgotten.
const KEPT: u64 = 60;
/// The same time for documents in which KrakenD keeps no keys at all.
const BARELY_KEPT: u64 = 10;
/// Envoy's main thread fetches keys so many seconds before they run out. Keys that a worker fetched itself, because a request
/// came first, run out; without these seconds they would do so while the main thread is still fetching.
const AHEAD: u64 = 5;

/// All providers of a configuration, and the files that they read.
#[derive(Serialize)]
pub(super) struct Tokens {
    providers: Vec<Provider>,
    /// Is there more than one provider? Envoy accepts no list with one entry.
    several: bool,
    #[serde(skip)]
    pub(super) files: Vec<KeyFile>,
    #[serde(skip)]
    pub(super) servers: Vec<KeyServer>,
    #[serde(skip)]
    pub(super) warnings: Vec<String>,
}

#[derive(Serialize)]
struct Provider {
    name: String,
    /// The key of the payload in the metadata.
    key: String,
    skew: u64,
    header: Option<String>,
    cookie: Option<String>,
    /// The token stands behind `Bearer `, and not alone.
    behind_a_scheme: bool,
    /// The path of the key set's file, as Envoy sees it; none if the key set is fetched.
    file: Option<String>,
    uri: Option<String>,
    cluster: Option<String>,
    /// Envoy's `cache_duration`, in seconds.
    cache_duration: u64,
}

/// A key set, as a file beside Envoy's configuration. It may be a secret.
pub(super) struct KeyFile {
    pub(super) name: String,
    pub(super) text: String,
}

/// A server of key sets that needs a cluster.
pub(super) struct KeyServer {
    pub(super) cluster: String,
    pub(super) host: ServiceHost,
    pub(super) unchecked: bool,
    pub(super) authority: Option<String>,
}

impl Tokens {
    /// None if no endpoint asks for a token. Envoy sees key sets in the folder `seen`. With `dated`, a file that changes gets
    /// another name, because Envoy reads each file once.
    pub(super) fn new(
        configuration: &Configuration,
        document: &Document,
        seen: &str,
        dated: bool,
    ) -> Result<Option<Self>, Trouble> {
        let mut made = Self {
            providers: Vec::new(),
            several: false,
            files: Vec::new(),
            servers: Vec::new(),
            warnings: Vec::new(),
        };
        let mut files: Vec<(String, String)> = Vec::new();
        for one in configuration.providers() {
            let (mut file, mut uri, mut cluster) = (None, None, None);
            match &one.source {
                KeySource::File(name) => {
                    if document.key_sets.is_empty(name) {
                        // Envoy takes no empty key set, and the filter refuses every client whose token was not verified.
                        made.warn(format!("the key set {name} has no keys: whoever needs a token of it gets 401"));
                        continue;
                    }
                    let known = files.iter().find(|(known, _)| known == name).map(|(_, written)| written.clone());
                    let written = match known {
                        Some(written) => written,
                        None => made.copy(name, document, dated)?,
                    };
                    files.push((name.clone(), written.clone()));
                    file = Some(format!("{seen}/{written}"));
                }
                KeySource::Url { url, checks_certificate, ca } => {
                    cluster = Some(made.serve(url, !checks_certificate, ca.as_deref(), &configuration.plugin)?);
                    uri = Some(url.clone());
                }
            }
            let (header, cookie) = match one.place {
                Place::Header(name) => (Some(name), None),
                Place::Cookie(name) => (None, Some(name)),
            };
            let kept = one.cache.map_or(BARELY_KEPT, |kept| kept.as_secs().clamp(1, KEPT));
            let ways: &[(bool, &str)] = if header.is_some() { &[(true, ""), (false, "_bare")] } else { &[(false, "")] };
            for (behind_a_scheme, suffix) in ways {
                made.providers.push(Provider {
                    name: format!("{}{suffix}", one.name),
                    key: one.name.clone(),
                    skew: skew(one.max_leeway),
                    header: header.clone(),
                    cookie: cookie.clone(),
                    behind_a_scheme: *behind_a_scheme,
                    file: file.clone(),
                    uri: uri.clone(),
                    cluster: cluster.clone(),
                    cache_duration: kept.saturating_add(AHEAD),
                });
            }
        }
        made.several = made.providers.len() > 1;
        Ok(Some(made).filter(|made| !made.providers.is_empty()))
    }

    /// Adds a key set to the files, and returns the name of its file.
    fn copy(&mut self, name: &str, document: &Document, dated: bool) -> Result<String, Trouble> {
        let wrong = |why: String| Trouble::new(format!("{}: {why}", document.path.display()));
        let text = document.key_sets.text(name).map_err(wrong)?;
        let text = KeySet::plain(text.as_bytes()).map_err(|why| wrong(format!("the key set {name}: {why}")))?;
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        let stem = std::path::Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
        let mut stem: String = stem.chars().map(plain).collect();
        if dated {
            stem += &format!("-{}", document.key_sets.changed(name));
        }
        let taken: BTreeSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        let names =
            (1..).map(|number| if number == 1 { format!("{stem}.json") } else { format!("{stem}-{number}.json") });
        let name = names.into_iter().find(|name| !taken.contains(name.as_str())).unwrap_or_default();
        self.files.push(KeyFile { name: name.clone(), text });
        Ok(name)
    }

    /// The cluster of a server of key sets: the cluster that `clusters` names for it, else a separate one, because backends'
    /// clusters have other rules for certificates.
    fn serve(&mut self, url: &str, unchecked: bool, ca: Option<&str>, plugin: &Plugin) -> Result<String, Trouble> {
        let host = |clusters: &Clusters| {
            ServiceHost::of_url(url, clusters).ok_or_else(|| Trouble::new(format!("jwk_url: {url} is no URL")))
        };
        let (alone, served) = (host(&Clusters::default())?, host(&plugin.clusters)?);
        if served.cluster != alone.cluster && Some(served.cluster.as_str()) != plugin.clusters.default.as_deref() {
            return Ok(served.cluster.into());
        }
        let tls = alone.key.starts_with("https:");
        let (unchecked, authority) = (tls && unchecked, ca.filter(|_| tls && !unchecked).map(str::to_owned));
        if unchecked {
            self.warn(format!(
                "{url}: the server's certificate is not checked, as disable_jwk_security asks for: whoever is between \
                 Envoy and it can hand out keys of his own"
            ));
        }
        if !tls {
            self.warn(format!(
                "{url}: keys are fetched without TLS: whoever is between Envoy and it can hand out keys of his own"
            ));
        }
        let known = self.servers.iter().find(|server| {
            server.host.key == alone.key && server.unchecked == unchecked && server.authority == authority
        });
        if let Some(server) = known {
            return Ok(server.cluster.clone());
        }
        let others = self.servers.iter().filter(|server| server.host.cluster == alone.cluster).count();
        let number = if others == 0 { String::new() } else { format!("{}", others.saturating_add(1)) };
        let cluster = format!("keys{number}.{}", alone.cluster);
        self.servers.push(KeyServer { cluster: cluster.clone(), host: alone, unchecked, authority });
        Ok(cluster)
    }

    fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

// The skew in whole seconds, at least as long as any endpoint allows.
fn skew(leeway: Duration) -> u64 {
    let whole = leeway.as_secs().saturating_add(u64::from(leeway.subsec_nanos() > 0));
    whole.clamp(SHORTEST_SKEW, u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::{Reading, Written};

    fn tokens(blocks: &[&str]) -> Tokens {
        let endpoints: Vec<String> = blocks
            .iter()
            .enumerate()
            .map(|(number, block)| {
                format!(
                    r#"{{"endpoint": "/{number}", "backend": [{{"host": ["http://api"], "url_pattern": "/"}}],
                        "extra_config": {{"auth/validator": {block}}}}}"#
                )
            })
            .collect();
        let text = format!(r#"{{"version": 3, "endpoints": [{}]}}"#, endpoints.join(","));
        let written = Written::json(Path::new("krakend.json"), text.clone());
        let json = serde_json::from_str(&text).unwrap();
        let document = Document::new(written, json, &Reading::default(), Path::new(""));
        let configuration = lua_modifier::config::read(text.as_bytes()).unwrap();
        Tokens::new(&configuration, &document, "/keys", false).unwrap().unwrap()
    }

    #[test]
    fn each_key_set_and_each_way_of_a_token_is_a_provider() {
        let made = tokens(&[
            r#"{"alg": "RS256", "jwk_url": "https://a.test/keys", "leeway": "90s"}"#,
            r#"{"alg": "ES256", "jwk_url": "https://a.test/keys", "cache": true, "cache_duration": 3600}"#,
            r#"{"alg": "RS256", "jwk_url": "https://a.test/keys", "auth_header_name": "X-Token", "cookie_key": "jwt"}"#,
            r#"{"alg": "RS256", "jwk_url": "https://b.test/keys", "disable_jwk_security": true}"#,
        ]);
        let shown = |provider: &Provider| {
            let place = provider.header.as_ref().or(provider.cookie.as_ref()).unwrap();
            let scheme = if provider.behind_a_scheme { " behind a scheme" } else { "" };
            let uri = provider.uri.as_deref().unwrap();
            format!("{place}{scheme} {uri} {} {}", provider.skew, provider.cache_duration)
        };
        let mut all: Vec<String> = made.providers.iter().map(shown).collect();
        all.sort();
        assert_eq!(
            all,
            [
                "access_token https://a.test/keys 90 65",
                "access_token https://b.test/keys 60 15",
                "authorization behind a scheme https://a.test/keys 90 65",
                "authorization behind a scheme https://b.test/keys 60 15",
                "authorization https://a.test/keys 90 65",
                "authorization https://b.test/keys 60 15",
                "jwt https://a.test/keys 60 15",
                "x-token behind a scheme https://a.test/keys 60 15",
                "x-token https://a.test/keys 60 15",
            ]
        );
        let clusters: Vec<(&str, bool)> =
            made.servers.iter().map(|one| (one.cluster.as_str(), one.unchecked)).collect();
        assert_eq!(clusters.len(), 2);
        assert!(clusters.contains(&("keys.a.test:443", false)) && clusters.contains(&("keys.b.test:443", true)));
        assert_eq!(made.warnings.len(), 1);
    }
}
