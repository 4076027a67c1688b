//! The world of a real Envoy. Many cases share a process: each has a listener, a Wasm VM and an upstream of its own.
//! What a process could not finish, because it died or hung, is split until the culprit is alone.

mod bootstrap;
mod gateway;
mod log;
mod process;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::addresses::Addresses;
use crate::backdrop::by_path;
use crate::case::Case;
use crate::client;
use crate::files::Files;
use crate::observation::{LogLine, Observation, Outcome};
use crate::plugin_config::{Clusters, is_live, plugin_text, served_files};
use crate::upstream::Upstream;
use crate::world::{World, file_from_env, module_from_env, one_by_one};
use bootstrap::Served;
pub use gateway::{Gateway, Running};
use process::Envoy;

/// Processes at a time.
const PROCESSES: usize = 2;
/// Cases in one process: each costs some megabytes and some milliseconds to start.
const BATCH: usize = 88;
/// In the oldest Envoy, one case of so many.
const PART: usize = 6;
/// Requests at a time in one process. Its one worker is enough for them; more would crowd cases about time.
const REQUESTS: usize = 4;

/// A real Envoy.
pub struct InEnvoy {
    name: &'static str,
    binary: PathBuf,
    module: PathBuf,
    /// Every so many-th case is played.
    step: usize,
}

impl InEnvoy {
    /// The newest: `ENVOY` and `LUA_MODIFIER_WASM`, which `make test` sets.
    pub fn from_env() -> Result<InEnvoy, String> {
        Ok(InEnvoy { name: "in Envoy", binary: file_from_env("ENVOY")?, module: module_from_env()?, step: 1 })
    }

    /// The oldest that is supported: `ENVOY_OLDEST`. Plays a part of the cases, from all subjects: names are sorted.
    pub fn oldest_from_env() -> Result<InEnvoy, String> {
        let binary = file_from_env("ENVOY_OLDEST")?;
        Ok(InEnvoy { name: "in the oldest Envoy", binary, module: module_from_env()?, step: PART })
    }

    /// What became of the cases that one process could finish.
    fn batch(&self, cases: &[Case]) -> Vec<Option<Outcome>> {
        let stages: Vec<Stage> = cases.iter().enumerate().map(|(index, case)| Stage::new(index, case)).collect();
        let served: Vec<Served> = stages.iter().map(Stage::served).collect();
        let alone = cases.len() == 1;
        let envoy = match Envoy::start(&self.binary, &self.module, &served) {
            Ok(envoy) => envoy,
            Err(reason) => return cases.iter().map(|_| alone.then(|| Outcome::Crashed(reason.clone()))).collect(),
        };
        let mut played = one_by_one(&stages, REQUESTS, |_, stage| stage.play(&envoy));
        let end = envoy.end(); // only now is all in the log that was said
        for (stage, outcome) in stages.iter().zip(&mut played) {
            match outcome {
                Some(Outcome::Played(seen)) => seen.log = stage.said(&end.log.said(&stage.listener())),
                None if alone => *outcome = Some(Outcome::Crashed(end.reason.clone())),
                _ => {}
            }
        }
        played
    }
}

impl World for InEnvoy {
    fn name(&self) -> &'static str {
        self.name
    }

    fn takes(&self, index: usize) -> bool {
        index.is_multiple_of(self.step)
    }

    fn play(&self, cases: &[Case]) -> Vec<Outcome> {
        let size = BATCH.min(cases.len().div_ceil(PROCESSES)).max(1);
        let mut outcomes: Vec<Option<Outcome>> = vec![None; cases.len()];
        let mut batches: VecDeque<Vec<usize>> =
            (0..cases.len()).collect::<Vec<_>>().chunks(size).map(<[_]>::to_vec).collect();
        while !batches.is_empty() {
            let now: Vec<Vec<usize>> = batches.drain(..).collect();
            let unfinished = Mutex::new(&mut batches);
            let played = one_by_one(&now, PROCESSES, |_, batch| {
                let chosen: Vec<Case> = batch.iter().map(|index| cases[*index].clone()).collect();
                let played = self.batch(&chosen);
                let rest: Vec<usize> =
                    batch.iter().zip(&played).filter(|(_, p)| p.is_none()).map(|(i, _)| *i).collect();
                let halves = rest.chunks(rest.len().div_ceil(2).max(1)).map(<[_]>::to_vec);
                unfinished.lock().unwrap().extend(halves);
                played
            });
            for (index, outcome) in now.iter().flatten().zip(played.into_iter().flatten()) {
                outcomes[*index] = outcome;
            }
        }
        outcomes.into_iter().map(Option::unwrap).collect()
    }
}

/// What surrounds one case while it is played.
struct Stage<'c> {
    index: usize,
    case: &'c Case,
    upstream: Upstream,
    files: Option<Files>,
    at: Addresses,
}

impl Stage<'_> {
    fn new(index: usize, case: &Case) -> Stage<'_> {
        let upstream = Upstream::start();
        let mut at = Addresses { upstream: upstream.authority(), files: None, gateway: String::new() };
        upstream.set_rules(case.upstream.iter().map(|rule| rule.with_texts(|text| at.fill(text))).collect());
        let files = is_live(case).then(|| Files::start(served_files(case, &at)));
        at.files = files.as_ref().map(Files::authority);
        Stage { index, case, upstream, files, at }
    }

    fn listener(&self) -> String {
        format!("case_{}", self.index)
    }

    fn served(&self) -> Served {
        let clusters = Clusters::of(self.index);
        let mut addresses = vec![(clusters.upstream.clone(), self.at.upstream.clone())];
        addresses.extend(self.at.files.clone().map(|authority| (clusters.files.clone(), authority)));
        Served {
            listener: self.listener(),
            configuration: plugin_text(self.case, &self.at, &clusters),
            clusters: addresses,
            body_while_headers_are_held: true,
        }
    }

    /// Plays the case; none where Envoy is not to be trusted any more.
    fn play(&self, envoy: &Envoy) -> Option<Outcome> {
        let port = match envoy.port(&self.listener()) {
            Ok(port) => port,
            Err(reason) => return Some(Outcome::Refused(self.at.restore(&reason))),
        };
        if !envoy.is_well() {
            return None;
        }
        let mut responses = Vec::new();
        for request in &self.case.requests {
            if let Some(files) = &self.files {
                request.write_files.iter().for_each(|(name, text)| files.write(name, self.at.fill(text)));
            }
            responses.push(client::send(port, request));
        }
        if responses.iter().any(Result::is_err) {
            envoy.examine();
        }
        let gateway = format!("127.0.0.1:{port}");
        let at = Addresses { gateway, ..self.at.clone() };
        envoy.is_well().then(|| Outcome::Played(self.observed(&at, responses)))
    }

    fn observed(&self, at: &Addresses, responses: Vec<Result<crate::observation::Response, String>>) -> Observation {
        let mut seen = Observation { responses, ..Observation::default() };
        seen.upstream = self.upstream.asked().iter().map(crate::mock::Asked::observed).collect();
        if self.case.unordered {
            by_path(&mut seen.upstream);
        }
        seen.restore(at);
        seen
    }

    fn said(&self, lines: &[LogLine]) -> Vec<LogLine> {
        lines.iter().map(|line| LogLine { level: line.level.clone(), text: self.at.restore(&line.text) }).collect()
    }
}
