//! The report for people: a line for each case, with its differences below, and a summary at the end.

use serde_json::Value;

use super::Totals;
use super::file::TestFile;
use super::judge::{How, Mismatch, Step};
use super::pool::Played;
use crate::difference::{self, pretty};
use crate::paint::{bold, dim, green, red, yellow};
use crate::play::Story;

/// The cases of one file.
pub(super) fn of_file(file: &TestFile, played: &[&Played], updated: bool) -> String {
    let mut out = format!("{}\n", bold(file.path.display()));
    for played in played {
        let Some(case) = file.cases.get(played.place.1) else { continue };
        match &played.outcome {
            Ok((_, found)) if found.is_empty() => out += &format!("  {}    {}\n", green("ok"), case.name),
            Ok((_, found)) if updated && found.iter().all(Mismatch::can_be_recorded) => {
                out += &format!("  {} {}\n", yellow("wrote"), case.name);
            }
            Ok((story, found)) => {
                out += &format!("  {}  {}\n", red("FAIL"), bold(&case.name));
                found.iter().for_each(|found| out += &of_mismatch(found));
                out += &of_failures(story);
            }
            Err(trouble) => out += &format!("  {} {}\n      {trouble}\n", red("ERROR"), bold(&case.name)),
        }
    }
    out
}

/// `8 passed, 1 failed in 0.2 s`.
pub(super) fn summary(totals: &Totals, seconds: f64) -> String {
    let counts = [
        (totals.passed, "passed"),
        (totals.failed, "failed"),
        (totals.broken, "could not be played"),
        (totals.updated, "written anew"),
        (totals.left_out, "left out"),
    ];
    let told = counts.iter().filter(|(count, what)| *count > 0 || *what == "passed");
    let told = told.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ");
    let well = totals.failed == 0 && totals.broken == 0;
    let told = if well { green(bold(told)) } else { red(bold(told)) };
    format!("\n{told} in {seconds:.1} s\n")
}

/// The text of a difference, without colours.
pub(super) fn plain(found: &Mismatch) -> String {
    anstream::adapter::strip_str(&of_mismatch(found)).to_string()
}

fn of_mismatch(found: &Mismatch) -> String {
    let what = name(&found.at);
    let line = |text: String| format!("      {text}\n");
    if found.how == How::Unwritten {
        let actual = found.actual.as_ref().map(pretty).unwrap_or_default();
        return line(format!("{what}: nothing is written down; it is {}", actual.replace('\n', "\n      ")));
    }
    let contains = found.how == How::Contains;
    match (&found.expected, &found.actual) {
        (Some(expected), Some(actual)) if !contains && (is_long(expected) || is_long(actual)) => {
            let lines = |value: &Value| format!("{}\n", pretty(value));
            let (before, after) = (lines(expected), lines(actual));
            let legend = format!("{} {}", red("- expected"), green("+ actual"));
            format!("{}{}", line(format!("{what}:  {legend}")), difference::of_texts(&before, &after, "        "))
        }
        (Some(expected), actual) => {
            let (wanted, got) = if contains { ("should contain", "but is") } else { ("expected", "actual  ") };
            let actual = actual.as_ref().map_or_else(|| dim("nothing"), |actual| green(short(actual)));
            let pad = " ".repeat(wanted.len().saturating_sub(got.len()));
            let expected = red(short(expected));
            format!(
                "{}{}{}",
                line(format!("{what}:")),
                line(format!("  {wanted} {expected}")),
                line(format!("  {got}{pad} {actual}"))
            )
        }
        (None, actual) => {
            line(format!("{what}: must not be there, and is {}", green(actual.as_ref().map(short).unwrap_or_default())))
        }
    }
}

// The failures of scripts, because they explain most of the other differences.
fn of_failures(story: &Story) -> String {
    let mut out = String::new();
    for failure in story.halves().filter_map(|half| half.failure.as_ref()) {
        out += &format!("      {} {}\n", yellow("a script failed:"), failure.message);
        if let Some(place) = &failure.place {
            out += &format!(
                "        {}\n        {} {}\n",
                dim(&place.script),
                dim(format!("{:>4} |", place.line)),
                place.text
            );
        }
    }
    out
}

fn is_long(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Array(_) => true,
        Value::String(text) => text.contains('\n') || text.len() > 70,
        _ => false,
    }
}

fn short(value: &Value) -> String {
    value.to_string()
}

/// `backend 1, headers X-User`.
pub(super) fn name(at: &[Step]) -> String {
    let mut name = String::new();
    for step in at {
        match step {
            Step::Index(index) => name += &format!(" {},", index.saturating_add(1)),
            Step::Key(key) if name.is_empty() => name += key,
            Step::Key(key) => name += &format!(" {key}"),
        }
    }
    name
}
