//! `--connect-to HOST=ADDRESS:PORT`: a host is reached at another address, for a trial.
//!
//! Such a host needs a cluster of its own: a host that `default_cluster` serves is looked up by its name. The filter has the
//! rule for which cluster serves which host, and is asked for it.

use lua_modifier::config::{Clusters, Plugin, ServiceHost};
use serde_json::{Map, Value};

use crate::document::namespace;

/// One detour.
#[derive(Clone, Debug)]
pub(super) struct Detour {
    /// The host in its normal form: `https://api.internal:443`.
    pub(super) key: String,
    pub(super) address: String,
    pub(super) port: u16,
}

impl std::str::FromStr for Detour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (host, place) = text.rsplit_once('=')?;
            let (address, port) = place.rsplit_once(':')?;
            let key = ServiceHost::of_url(host, &Clusters::default())?.key;
            let address = address.trim_start_matches('[').trim_end_matches(']').to_owned();
            let port = port.parse().ok().filter(|port| *port > 0)?;
            (!address.is_empty()).then_some(Self { key, address, port })
        };
        parse().ok_or_else(|| "write it like http://api.internal:8080=127.0.0.1:9000".to_owned())
    }
}

/// Names a cluster for each host that would be left to the default cluster, in the plugin's configuration.
pub(super) fn name_clusters(configuration: &mut Value, plugin: &Plugin, detours: &[Detour]) {
    let (Some(default), Some(ours)) = (&plugin.clusters.default, namespace(configuration)) else { return };
    if !ours.get("clusters").is_some_and(Value::is_object) {
        ours.insert("clusters".to_owned(), Value::Object(Map::new()));
    }
    let Some(Value::Object(clusters)) = ours.get_mut("clusters") else { return };
    let alone = Clusters::default();
    for detour in detours {
        let served_by = |clusters| ServiceHost::of_url(&detour.key, clusters).map(|host| String::from(host.cluster));
        if served_by(&plugin.clusters).as_ref() != Some(default) {
            continue;
        }
        let Some(own) = served_by(&alone) else { continue };
        clusters.retain(|name, _| ServiceHost::of_url(name, &alone).is_none_or(|host| host.key != detour.key));
        clusters.insert(detour.key.clone(), own.into());
    }
}
