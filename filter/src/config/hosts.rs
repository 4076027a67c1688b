//! Where requests go: a host as it is written, its normal form, and the Envoy cluster that serves it.
//!
//! Knows the rule of `clusters` and `default_cluster`, and nothing of endpoints.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use smol_str::SmolStr;

use super::reader::{Node, Result, quoted};
use crate::http::{UserInfo, without_credentials};

/// One entry of a backend's `host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceHost {
    /// `http` or `https`.
    pub scheme: String,
    /// The credentials in front of the name; only `disable_host_sanitize` and `sources_url` allow them.
    pub user: Option<Box<UserInfo>>,
    /// The name and the port as written, for `:authority`.
    pub authority: String,
    /// The text after the authority, without a slash at its end; only `disable_host_sanitize` and `sources_url` allow it.
    pub base: String,
    /// Scheme, name and port in their normal form: `http://api.internal:80`.
    pub key: String,
    /// The Envoy cluster that serves the host.
    pub cluster: SmolStr,
}

// Hosts with equal keys are nearly always equal: the rest tells them apart, but need not be hashed.
impl Hash for ServiceHost {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// Which Envoy cluster serves a host: the cluster that is named for it; else the default; else the cluster whose name is the
/// authority with its port written out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    /// Clusters by the normal form of a host (`http://api:80`).
    pub named: HashMap<String, String>,
    /// The cluster of every other host.
    pub default: Option<String>,
}

impl Clusters {
    /// The cluster that serves a URL's host.
    pub fn serving(&self, scheme: &str, authority: &str) -> String {
        match normalise(&scheme.to_ascii_lowercase(), authority) {
            Some(key) => self.serving_key(&key),
            None => self.default.clone().unwrap_or_else(|| authority.to_owned()),
        }
    }

    fn serving_key(&self, key: &str) -> String {
        let named = self.named.get(key).or(self.default.as_ref());
        named.cloned().unwrap_or_else(|| key.split_once("://").map_or(key, |(_, authority)| authority).to_owned())
    }
}

impl ServiceHost {
    /// The host as KrakenD writes it in front of a path, with its credentials.
    pub fn url(&self) -> String {
        let user = self.user.as_ref().map(|user| user.written() + "@").unwrap_or_default();
        format!("{}://{user}{}{}", self.scheme, self.authority, self.base)
    }

    pub(super) fn read(node: &Node<'_>, clusters: &Clusters, sanitize: bool) -> Result<Self> {
        let text = node.text()?;
        let told = quoted(&without_credentials(text));
        let wrong = || node.error(format!("{told} is not a host (write it like \"http://name:port\")"));
        let (scheme, authority, base) = split(text).ok_or_else(wrong)?;
        if sanitize && authority.contains('@') {
            return Err(node.error(format!(
                "{told} has credentials: set disable_host_sanitize, without which KrakenD does not start"
            )));
        }
        if sanitize && !base.is_empty() {
            return Err(node.error(format!(
                "{told} has a path: put it in front of the url_pattern, or set disable_host_sanitize"
            )));
        }
        Self::of_parts(&scheme, authority, base, clusters).ok_or_else(wrong)
    }

    /// The host of a URL that a script writes; `None` if the text is no such URL.
    pub fn of_url(url: &str, clusters: &Clusters) -> Option<Self> {
        let (scheme, authority, base) = split(url.split(['?', '#']).next()?)?;
        Self::of_parts(&scheme, authority, base, clusters)
    }

    fn of_parts(scheme: &str, authority: &str, base: &str, clusters: &Clusters) -> Option<Self> {
        let key = normalise(scheme, authority)?;
        let cluster = clusters.serving_key(&key).into();
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(Box::new(UserInfo::parse(user).ok()?)), authority),
            None => (None, authority),
        };
        let (scheme, authority, base) = (scheme.to_owned(), authority.to_owned(), base.to_owned());
        Some(Self { scheme, user, authority, base, key, cluster })
    }
}

/// The normal form of an address in the configuration, such as a key of `clusters`.
pub(super) fn normal_form(text: &str) -> Option<String> {
    let (scheme, authority, base) = split(text)?;
    if base.is_empty() { normalise(&scheme, authority) } else { None }
}

/// The scheme, the authority and the rest; the scheme is `http` if none is written.
fn split(text: &str) -> Option<(String, &str, &str)> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let scheme = scheme.to_ascii_lowercase();
    let (authority, base) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let base = base.trim_end_matches('/');
    (matches!(scheme.as_str(), "http" | "https") && !base.contains(['?', '#'])).then_some((scheme, authority, base))
}

fn normalise(scheme: &str, authority: &str) -> Option<String> {
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // The colons of an IPv6 address stand in brackets.
    let (name, port) = match (authority.strip_suffix(']'), authority.rsplit_once("]:")) {
        (Some(name), _) => (name, None),
        (None, Some((name, port))) => (name, Some(port)),
        (None, None) => authority.split_once(':').map_or((authority, None), |(name, port)| (name, Some(port))),
    };
    let port = match port {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            port.parse::<u16>().ok().filter(|port| *port > 0)?
        }
        Some(_) => return None,
        None if scheme == "https" => 443,
        None => 80,
    };
    let name = name.to_ascii_lowercase();
    let (close, letters, fits): (_, _, fn(&u8) -> bool) =
        match name.strip_prefix('[').filter(|_| authority.contains(']')) {
            Some(address) => ("]", address, |byte| byte.is_ascii_hexdigit() || b":.".contains(byte)),
            None => ("", name.as_str(), |byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte)),
        };
    (!letters.is_empty() && letters.as_bytes().iter().all(fits)).then(|| format!("{scheme}://{name}{close}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_in_their_normal_form() {
        let table = [
            ("api", Some("http://api:80")),
            ("API.internal/", Some("http://api.internal:80")),
            ("HTTPS://Api", Some("https://api:443")),
            ("http://api:8080", Some("http://api:8080")),
            ("https://api:8443/", Some("https://api:8443")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://[::1]", Some("http://[::1]:80")),
            ("http://api/v1", None),
            ("ftp://api", None),
            ("http://[::1", None),
            ("http://[::1]x", None),
            ("http://[abc:80", None),
            ("http://", None),
            ("http://api:0", None),
            ("http://api:99999", None),
            ("http://a b", None),
            ("http://api?x", None),
        ];
        for (text, wanted) in table {
            assert_eq!(normal_form(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn the_host_of_a_url_is_what_stands_in_front_of_its_path() {
        let key = |url: &str| ServiceHost::of_url(url, &Clusters::default()).map(|host| host.key);
        assert_eq!(key("HTTP://Api/v1/x?y=http://other#z").as_deref(), Some("http://api:80"));
        assert_eq!(key("https://api?x").as_deref(), Some("https://api:443"));
        for no_host in ["http://", "http:///x", "http://api:", "http://a b/", "ftp://api/x"] {
            assert_eq!(key(no_host), None, "{no_host}");
        }
    }

    #[test]
    fn a_host_is_served_by_its_named_cluster_else_the_default_else_its_namesake() {
        let mut clusters = Clusters::default();
        assert_eq!(clusters.serving("http", "Api.Internal"), "api.internal:80");
        assert_eq!(clusters.serving("https", "example.com"), "example.com:443");
        clusters.named.insert("http://api.internal:80".to_owned(), "api".to_owned());
        assert_eq!(clusters.serving("HTTP", "API.internal:80"), "api");
        assert_eq!(clusters.serving("https", "api.internal:80"), "api.internal:80");
        clusters.default = Some("dynamic".to_owned());
        assert_eq!(clusters.serving("http", "other"), "dynamic");
        assert_eq!(clusters.serving("http", "api.internal"), "api");
    }
}
