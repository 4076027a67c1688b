//! What Envoy adds to the circuit breakers that the filter has (`qos/circuit-breaker`): outlier detection at the cluster of a
//! host, which counts for all workers together. It affects no backend without a breaker: a cluster has it only if all its
//! backends have a breaker, and it reacts as late as the most patient of these breakers.
//!
//! Knows a cluster only by its name.

use lua_modifier::config::{Backend, Configuration, Encoding, Endpoint, ServiceHost};
use serde::Serialize;

use super::super::document::Document;
use super::clusters;

/// Envoy's fields have 32 bits, and a longer time is as good as for ever.
const MOST: u64 = u32::MAX as u64;

/// The outlier detection of a cluster.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub(super) struct Outliers {
    /// The number of errors in a row that is too many.
    pub(super) errors: u64,
    /// How long a host then gets no requests.
    pub(super) seconds: u64,
    /// Do answers with 5xx count? KrakenD's no-op backends hand such answers on, and do not count them.
    pub(super) answers: bool,
    /// The endpoints, for a comment: `GET /t`.
    pub(super) endpoints: Vec<String>,
}

/// The outlier detection of the cluster with this name; none if a backend uses the cluster without a breaker.
pub(super) fn outliers(cluster: &str, configuration: &Configuration, document: &Document) -> Option<Outliers> {
    let mut found: Option<Outliers> = None;
    for (endpoint, backend) in backends(configuration) {
        if !backend.hosts.iter().any(|host| host.cluster == cluster) {
            continue;
        }
        let breaker = backend.breaker.as_ref()?;
        let errors = breaker.max_errors.saturating_add(1).min(MOST);
        let seconds = breaker.timeout.as_secs().clamp(1, MOST);
        let answers = backend.encoding != Encoding::NoOp;
        let kind = if endpoint.method.is_empty() { "agent" } else { &endpoint.method };
        let name = format!("{kind} {}", endpoint.path);
        match &mut found {
            None => found = Some(Outliers { errors, seconds, answers, endpoints: vec![name] }),
            Some(outliers) => {
                outliers.errors = outliers.errors.max(errors);
                outliers.seconds = outliers.seconds.min(seconds);
                outliers.answers &= answers;
                if !outliers.endpoints.contains(&name) {
                    outliers.endpoints.push(name);
                }
            }
        }
    }
    let is_asked = |host: &ServiceHost| host.cluster == cluster;
    found.filter(|_| !clusters::beside_backends(configuration, document).iter().any(is_asked))
}

/// The names of the mesh's own clusters, which are not written here, that serve backends with a breaker.
pub(super) fn of_the_mesh(configuration: &Configuration, is_own: impl Fn(&str) -> bool) -> Vec<String> {
    let with_breaker = backends(configuration).filter(|(_, backend)| backend.breaker.is_some());
    let names = with_breaker.flat_map(|(_, backend)| backend.hosts.iter().map(|host| host.cluster.to_string()));
    let mut names: Vec<String> = names.filter(|name| !is_own(name)).collect();
    names.sort();
    names.dedup();
    names
}

fn backends(configuration: &Configuration) -> impl Iterator<Item = (&Endpoint, &Backend)> {
    configuration.pipelines().flat_map(|endpoint| {
        let shadows = endpoint.shadow.iter().flat_map(|shadow| &shadow.endpoint.backends);
        endpoint.backends.iter().chain(shadows).map(move |backend| (endpoint, backend))
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::{Value, json};

    use super::*;
    use crate::document::{KeySets, LuaFiles, Made};

    /// The outlier detection for backends of the host `http://api`: each has its encoding and its breaker.
    fn made(backends: &[(&str, Value)], script: &str) -> Option<Outliers> {
        let endpoint = |(number, (encoding, breaker)): (usize, &(&str, Value))| {
            json!({
                "endpoint": format!("/{number}"), "output_encoding": encoding,
                "backend": [{
                    "host": ["http://api"], "url_pattern": "/", "encoding": encoding,
                    "extra_config": if breaker.is_null() { json!({}) } else { json!({"qos/circuit-breaker": breaker}) },
                }],
                "extra_config": {"modifier/lua-proxy": {"pre": script}},
            })
        };
        let endpoints: Vec<Value> = backends.iter().enumerate().map(endpoint).collect();
        let json = json!({"version": 3, "endpoints": endpoints});
        let configuration = lua_modifier::config::read(json.to_string().as_bytes()).unwrap();
        let (text, made, lua) = (json.to_string(), Made::default(), LuaFiles::default());
        let document = Document { path: PathBuf::new(), text, made, json, lua, key_sets: KeySets::default() };
        outliers("api:80", &configuration, &document)
    }

    #[test]
    fn the_most_patient_breaker_of_a_host_counts_for_all_workers() {
        let (few, many) = (json!({"max_errors": 2, "timeout": 10}), json!({"max_errors": 5, "timeout": 30}));
        let found = made(&[("json", few.clone()), ("json", many.clone())], "local a = 1").unwrap();
        assert_eq!((found.errors, found.seconds, found.answers), (6, 10, true));
        assert_eq!(found.endpoints, ["GET /0", "GET /1"]);
        let found = made(&[("json", few.clone()), ("no-op", many)], "local a = 1").unwrap();
        assert!(!found.answers, "a no-op backend hands errors on");
        assert_eq!(made(&[("json", json!({"max_errors": 1}))], "x = 'http://other/'").unwrap().seconds, 60);
    }

    #[test]
    fn who_has_no_breaker_gets_none() {
        let few = json!({"max_errors": 2});
        assert_eq!(made(&[("json", few.clone()), ("json", Value::Null)], "local a = 1"), None);
        assert_eq!(made(&[("json", Value::Null)], "local a = 1"), None);
        assert_eq!(made(&[("json", few)], "http_response.new('http://api/side')"), None, "a script asks the host, too");
    }
}
