//! The output of a run: the cases that matter, the recorded results beside those that were seen, and a line with the totals.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::{Played, Standing};
use crate::cases::{Case, Observation, Outcome, Response};
use crate::compare::Difference;
use crate::wire::client;

/// Prints the bad cases (with `verbose`, everything about all cases), and then the totals.
pub(super) fn print(world: &str, played: &[Played], verbose: bool, took: Duration) {
    for one in played {
        if verbose {
            println!("{}\n{}: {:?}", "=".repeat(100), one.case.name, one.standing);
            show_case(one.case);
            show_outcome(&one.outcome);
            one.verdict.accepted.iter().for_each(|difference| show("accepted", difference));
            one.verdict.notes.iter().for_each(|difference| show("note", difference));
            one.verdict.differences.iter().for_each(|difference| show("wrong", difference));
        } else if let Standing::NoLongerNotYet(reason) = &one.standing {
            println!("{} passes: take it off not_yet.json (until: {reason})", one.case.name);
        } else if one.standing == Standing::Failed {
            println!("{}", one.case.name);
            one.verdict.differences.iter().for_each(|difference| show("wrong", difference));
        }
    }
    println!("cases {world}: {}, {:.1} s", summary(played), took.as_secs_f64());
}

fn summary(played: &[Played]) -> String {
    let count = |fits: &dyn Fn(&Standing) -> bool| played.iter().filter(|one| fits(&one.standing)).count();
    let mut notes: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in played.iter().flat_map(|one| &one.verdict.notes).filter_map(|note| note.class.as_deref()) {
        *notes.entry(kind).or_default() += 1;
    }
    let notes: Vec<String> = notes.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
    let numbers = [
        (count(&|s| *s == Standing::Passed), "passed"),
        (count(&|s| *s == Standing::Accepted), "accepted"),
        (count(&|s| matches!(s, Standing::NotYet(_))), "not yet"),
        (count(&|s| matches!(s, Standing::NoLongerNotYet(_))), "pass although listed in not_yet.json"),
        (count(&|s| *s == Standing::Failed), "failed"),
    ];
    let shown: Vec<String> = numbers.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" (noted: {})", notes.join(", ")) };
    format!("{} played, {}{notes}", played.len(), shown.join(", "))
}

fn show(kind: &str, difference: &Difference) {
    let class = difference.class.as_ref().map(|class| format!(" ({class})")).unwrap_or_default();
    println!("  {kind}{class}: {}", difference.place);
    println!("    recorded  {}", difference.recorded.escape_debug());
    println!("    actual    {}", difference.actual.escape_debug());
}

fn show_case(case: &Case) {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    println!(
        "{}config: {}",
        case.note.as_ref().map(|note| format!("note: {note}\n")).unwrap_or_default(),
        pretty(&case.config)
    );
    for (name, text) in &case.files {
        println!("file {name}:\n{text}");
    }
    case.requests.iter().for_each(|request| println!("request: {}", String::from_utf8_lossy(&client::bytes(request))));
    case.upstream.iter().for_each(|rule| println!("upstream rule: {rule:?}"));
}

fn show_outcome(outcome: &Outcome) {
    match outcome {
        Outcome::Played(Observation { responses, upstream, log }) => {
            for response in responses {
                let body = response.as_ref().map(Response::text).unwrap_or_default();
                println!("response: {:?}\n  {body}", response.as_ref().map(|r| (r.status, &r.headers)));
            }
            upstream.iter().for_each(|request| println!("upstream: {request:?}"));
            log.iter().for_each(|line| println!("log: {} {}", line.level, line.text));
        }
        Outcome::Refused(reason) => println!("refused: {reason}"),
        Outcome::Crashed(reason) => println!("crashed: {reason}"),
    }
}
