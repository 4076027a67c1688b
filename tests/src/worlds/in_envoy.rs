//! The world of a real Envoy. Many cases share a process: each has a listener, a Wasm VM and an upstream of its own.
//! What a process could not finish, because it died or hung, is split until the culprit is alone.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use super::front::Front;
use super::surroundings::Surroundings;
use super::{World, one_by_one};
use crate::built::{file_from_env, module_from_env};
use crate::cases::{Case, Outcome};
use crate::envoy::{Envoy, Served, fails_closed};

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
    pub fn from_env() -> Result<Self, String> {
        Ok(Self { name: "in Envoy", binary: file_from_env("ENVOY")?, module: module_from_env()?, step: 1 })
    }

    /// The oldest that is supported: `ENVOY_OLDEST`. Plays a part of the cases, from all subjects: names are sorted.
    pub fn oldest_from_env() -> Result<Self, String> {
        let binary = file_from_env("ENVOY_OLDEST")?;
        Ok(Self { name: "in the oldest Envoy", binary, module: module_from_env()?, step: PART })
    }

    /// What became of the cases that one process could finish.
    fn batch(&self, cases: &[Case]) -> Vec<Option<Outcome>> {
        let all: Vec<Surroundings> =
            cases.iter().enumerate().map(|(index, case)| Surroundings::new(index, case)).collect();
        let fronts: Vec<Option<Result<Front, String>>> = all.iter().map(Surroundings::front).collect();
        let served: Vec<Served> =
            all.iter().zip(&fronts).map(|(around, front)| served(around, front.as_ref())).collect();
        let alone = cases.len() == 1;
        let envoy = match Envoy::start(&self.binary, &self.module, &served) {
            Ok(envoy) => envoy,
            Err(reason) => return cases.iter().map(|_| alone.then(|| Outcome::Crashed(reason.clone()))).collect(),
        };
        let mut played = one_by_one(&all, REQUESTS, |index, around| match &fronts[index] {
            Some(Err(reason)) => Some(Outcome::Refused(reason.clone())),
            _ => play(around, &envoy),
        });
        let end = envoy.end(); // only now is all in the log that was said
        for (around, outcome) in all.iter().zip(&mut played) {
            match outcome {
                Some(Outcome::Played(seen)) => seen.log = around.said(&end.log.said(&listener(around))),
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

fn listener(around: &Surroundings) -> String {
    format!("case_{}", around.index)
}

fn served(around: &Surroundings, front: Option<&Result<Front, String>>) -> Served {
    let front = front.and_then(|front| front.as_ref().ok());
    let in_front = front.into_iter().flat_map(|front| front.filters.iter().cloned());
    let mut addresses = vec![(around.clusters().upstream, around.at.upstream.clone())];
    addresses.extend(around.at.files.clone().map(|authority| (around.clusters().files, authority)));
    Served {
        listener: listener(around),
        configuration: front.map_or_else(|| around.configuration(), |front| front.configuration.clone()),
        environment: around.environment(),
        clusters: addresses,
        body_while_headers_are_held: true,
        in_front: in_front.chain(around.verification().filter()).collect(),
        manager: front.map_or_else(|| serde_json::json!({}), |front| front.manager.clone()),
        when_it_fails: fails_closed(),
    }
}

/// Plays a case; none where Envoy is not to be trusted any more.
fn play(around: &Surroundings, envoy: &Envoy) -> Option<Outcome> {
    if let Some(reason) = around.verification().refusal() {
        return Some(Outcome::Refused(reason));
    }
    let port = match envoy.port(&listener(around)) {
        Ok(port) => port,
        Err(reason) => return Some(Outcome::Refused(around.at.restore(&reason))),
    };
    if !envoy.is_well() {
        return None;
    }
    let responses = around.send_all(port);
    if responses.iter().any(Result::is_err) {
        envoy.examine();
    }
    envoy.is_well().then(|| Outcome::Played(around.observed(port, responses)))
}
