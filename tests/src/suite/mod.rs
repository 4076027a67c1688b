//! Plays all cases in a world and judges them: the body of each test that plays cases.
//! `CASES=glob` plays some of them, `VERBOSE=1` shows everything about those.

mod not_yet;
mod report;

use std::process::ExitCode;
use std::time::Instant;

use crate::cases::{self, Case, Outcome};
use crate::compare::{self, Accepted, Verdict};
use crate::repository;
use crate::worlds::World;
use not_yet::NotYet;

/// A case after it was played.
pub struct Played<'c> {
    /// The case.
    pub case: &'c Case,
    /// What became of it.
    pub outcome: Outcome,
    /// How that compares.
    pub verdict: Verdict,
    /// What the run makes of it.
    pub standing: Standing,
}

/// What the run makes of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// As recorded.
    Passed,
    /// It differs where it may.
    Accepted,
    /// It fails, and is listed with this reason.
    NotYet(String),
    /// It passes although it is listed.
    NoLongerNotYet(String),
    /// It fails.
    Failed,
}

impl Standing {
    /// Does the run fail because of it?
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Failed | Self::NoLongerNotYet(_))
    }
}

/// The same for a world that may lack what it needs.
pub fn run_if_there(world: Result<impl World, String>) -> ExitCode {
    match world {
        Ok(world) => run(&world),
        Err(reason) => {
            println!("the cases cannot be played: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Plays the cases, prints a report, and says whether all is as it should be.
pub fn run(world: &dyn World) -> ExitCode {
    let pattern = std::env::var("CASES").unwrap_or_else(|_| "*".into());
    let all = cases::load(&pattern);
    let played = |index: usize| pattern != "*" || world.takes(index);
    let suiting = all.iter().enumerate().filter(|(index, case)| played(*index) && world.suits(case));
    let cases: Vec<Case> = suiting.map(|(_, case)| case.clone()).collect();
    if cases.is_empty() && all.is_empty() {
        println!("cases {}: none is called {pattern}", world.name());
        return ExitCode::FAILURE;
    }
    let accepted = Accepted::load(&repository::cases());
    let not_yet = NotYet::load(&repository::cases().join("not_yet.json"), world.name());

    let began = Instant::now();
    let outcomes = world.play(&cases);
    assert_eq!(outcomes.len(), cases.len(), "each case has an outcome");
    let judged = cases.iter().zip(outcomes).map(|(case, outcome)| judge(case, outcome, &accepted, &not_yet));
    let played: Vec<Played> = judged.collect();

    let unknown: Vec<&str> = if pattern == "*" {
        not_yet.unknown(|name| all.iter().any(|case| case.name == name)).collect()
    } else {
        Vec::new()
    };
    for name in &unknown {
        println!("not_yet.json lists {name}, and there is no such case");
    }
    report::print(world.name(), &played, std::env::var("VERBOSE").is_ok_and(|v| v != "0"), began.elapsed());
    if unknown.is_empty() && !played.iter().any(|one| one.standing.is_bad()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn judge<'c>(case: &'c Case, outcome: Outcome, accepted: &Accepted, not_yet: &NotYet) -> Played<'c> {
    let verdict = compare::judge(case, &outcome, accepted);
    let standing = match (verdict.differences.is_empty(), not_yet.reason(&case.name)) {
        (true, Some(reason)) => Standing::NoLongerNotYet(reason.to_owned()),
        (true, None) if verdict.accepted.is_empty() => Standing::Passed,
        (true, None) => Standing::Accepted,
        (false, Some(reason)) => Standing::NotYet(reason.to_owned()),
        (false, None) => Standing::Failed,
    };
    Played { case, outcome, verdict, standing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_case_that_is_listed_and_passes_fails_the_run() {
        let case = Case::new(&json!({"name": "n", "request": {"path": "/"}, "observed": {"refused": "why"}}));
        let accepted = Accepted::new(&json!({"classes": {}}));
        let listed = NotYet::of([("n", "calls")]);
        let refused = Outcome::Refused("that is why".into());
        assert_eq!(
            judge(&case, refused.clone(), &accepted, &listed).standing,
            Standing::NoLongerNotYet("calls".into())
        );
        assert_eq!(judge(&case, refused, &accepted, &NotYet::of([])).standing, Standing::Passed);
        let crashed = Outcome::Crashed("gone".into());
        assert_eq!(judge(&case, crashed.clone(), &accepted, &listed).standing, Standing::NotYet("calls".into()));
        assert_eq!(judge(&case, crashed, &accepted, &NotYet::of([])).standing, Standing::Failed);
    }
}
