//! The clusters that a configuration and its scripts need: their names and the hosts that they lead to.
//!
//! The filter has the rule for which cluster serves which host, and is asked for it. Knows nothing of how a cluster is written
//! down.

use std::net::IpAddr;

use lua_modifier::config::{Clusters, Configuration, KeySource, ServiceHost};
use serde::Serialize;

use super::super::Trouble;
use super::super::document::Document;
use super::breakers::{self, Outliers};
use super::detours::Detour;
use super::tokens::KeyServer;
use super::urls;

/// One of Envoy's clusters.
#[derive(Debug, Serialize, PartialEq)]
pub(super) struct Cluster {
    pub(super) name: String,
    /// The hosts that the cluster leads to; none for a dynamic cluster.
    pub(super) hosts: Vec<Place>,
    /// The hosts are looked up by DNS.
    pub(super) by_name: bool,
    pub(super) tls: bool,
    /// The name that the certificate must have; none if it depends on the request.
    pub(super) sni: Option<String>,
    pub(super) sni_is_address: bool,
    /// Serves every host that has no cluster of its own.
    pub(super) dynamic: bool,
    /// The host's certificate is not checked.
    pub(super) unchecked: bool,
    /// A file of the authorities that the certificate must come from, if these are not the system's.
    pub(super) authority: Option<String>,
    /// When a host that fails gets no requests for a time.
    pub(super) outliers: Option<Outliers>,
}

/// One host of a cluster.
#[derive(Debug, Serialize, PartialEq)]
pub(super) struct Place {
    /// The normal form of the host: `https://api.internal:443`.
    pub(super) key: String,
    pub(super) address: String,
    pub(super) port: u16,
}

/// The clusters of a document, in the order in which it names their hosts.
pub(super) fn needed(
    configuration: &Configuration,
    document: &Document,
    detours: &[Detour],
) -> Result<Vec<Cluster>, Trouble> {
    let plugin = &configuration.plugin;
    let dynamic = plugin.clusters.default.as_deref();
    let mut clusters: Vec<Cluster> = dynamic.map(Cluster::dynamic).into_iter().collect();
    // A detour of a server of keys belongs to that server's own cluster.
    let of_keys: Vec<String> =
        configuration.providers().into_iter().filter_map(|one| key_of_keys(&one.source)).collect();
    let detoured = detours.iter().filter(|detour| !of_keys.contains(&detour.key));
    let detoured = detoured.filter_map(|detour| ServiceHost::of_url(&detour.key, &plugin.clusters));
    for host in hosts(configuration, document).into_iter().chain(detoured) {
        let Some((place, tls, name)) = place(&host, detours) else { continue };
        let found = clusters.iter().position(|cluster| cluster.name == host.cluster);
        match found.and_then(|at| clusters.get_mut(at)) {
            Some(cluster) => cluster.add(place, tls, &name)?,
            None => clusters.push(Cluster::new(&host.cluster, place, tls, name)),
        }
    }
    for cluster in clusters.iter_mut().filter(|cluster| !cluster.dynamic) {
        cluster.outliers = breakers::outliers(&cluster.name, configuration, document);
    }
    Ok(clusters)
}

/// The clusters of servers of key sets.
pub(super) fn of_keys(servers: &[KeyServer], detours: &[Detour]) -> Vec<Cluster> {
    let one = |server: &KeyServer| {
        let (place, tls, name) = place(&server.host, detours)?;
        let cluster = Cluster::new(&server.cluster, place, tls, name);
        Some(Cluster { unchecked: server.unchecked, authority: server.authority.clone(), ..cluster })
    };
    servers.iter().filter_map(one).collect()
}

/// Every host that the document names: by backends, for live sources, in scripts, by `clusters`.
pub(super) fn hosts(configuration: &Configuration, document: &Document) -> Vec<ServiceHost> {
    let plugin = &configuration.plugin;
    let backends = configuration.pipelines().flat_map(|endpoint| &endpoint.backends);
    let mut hosts: Vec<ServiceHost> = backends.flat_map(|backend| &*backend.hosts).cloned().collect();
    hosts.extend(beside_backends(configuration, document));
    let mut named: Vec<&String> = plugin.clusters.named.keys().collect();
    named.sort();
    hosts.extend(named.into_iter().filter_map(|key| ServiceHost::of_url(key, &plugin.clusters)));
    hosts
}

/// The hosts that scripts and live sources ask.
pub(super) fn beside_backends(configuration: &Configuration, document: &Document) -> Vec<ServiceHost> {
    let plugin = &configuration.plugin;
    let urls = scripts(document).flat_map(urls::literal);
    let asked = urls.filter_map(|url| ServiceHost::of_url(&url, &plugin.clusters));
    plugin.sources_url.iter().map(|url| url.host.clone()).chain(asked).collect()
}

/// The hosts of detours that a document names only if a script puts their URLs together at run time.
pub(super) fn strangers<'a>(
    configuration: &Configuration,
    document: &Document,
    detours: &'a [Detour],
) -> impl Iterator<Item = &'a str> {
    let hosts = hosts(configuration, document);
    let of_keys: Vec<String> =
        configuration.providers().into_iter().filter_map(|one| key_of_keys(&one.source)).collect();
    let named = move |key: &str| hosts.iter().any(|host| host.key == key) || of_keys.iter().any(|own| own == key);
    detours.iter().map(|detour| detour.key.as_str()).filter(move |key| !named(key))
}

fn key_of_keys(source: &KeySource) -> Option<String> {
    match source {
        KeySource::Url { url, .. } => ServiceHost::of_url(url, &Clusters::default()).map(|host| host.key),
        KeySource::File(_) => None,
    }
}

fn scripts(document: &Document) -> impl Iterator<Item = &str> {
    let halves = document.blocks().flat_map(|block| ["pre", "post"].map(|half| block.get(half)));
    let inline = halves.flatten().filter_map(serde_json::Value::as_str);
    let files = document.lua.sources.values().chain(document.lua.files.values());
    inline.chain(files.map(String::as_str))
}

/// The address of a host, whether it speaks TLS, and its name in its certificate.
fn place(host: &ServiceHost, detours: &[Detour]) -> Option<(Place, bool, String)> {
    let (scheme, authority) = host.key.split_once("://")?;
    let (name, port) = authority.rsplit_once(':')?;
    let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
    let detour = detours.iter().find(|detour| detour.key == host.key);
    let (address, port) = match detour {
        Some(detour) => (detour.address.clone(), detour.port),
        None => (name.clone(), port.parse().ok()?),
    };
    Some((Place { key: host.key.clone(), address, port }, scheme == "https", name))
}

impl Cluster {
    fn dynamic(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            hosts: Vec::new(),
            by_name: true,
            tls: false,
            sni: None,
            sni_is_address: false,
            dynamic: true,
            unchecked: false,
            authority: None,
            outliers: None,
        }
    }

    fn new(name: &str, place: Place, tls: bool, host: String) -> Self {
        Self {
            name: name.to_owned(),
            by_name: is_name(&place.address),
            hosts: vec![place],
            tls,
            sni_is_address: !is_name(&host),
            sni: tls.then_some(host),
            dynamic: false,
            unchecked: false,
            authority: None,
            outliers: None,
        }
    }

    fn add(&mut self, place: Place, tls: bool, host: &str) -> Result<(), Trouble> {
        if self.hosts.contains(&place) {
            return Ok(());
        }
        if self.dynamic && tls {
            return Err(Trouble::new(format!(
                "{} would be served by the default_cluster, which speaks no TLS: name a cluster for it in \
                 extra_config[\"envoy/lua-modifier\"].clusters",
                place.key
            )));
        }
        if self.dynamic {
            return Ok(());
        }
        if self.tls != tls {
            let other = self.hosts.first().map_or("", |first| first.key.as_str());
            return Err(Trouble::new(format!(
                "{other} and {} share the cluster {:?}, and one cluster speaks TLS or does not: give each its own in \
                 extra_config[\"envoy/lua-modifier\"].clusters",
                place.key, self.name
            )));
        }
        self.by_name |= is_name(&place.address);
        if self.sni.as_deref() != Some(host) {
            self.sni = None;
        }
        self.hosts.push(place);
        Ok(())
    }
}

fn is_name(address: &str) -> bool {
    address.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::{Value, json};

    use super::super::detours::name_clusters;
    use super::*;
    use crate::document::{KeySets, LuaFiles, Made};

    fn clusters(ours: &Value, hosts: &[&str], script: &str, detours: &[&str]) -> Result<Vec<Cluster>, Trouble> {
        let json = json!({
            "version": 3, "extra_config": {"envoy/lua-modifier": ours},
            "endpoints": [{
                "endpoint": "/t", "backend": [{"host": hosts, "url_pattern": "/"}],
                "extra_config": {"modifier/lua-proxy": {"pre": script}},
            }],
        });
        let detours: Vec<Detour> = detours.iter().map(|detour| detour.parse().unwrap()).collect();
        let read = |json: &Value| lua_modifier::config::read(json.to_string().as_bytes()).unwrap();
        let mut altered = json.clone();
        name_clusters(&mut altered, &read(&json).plugin, &detours);
        let (text, made, lua) = (json.to_string(), Made::default(), LuaFiles::default());
        let document = Document { path: PathBuf::new(), text, made, json, lua, key_sets: KeySets::default() };
        let configuration = read(&altered);
        needed(&configuration, &document, &detours)
    }

    fn shown(clusters: &[Cluster]) -> Vec<String> {
        let host = |place: &Place| format!("{} {}", place.address, place.port);
        let hosts = |cluster: &Cluster| cluster.hosts.iter().map(host).collect::<Vec<_>>().join(", ");
        let kind = |cluster: &Cluster| match (cluster.dynamic, cluster.by_name) {
            (true, _) => "dynamic",
            (_, true) => "by name",
            (_, false) => "fixed",
        };
        let tls = |cluster: &Cluster| match (cluster.tls, &cluster.sni) {
            (true, Some(sni)) => format!(", TLS to {sni}"),
            (true, None) => ", TLS".to_owned(),
            _ => String::new(),
        };
        clusters.iter().map(|c| format!("{}: {}, {}{}", c.name, hosts(c), kind(c), tls(c))).collect()
    }

    #[test]
    fn there_is_one_for_each_host_that_is_named_called_as_the_filter_calls_it() {
        let ours = json!({
            "clusters": {"http://api": "one", "http://spare:81": "spare", "https://x": "x", "https://y:8443": "x"},
            "sources_url": "http://files/lua",
        });
        let script = "local auth = 'https://auth.internal/check'; http_response.new('http://API/again')";
        let made = clusters(&ours, &["http://api", "http://127.0.0.1:8080", "http://[::1]"], script, &[]).unwrap();
        assert_eq!(
            shown(&made),
            [
                "one: api 80, by name",
                "127.0.0.1:8080: 127.0.0.1 8080, fixed",
                "[::1]:80: ::1 80, fixed",
                "files:80: files 80, by name",
                "auth.internal:443: auth.internal 443, by name, TLS to auth.internal",
                "spare: spare 81, by name",
                "x: x 443, y 8443, by name, TLS",
            ]
        );
    }

    #[test]
    fn a_host_can_be_reached_elsewhere_and_keeps_its_name() {
        let made = clusters(&json!({}), &["https://api"], "", &["https://api=127.0.0.1:9443"]).unwrap();
        assert_eq!(shown(&made), ["api:443: 127.0.0.1 9443, fixed, TLS to api"]);
        for wrong in ["api", "api=x", "api=x:0", "=x:1", "api=:1", "ftp://api=x:1"] {
            assert!(wrong.parse::<Detour>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_of_the_default_cluster_gets_one_of_its_own_where_it_is_reached_elsewhere() {
        let ours = json!({"default_cluster": "any", "clusters": {"https://safe": "safe"}});
        let detours = ["http://api=127.0.0.1:1", "https://made.at.run.time=127.0.0.1:2", "https://safe=127.0.0.1:3"];
        let made = clusters(&ours, &["http://API", "http://other"], "", &detours).unwrap();
        assert_eq!(
            shown(&made),
            [
                "any: , dynamic",
                "api:80: 127.0.0.1 1, fixed",
                "made.at.run.time:443: 127.0.0.1 2, fixed, TLS to made.at.run.time",
                "safe: 127.0.0.1 3, fixed, TLS to safe",
            ]
        );
    }

    #[test]
    fn the_default_cluster_serves_all_others_without_tls() {
        let ours = json!({"default_cluster": "dynamic_forward_proxy", "clusters": {"https://safe": "safe"}});
        let made = clusters(&ours, &["http://any"], "x = 'http://other/'", &[]).unwrap();
        assert_eq!(shown(&made), ["dynamic_forward_proxy: , dynamic", "safe: safe 443, by name, TLS to safe"]);
        let trouble = clusters(&ours, &["https://any"], "", &[]).unwrap_err().to_string();
        assert!(trouble.starts_with("https://any:443 would be served by the default_cluster"), "{trouble}");
    }

    #[test]
    fn one_cluster_speaks_tls_or_does_not() {
        let ours = json!({"clusters": {"http://a": "x", "https://b": "x"}});
        let trouble = clusters(&ours, &["http://a"], "", &[]).unwrap_err().to_string();
        assert!(trouble.starts_with("http://a:80 and https://b:443 share the cluster \"x\""), "{trouble}");
    }
}
