//! What surrounds one case in a world with sockets while it is played: its upstream, its file server, its client.
//! Knows nothing of what stands between them.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::backdrop::by_path;
use super::front::Front;
use super::verification::Verification;
use crate::cases::plugin_config::{Clusters, is_live, key_sets, normal, plugin_text, served_files};
use crate::cases::{Addresses, Case, ClientRequest, LogLine, Observation, Response};
use crate::upstreams::{Asked, FileServer, Upstream};
use crate::wire::client;

/// So long at most is waited for a request that the case says will come.
const PATIENCE: Duration = Duration::from_secs(10);

/// The surroundings of one case.
pub(super) struct Surroundings<'c> {
    /// Its place in its batch.
    pub index: usize,
    /// Where everything is, but for the gateway.
    pub at: Addresses,
    case: &'c Case,
    upstream: Upstream,
    files: Option<FileServer>,
}

impl Surroundings<'_> {
    /// Starts what the case needs.
    pub(super) fn new(index: usize, case: &Case) -> Surroundings<'_> {
        let upstream = Upstream::start();
        let mut at = Addresses { upstream: upstream.authority(), files: None, gateway: String::new() };
        upstream.set_rules(case.upstream.iter().map(|rule| rule.with_texts(|text| at.fill(text))).collect());
        let files = is_live(case).then(|| FileServer::start(served_files(case, &at)));
        at.files = files.as_ref().map(FileServer::authority);
        Surroundings { index, at, case, upstream, files }
    }

    /// The clusters' names.
    pub(super) fn clusters(&self) -> Clusters {
        Clusters::of(self.index)
    }

    /// The plugin configuration, as text.
    pub(super) fn configuration(&self) -> String {
        plugin_text(self.case, &self.at, &self.clusters())
    }

    /// What verifies tokens in front of the module.
    pub(super) fn verification(&self) -> Verification {
        Verification::new(self.case, &self.at, &self.configuration())
    }

    /// What stands in front of all of Envoy's filters; none where the case asks for nothing there.
    pub(super) fn front(&self) -> Option<Result<Front, String>> {
        let restored = |reason: String| self.at.restore(&reason);
        self.case.has_a_front().then(|| Front::of(&self.configuration(), &self.key_sets()).map_err(restored))
    }

    /// The key sets that the document names as files, by name.
    pub(super) fn key_sets(&self) -> BTreeMap<String, String> {
        let files = served_files(self.case, &self.at);
        key_sets(self.case)
            .into_iter()
            .filter_map(|name| Some((name.clone(), files.get(&normal(&name))?.clone())))
            .collect()
    }

    /// The environment of the gateway.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        self.case.env.iter().map(|(name, value)| (name.clone(), self.at.fill(value))).collect()
    }

    /// Sends the case's requests, one after the other, to the gateway at this port.
    pub(super) fn send_all(&self, port: u16) -> Vec<Result<Response, String>> {
        let send = |request: &ClientRequest| {
            if let Some(files) = &self.files {
                request.write_files.iter().for_each(|(name, text)| files.write(name, self.at.fill(text)));
            }
            client::send(port, request)
        };
        self.case.requests.iter().map(send).collect()
    }

    /// All that was seen, with the placeholders put back.
    pub(super) fn observed(&self, port: u16, responses: Vec<Result<Response, String>>) -> Observation {
        self.settle();
        let at = Addresses { gateway: format!("127.0.0.1:{port}"), ..self.at.clone() };
        let mut seen = Observation { responses, ..Observation::default() };
        seen.upstream = self.upstream.asked().iter().map(Asked::observed).collect();
        if self.case.unordered {
            by_path(&mut seen.upstream);
        }
        seen.restore(&at);
        seen
    }

    // Waits for what happens after the last answer.
    fn settle(&self) {
        let (settles, recorded) = (self.case.settles, &self.case.recorded);
        let began = Instant::now();
        while !settles.is_zero() && self.upstream.asked().len() < recorded.upstream.len() && began.elapsed() < PATIENCE
        {
            thread::sleep(Duration::from_millis(5));
        }
        // No event tells that a script has printed.
        if !recorded.printed.is_empty() {
            thread::sleep(settles);
        }
    }

    /// The same for lines of the log.
    pub(super) fn said(&self, lines: &[LogLine]) -> Vec<LogLine> {
        lines.iter().map(|line| LogLine { level: line.level.clone(), text: self.at.restore(&line.text) }).collect()
    }
}
