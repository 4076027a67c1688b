//! Compares what was seen with what was recorded, with the help of the table of accepted differences. Knows nothing of the
//! world in which a case was played.

mod accepted;
mod json;
mod message;
mod number;
mod printed;
mod text;

use crate::cases::plugin_config::key_set_paths;
use crate::cases::{Case, Observation, Outcome, Recorded, Response, UpstreamRequest};
use accepted::AcceptedInCase;

pub use accepted::Accepted;

/// One difference from what was recorded.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The place of the difference: `response body/a/0`, `upstream request 1 header x-lua` ...
    pub place: String,
    /// The recorded value.
    pub recorded: String,
    /// The value that was seen.
    pub actual: String,
    /// The class of accepted differences that it belongs to, or the kind of a note; `None` if the difference counts.
    pub class: Option<String>,
}

/// The result of comparing one case.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The differences that count.
    pub differences: Vec<Difference>,
    /// The differences that are accepted.
    pub accepted: Vec<Difference>,
    /// Notes that never count: a number or a JSON text in another spelling, another `Host`.
    pub notes: Vec<Difference>,
}

/// The scope of a difference, in the words of the accepted differences.
#[derive(Clone, Debug)]
struct Scope {
    name: String,
    /// The JSON pointer, inside a JSON body.
    pointer: Option<String>,
}

impl Scope {
    fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), pointer: None }
    }
}

/// Compares one outcome with its case.
pub fn judge(case: &Case, outcome: &Outcome, accepted: &Accepted) -> Verdict {
    let mut comparison =
        Comparison { accepted: accepted.of(&case.name), key_sets: key_set_paths(case), verdict: Verdict::default() };
    let recorded = &case.recorded;
    match (outcome, &recorded.refused) {
        (Outcome::Crashed(reason), _) => comparison.count("the world", "runs", reason),
        (Outcome::Refused(reason), Some(words)) if reason.contains(words.as_str()) => {}
        (Outcome::Refused(reason), Some(words)) => comparison.count("refusal", words, reason),
        (Outcome::Refused(reason), None) => comparison.refused(reason),
        (Outcome::Played(_), Some(words)) => {
            comparison.count("configuration", &format!("refused: {words}"), "accepted")
        }
        (Outcome::Played(seen), None) => {
            comparison.messages(recorded, seen);
            comparison.other_outcomes(recorded, seen);
            comparison.printed(&recorded.printed, &seen.log, case.unordered);
            comparison.logged(&recorded.logged, &seen.log);
        }
    }
    comparison.verdict
}

struct Comparison<'r> {
    accepted: AcceptedInCase<'r>,
    /// The paths of the upstream's key sets. The verifier decides when and how often they are fetched: clients do not see it.
    key_sets: Vec<String>,
    verdict: Verdict,
}

impl Comparison<'_> {
    /// Notes a difference that the table may accept.
    fn differ(&mut self, place: &str, recorded: impl Into<String>, actual: impl Into<String>, scope: &Scope) {
        let class = self.accepted.allows(&scope.name, scope.pointer.as_deref());
        self.record(Difference { place: place.to_owned(), recorded: recorded.into(), actual: actual.into(), class });
    }

    /// Notes a difference that always counts.
    fn count(&mut self, place: &str, recorded: &str, actual: &str) {
        self.record(Difference { place: place.into(), recorded: recorded.into(), actual: actual.into(), class: None });
    }

    fn accept(&mut self, class: &str, place: &str, recorded: &str, actual: &str) {
        let class = Some(class.to_owned());
        self.record(Difference { place: place.into(), recorded: recorded.into(), actual: actual.into(), class });
    }

    fn note(&mut self, kind: &str, place: &str, recorded: &str, actual: &str) {
        let class = Some(kind.to_owned());
        self.verdict.notes.push(Difference {
            place: place.into(),
            recorded: recorded.into(),
            actual: actual.into(),
            class,
        });
    }

    fn record(&mut self, difference: Difference) {
        let list = if difference.class.is_some() { &mut self.verdict.accepted } else { &mut self.verdict.differences };
        list.push(difference);
    }

    fn found(&self) -> usize {
        self.verdict.differences.len() + self.verdict.accepted.len() + self.verdict.notes.len()
    }

    fn refused(&mut self, reason: &str) {
        match self.accepted.refusal() {
            Some(class) => self.accept(&class, "configuration", "accepted", reason),
            None => self.count("configuration", "accepted", &format!("refused: {reason}")),
        }
    }

    fn messages(&mut self, recorded: &Recorded, seen: &Observation) {
        self.responses(&recorded.responses, &seen.responses);
        self.upstream(&recorded.upstream, &seen.upstream);
    }

    fn responses(&mut self, recorded: &[Response], seen: &[Result<Response, String>]) {
        if recorded.len() != seen.len() {
            self.count("responses", &recorded.len().to_string(), &seen.len().to_string());
        }
        for (i, (one, two)) in recorded.iter().zip(seen).enumerate() {
            let place = if recorded.len() > 1 { format!("response {}", i + 1) } else { "response".into() };
            match two {
                Ok(two) => self.response(&place, one, two),
                Err(reason) => self.differ(&place, format!("status {}", one.status), reason, &Scope::new("response")),
            }
        }
    }

    fn upstream(&mut self, recorded: &[UpstreamRequest], seen: &[UpstreamRequest]) {
        let others = |requests: &[UpstreamRequest]| -> Vec<UpstreamRequest> {
            requests.iter().filter(|request| !self.key_sets.contains(&request.path)).cloned().collect()
        };
        let (recorded, seen) = (&others(recorded), &others(seen));
        if recorded.len() == seen.len() {
            for (i, (one, two)) in recorded.iter().zip(seen).enumerate() {
                self.upstream_request(&format!("upstream request {}", i + 1), one, two);
            }
        } else {
            let short = |requests: &[UpstreamRequest]| {
                let lines: Vec<_> = requests.iter().map(|r| format!("{} {}", r.method, r.path)).collect();
                lines.join(", ")
            };
            self.differ("upstream requests", short(recorded), short(seen), &Scope::new("upstream:number"));
        }
    }

    /// If what was seen differs from the recorded outcome, checks the other outcomes that are as good.
    fn other_outcomes(&mut self, recorded: &Recorded, seen: &Observation) {
        if self.verdict.differences.is_empty() {
            return;
        }
        for (class, other) in self.accepted.other_outcomes(recorded) {
            let (accepted, key_sets) = (self.accepted.clone(), self.key_sets.clone());
            let mut again = Comparison { accepted, key_sets, verdict: Verdict::default() };
            again.messages(&other, seen);
            if again.verdict.differences.is_empty() {
                again.accept(&class, "whole", "see recorded", "the other outcome");
                self.verdict = again.verdict;
                return;
            }
        }
    }
}
