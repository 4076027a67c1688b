//! The source of the keys of tokens: a key set at a URL, or in a file. Knows no key, and fetches none.

use std::time::Duration;

use crate::config::hosts::{Clusters, ServiceHost};
use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, quoted};

/// A key set (JWKS).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeySource {
    /// At a URL.
    Url {
        /// The URL as written: `https://issuer.test/keys`.
        url: String,
        /// Whether the server's certificate is checked; `disable_jwk_security` turns that off.
        checks_certificate: bool,
        /// A file of authorities that are trusted in addition to the system's.
        ca: Option<String>,
    },
    /// In a file, by its name as written.
    File(String),
}

const DEFAULT_CACHE: Duration = Duration::from_secs(15 * 60); // KrakenD's

impl KeySource {
    pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<Self> {
        let text = |key: &str| Ok(node.text_at(key)?.filter(|text| !text.is_empty()));
        let (url, file, ca) = (text("jwk_url")?, text("jwk_local_path")?, text("jwk_local_ca")?);
        let is_lax = node.flag_at("disable_jwk_security")?;
        if !is_lax && !url.as_ref().is_some_and(|url| url.starts_with("https://")) {
            return Err(node.error_at(
                "jwk_url",
                "must begin with \"https://\", or disable_jwk_security must be true, also beside jwk_local_path: otherwise KrakenD \
                 answers every request with 401",
            ));
        }
        if let Some(file) = file {
            return Ok(Self::File(file));
        }
        let (Some(url), Some(at)) = (url, node.get("jwk_url")) else {
            return Err(node.error_at("jwk_url", "is missing: name the key set, by jwk_url or jwk_local_path"));
        };
        if ServiceHost::of_url(&url, &Clusters::default()).is_none_or(|host| host.user.is_some())
            || !url.contains("://")
        {
            return Err(at.error(format!("{} is not a URL (write it like \"https://name/keys\")", quoted(&url))));
        }
        if is_lax {
            let what = if url.starts_with("https://") {
                "the certificate of the server of keys is not checked, as disable_jwk_security says: whoever can stand between may give keys of his own"
            } else {
                "keys come without TLS, as disable_jwk_security allows: whoever can stand between may give keys of his own"
            };
            notices.remark(&at, what.to_owned());
        }
        Ok(Self::Url { url, checks_certificate: !is_lax, ca })
    }

    /// The parts that make the source different from any other.
    pub(super) fn parts(&self) -> Vec<String> {
        match self {
            Self::File(path) => vec!["file".to_owned(), path.clone()],
            Self::Url { url, checks_certificate, ca } => {
                let checks = if *checks_certificate { "checked" } else { "unchecked" };
                vec!["url".to_owned(), url.clone(), checks.to_owned(), ca.clone().unwrap_or_default()]
            }
        }
    }
}

/// The time that keys are kept.
pub(super) fn cache(node: &Node<'_>, source: &KeySource) -> Result<Option<Duration>> {
    let duration = node.get("cache_duration").map(|seconds| seconds.count()).transpose()?.unwrap_or_default();
    let is_kept = node.flag_at("cache")?;
    match (source, node.get("cache")) {
        (KeySource::File(_), Some(cache)) if is_kept => {
            Err(cache.error("cannot stand beside jwk_local_path: KrakenD does not start (remove one of them)"))
        }
        _ if !is_kept => Ok(None),
        _ if duration == 0 => Ok(Some(DEFAULT_CACHE)),
        _ => Ok(Some(Duration::from_secs(duration))),
    }
}
