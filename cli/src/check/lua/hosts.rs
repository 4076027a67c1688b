//! The hosts that the configuration knows, from `clusters` or from a backend.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::NAMESPACE;

/// The hosts of a configuration.
pub(crate) struct Hosts {
    known: BTreeSet<String>,
    all: bool,
}

impl Hosts {
    /// The hosts of a document.
    pub(crate) fn of(json: &Value) -> Self {
        let ours = json.get("extra_config").and_then(|extra| extra.get(NAMESPACE));
        let default = ours.and_then(|ours| ours.get("default_cluster")).and_then(Value::as_str);
        let clusters = ours.and_then(|ours| ours.get("clusters")).and_then(Value::as_object);
        let named = clusters.into_iter().flat_map(|clusters| clusters.keys().map(String::as_str));
        let list = |value: Option<&'static str>, of: &Value| value.map(|key| strings(of.get(key))).unwrap_or_default();
        let mut hosts: Vec<String> = list(Some("host"), json);
        for owner in items(json.get("endpoints")).iter().chain(items(json.get("async_agent"))) {
            for backend in items(owner.get("backend")) {
                hosts.extend(list(Some("host"), backend));
            }
        }
        let known = named.map(str::to_owned).chain(hosts).filter_map(|host| normal(&host)).collect();
        Self { known, all: default.is_some_and(|name| !name.is_empty()) }
    }

    /// The name of the cluster that must exist although nothing in the configuration mentions it.
    pub(super) fn unnamed(&self, scheme: &str, authority: &str) -> Option<String> {
        let key = normal(&format!("{scheme}://{authority}"))?;
        let known = self.all || self.known.contains(&key);
        (!known).then(|| key.split_once("://").map_or(key.clone(), |(_, authority)| authority.to_owned()))
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn strings(value: Option<&Value>) -> Vec<String> {
    items(value).iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
}

// The scheme, name and port in their normal form, as the module compares them.
fn normal(host: &str) -> Option<String> {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let authority = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = if scheme == "https" { 443 } else { 80 };
    match (authority.is_empty(), has_port) {
        (true, _) => None,
        (_, true) => Some(format!("{scheme}://{authority}")),
        (_, false) => Some(format!("{scheme}://{authority}:{port}")),
    }
}
