//! Finds the address for a request of the module. A cluster of Envoy knows its address and whether it speaks TLS; here both
//! follow from the hosts that the document names. Opens no connection.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use hyper::http::uri::Authority;
use lua_modifier::config::OwnAddress;
use serde_json::Value;

use crate::document::NAMESPACE;

/// A scheme, `http` or `https`, with a host's name and port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) scheme: &'static str,
    name: String,
    port: u16,
}

/// The hosts of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    known: BTreeSet<Origin>,
    clusters: BTreeMap<String, Vec<Origin>>,
    instead: Vec<Instead>,
    /// The gateway's own address as the document gives it, and the address at which the gateway really listens.
    own: Option<(OwnAddress, Origin)>,
}

/// How backends are spoken to.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Ways {
    /// Send what is meant for a host somewhere else, keeping its Host header; may be given several times
    #[arg(long = "backend", value_name = "HOST=URL")]
    instead: Vec<Instead>,
    /// Write header names to backends like X-Name, as KrakenD does, and not like x-name, as Envoy does
    #[arg(long)]
    pub(crate) proper_case: bool,
    /// Where the gateway listens
    #[arg(skip)]
    pub(crate) own: Option<SocketAddr>,
}

/// `--backend HOST=URL`: requests for this host go to another address.
#[derive(Clone, Debug)]
pub(crate) struct Instead {
    host: Origin,
    url: Origin,
}

impl Origin {
    /// Reads an address as KrakenD's documents write it; without a scheme it is `http`.
    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => "http",
            "https" => "https",
            _ => return None,
        };
        Self::of(scheme, rest.split(['/', '?', '#']).next()?)
    }

    fn of(scheme: &'static str, authority: &str) -> Option<Self> {
        let authority = Authority::from_str(authority).ok()?;
        let port = authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        Some(Self { scheme, name: authority.host().to_ascii_lowercase(), port })
    }

    /// The origin at which a gateway that listens here can be reached.
    fn listening(at: SocketAddr) -> Self {
        let name = match at.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            IpAddr::V6(ip) if ip.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        };
        Self { scheme: "http", name, port: at.port() }
    }

    /// The name and port to connect to.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.name, self.port)
    }
}

impl Ways {
    /// Whether any of these options was given.
    pub(crate) fn are_given(&self) -> bool {
        !self.instead.is_empty() || self.proper_case
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Some(text).filter(|text| text.contains("://")).and_then(Self::read);
        url.ok_or_else(|| format!("{text:?} is no address like http://127.0.0.1:10100"))
    }
}

impl FromStr for Instead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not HOST=URL, like shop.internal=http://127.0.0.1:10001");
        let (host, url) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Self { host: Origin::read(host).ok_or_else(wrong)?, url: Origin::read(url).ok_or_else(wrong)? })
    }
}

impl Hosts {
    /// The hosts that a document names: its own, those of backends, and the keys of `clusters`.
    pub(crate) fn new(document: &Value, ways: &Ways) -> Self {
        let own = ways.own.map(|listens| (OwnAddress::of(document), Origin::listening(listens)));
        let mut hosts = Self { instead: ways.instead.clone(), own, ..Self::default() };
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let owners = ["endpoints", "async_agent"].into_iter().flat_map(|key| list(document.get(key)));
        let backends = owners.flat_map(|owner| list(owner.get("backend")));
        let named = backends.flat_map(|backend| list(backend.get("host"))).chain(list(document.get("host")));
        let ours = document.get("extra_config").and_then(|extra| extra.get(NAMESPACE));
        let sources = ours.and_then(|ours| ours.get("sources_url")).cloned();
        hosts.known.extend(named.chain(sources).filter_map(|host| Origin::read(host.as_str()?)));
        let clusters = ours.and_then(|ours| ours.get("clusters")).and_then(Value::as_object);
        for (host, cluster) in clusters.into_iter().flatten() {
            if let (Some(origin), Some(cluster)) = (Origin::read(host), cluster.as_str()) {
                hosts.known.insert(origin.clone());
                hosts.clusters.entry(cluster.to_owned()).or_default().push(origin);
            }
        }
        hosts
    }

    /// The address that a request goes to. A call names its scheme; along the route the cluster decides, as in Envoy.
    pub(crate) fn find(&self, cluster: &str, scheme: Option<&str>, authority: &str) -> Option<Origin> {
        let behind = self.behind(cluster, authority);
        let authority = behind.as_deref().unwrap_or(authority);
        let http = Origin::of("http", authority)?;
        let https = Origin::of("https", authority)?;
        let tls = scheme.map_or_else(|| self.speaks_tls(cluster, &http, &https), |scheme| scheme == "https");
        let origin = if tls { https } else { http };
        let instead = self.instead.iter().find(|instead| instead.host.matches(&origin)).map(|instead| &instead.url);
        let itself = self.own.as_ref().filter(|(own, _)| own.is(origin.scheme, authority)).map(|(_, listens)| listens);
        Some(instead.or(itself).cloned().unwrap_or(origin))
    }

    // The host of a cluster, if the request names a different host: `modifier/martian` may write any `Host`, and Envoy follows
    // the cluster.
    fn behind(&self, cluster: &str, authority: &str) -> Option<String> {
        let is_named = |origin: &Origin| Origin::of(origin.scheme, authority).as_ref() == Some(origin);
        match self.clusters.get(cluster).map(Vec::as_slice) {
            Some(served @ [first, ..]) => (!served.iter().any(is_named)).then(|| first.authority()),
            _ => {
                Authority::from_str(cluster).ok()?.port_u16()?;
                let origins = ["http", "https"].map(|scheme| Origin::of(scheme, authority));
                let is_named = origins.iter().flatten().any(|origin| origin.authority() == cluster);
                (!is_named).then(|| cluster.to_owned())
            }
        }
    }

    fn speaks_tls(&self, cluster: &str, http: &Origin, https: &Origin) -> bool {
        let served = self.clusters.get(cluster).map(Vec::as_slice).unwrap_or_default();
        if served.contains(http) || served.contains(https) {
            return served.contains(https);
        }
        // A cluster without a name in `clusters` has the host's name, always with the port.
        match (cluster == http.authority(), cluster == https.authority()) {
            (true, false) => false,
            (false, true) => true,
            _ => http.port == 443 || self.known.contains(https) && !self.known.contains(http),
        }
    }
}

impl Origin {
    /// Whether this is the same host. A host with port 80 also matches its port 443.
    fn matches(&self, other: &Self) -> bool {
        self.name == other.name && (self.port == other.port || (self.port == 80 && other.port == 443))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_goes_where_its_host_is_and_with_tls_where_the_document_says_https() {
        let document = json!({
            "endpoints": [{"backend": [
                {"host": ["https://secure.test"]}, {"host": ["https://odd.test:8443"]}, {"host": ["plain.test:8080/"]},
            ]}],
            "extra_config": {"envoy/lua-modifier": {"clusters": {
                "https://named.test": "named", "http://both.test": "plain", "https://both.test": "tls",
            }}},
        });
        let instead = vec!["moved.test=http://127.0.0.1:7".parse().unwrap()];
        let hosts = Hosts::new(&document, &Ways { instead, proper_case: false, own: None });
        let table = [
            ("secure.test:443", None, "secure.test", "https secure.test:443"),
            ("odd.test:8443", None, "odd.test:8443", "https odd.test:8443"),
            ("plain.test:8080", None, "plain.test:8080", "http plain.test:8080"),
            ("other.test:443", None, "other.test:443", "https other.test:443"),
            ("other.test:80", None, "other.test", "http other.test:80"),
            ("named", None, "named.test", "https named.test:443"),
            ("named", None, "other.test", "https named.test:443"),
            ("plain.test:8080", None, "other.test", "http plain.test:8080"),
            ("plain", None, "both.test", "http both.test:80"),
            ("tls", None, "both.test", "https both.test:443"),
            ("by_default", None, "secure.test", "https secure.test:443"),
            ("by_default", None, "unknown.test", "http unknown.test:80"),
            ("any", Some("https"), "unknown.test:9", "https unknown.test:9"),
            ("any", Some("http"), "secure.test", "http secure.test:80"),
            ("any", Some("http"), "[::1]:9", "http [::1]:9"),
            ("any", Some("http"), "Moved.test", "http 127.0.0.1:7"),
            ("any", Some("https"), "moved.test", "http 127.0.0.1:7"),
        ];
        for (cluster, scheme, authority, wanted) in table {
            let origin = hosts.find(cluster, scheme, authority).unwrap();
            assert_eq!(format!("{} {}", origin.scheme, origin.authority()), wanted, "{cluster} {authority}");
        }
        assert_eq!(hosts.find("any", None, "no host"), None);
        assert!("shop.internal".parse::<Instead>().is_err());
    }

    #[test]
    fn the_gateways_own_address_leads_to_where_it_listens_unless_it_is_sent_elsewhere() {
        let found = |port: u16, listens: &str, instead: &[&str], authority: &str| {
            let instead = instead.iter().map(|instead| instead.parse().unwrap()).collect();
            let ways = Ways { instead, proper_case: false, own: listens.parse().ok() };
            Hosts::new(&json!({"port": port}), &ways).find(authority, None, authority).unwrap().authority()
        };
        assert_eq!(found(8080, "127.0.0.1:9", &[], "localhost:8080"), "127.0.0.1:9");
        assert_eq!(found(80, "0.0.0.0:9", &[], "localhost"), "127.0.0.1:9");
        assert_eq!(found(8080, "[::]:9", &[], "[::1]:8080"), "[::1]:9");
        assert_eq!(found(8080, "127.0.0.1:9", &[], "localhost:8081"), "localhost:8081");
        assert_eq!(found(8080, "127.0.0.1:9", &["localhost:8080=http://127.0.0.1:7"], "localhost:8080"), "127.0.0.1:7");
    }
}
