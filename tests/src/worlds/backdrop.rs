//! The servers behind the filter in a world without sockets: the clusters of a case, whose answers come from the mock upstream
//! and the file server as functions. Notes the upstream's requests as they would have arrived over HTTP/1.1.

use std::collections::BTreeMap;

use crate::cases::plugin_config::{Clusters, is_live, normal, plugin_text, served_files};
use crate::cases::{Addresses, Case, Observation, Response, UpstreamRequest, header_lists};
use crate::upstreams::{Answer, Asked, Rule, file_server, mock};

/// The clusters of one case.
pub(super) struct Backdrop<'c> {
    case: &'c Case,
    /// Addresses at which nothing listens.
    pub at: Addresses,
    /// The clusters' names.
    pub clusters: Clusters,
    rules: Vec<Rule>,
    files: BTreeMap<String, String>,
    asked: Vec<Asked>,
}

/// The result of a request to a cluster.
pub(super) enum Behind {
    /// An answer; the caller must apply its delay and drop the connection if it says so.
    Answer(Answer),
    /// Nothing listens at the address.
    Refused,
    /// The cluster does not exist.
    NoCluster,
}

impl<'c> Backdrop<'c> {
    /// The clusters that a case needs.
    pub(super) fn new(case: &'c Case) -> Self {
        let files = is_live(case).then(|| "127.0.0.1:40002".to_owned());
        let at = Addresses { upstream: "127.0.0.1:40001".into(), files, gateway: "127.0.0.1:40003".into() };
        Backdrop {
            case,
            rules: case.upstream.iter().map(|rule| rule.with_texts(|text| at.fill(text))).collect(),
            files: served_files(case, &at),
            clusters: Clusters::of(0),
            asked: Vec::new(),
            at,
        }
    }

    /// The plugin configuration, as text.
    pub(super) fn configuration(&self) -> String {
        plugin_text(self.case, &self.at, &self.clusters)
    }

    /// Replaces sources, as the case says before a request.
    pub(super) fn write_files(&mut self, files: &BTreeMap<String, String>) {
        self.files.extend(files.iter().map(|(name, text)| (normal(name), self.at.fill(text))));
    }

    /// Sends a request to a cluster. `headers` have no pseudo-headers and no `Host`; their names may be in any case.
    pub(super) fn ask(&mut self, cluster: &str, authority: &str, mut asked: Asked) -> Behind {
        if cluster == self.clusters.closed {
            return Behind::Refused;
        }
        asked.headers.iter_mut().for_each(|(name, _)| *name = proper_case(name));
        asked.headers.insert(0, ("Host".into(), authority.to_owned()));
        let mut answer = if cluster == self.clusters.upstream {
            self.asked.push(asked.clone());
            mock::answer(&self.rules, &asked)
        } else if cluster == self.clusters.files {
            file_server::answer(&self.files, &asked)
        } else {
            return Behind::NoCluster;
        };
        let is_length = |(name, _): &(String, String)| name.eq_ignore_ascii_case("content-length");
        if answer.status == 204 {
            answer.headers.retain(|header| !is_length(header)); // Envoy removes the header: a 204 has no length
        } else if !answer.headers.iter().any(is_length) {
            answer.headers.push(("Content-Length".into(), answer.body.len().to_string()));
        }
        if bodiless(&asked.method, answer.status) {
            answer.body.clear();
        }
        Behind::Answer(answer)
    }

    /// Everything that was seen, with the placeholders put back.
    pub(super) fn observation(&self, responses: Vec<Result<Response, String>>) -> Observation {
        let mut seen = Observation { responses, ..Observation::default() };
        seen.upstream = self.asked.iter().map(Asked::observed).collect();
        if self.case.unordered {
            by_path(&mut seen.upstream);
        }
        seen.restore(&self.at);
        seen
    }
}

/// Sorts requests, for cases whose upstream requests come in no fixed order.
pub(super) fn by_path(requests: &mut [UpstreamRequest]) {
    requests.sort_by(|a, b| a.path.cmp(&b.path));
}

/// The response as a client reads it.
pub(super) fn read_by_client(method: &str, status: u16, headers: &[(String, String)], body: Vec<u8>) -> Response {
    let body = if bodiless(method, status) { Vec::new() } else { body };
    Response { status, headers: header_lists(headers), body, truncated: false }
}

fn bodiless(method: &str, status: u16) -> bool {
    method == "HEAD" || matches!(status, 204 | 304)
}

/// Writes `X-Lua`, as Envoy is told to write header names.
fn proper_case(name: &str) -> String {
    let mut begins = true;
    let cased = name.chars().map(|c| {
        let shown = if begins { c.to_ascii_uppercase() } else { c };
        begins = !c.is_ascii_alphanumeric();
        shown
    });
    cased.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn clusters_answer_as_servers_would() {
        let case = Case::new(&json!({
            "name": "n", "request": {"path": "/"}, "config": {}, "upstream": [{"path": "*", "body": "b"}], "observed": {},
        }));
        let mut behind = Backdrop::new(&case);
        let asked = |method: &str| Asked {
            method: method.into(),
            path: "/p".into(),
            headers: vec![("x-lua".into(), "1".into())],
            body: Vec::new(),
        };
        let Behind::Answer(answer) = behind.ask("upstream_0", "UP", asked("HEAD")) else { panic!() };
        assert_eq!((answer.body.len(), answer.headers[1].1.as_str()), (0, "1"));
        assert!(matches!(behind.ask("closed", "x", asked("GET")), Behind::Refused));
        assert!(matches!(behind.ask("other", "x", asked("GET")), Behind::NoCluster));
        assert_eq!(behind.asked[0].headers, [("Host".into(), "UP".into()), ("X-Lua".into(), "1".into())]);
    }
}
