//! Measured figures beside the kept ones: how much each has changed, and whether that is too much. Knows nothing of how figures
//! are measured or stored.

use std::fmt::Write;

use crate::record::{Cost, Record, grouped};

/// The percentage by which a measured figure may exceed the kept one.
const TOLERATED: u64 = 3;

/// Two records side by side.
pub(crate) struct Comparison<'a> {
    pub(crate) kept: &'a Record,
    pub(crate) measured: &'a Record,
}

impl Comparison<'_> {
    /// Another compiler makes other code of the same source: then the figures say nothing about the source.
    pub(crate) fn is_fair(&self) -> bool {
        self.kept.compilers == self.measured.compilers
    }

    /// A line for each figure that is too high, and for each job that only one of the records has.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, now) in &self.measured.jobs {
            match self.kept.cost(name) {
                Some(kept) => lines.extend(rises(kept, *now).map(|what| format!("{name}: {what}"))),
                None => lines.push(format!("{name}: has no kept figures")),
            }
        }
        let gone = self.kept.jobs.iter().filter(|(name, _)| self.measured.cost(name).is_none());
        lines.extend(gone.map(|(name, _)| format!("{name}: has kept figures, but is no longer measured")));
        lines
    }

    /// The table for people.
    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "{:8}{:>14}{:>12}{:>10}  {:>12}{:>8}{:>10}\n",
            "job", "instructions", "kept", "", "allocations", "kept", ""
        );
        for (name, now) in &self.measured.jobs {
            let kept = self.kept.cost(name);
            let instructions = beside(now.instructions, kept.map(|kept| kept.instructions));
            let allocations = beside(now.allocations, kept.map(|kept| kept.allocations));
            let _ = writeln!(
                text,
                "{name:8}{:>14}{:>12}{:>10}  {:>12}{:>8}{:>10}",
                grouped(now.instructions),
                instructions.0,
                instructions.1,
                grouped(now.allocations),
                allocations.0,
                allocations.1
            );
        }
        text
    }
}

/// The figures of one job that are too high.
fn rises(kept: Cost, now: Cost) -> impl Iterator<Item = String> {
    let figures =
        [("instructions", kept.instructions, now.instructions), ("allocations", kept.allocations, now.allocations)];
    figures.into_iter().filter(|(_, kept, now)| now * 100 > kept * (100 + TOLERATED)).map(|(what, kept, now)| {
        format!("{} {what}, more than {TOLERATED} % above the kept {}", grouped(now), grouped(kept))
    })
}

/// The kept figure, and the difference in percent.
fn beside(now: u64, kept: Option<u64>) -> (String, String) {
    let Some(kept) = kept else { return ("-".to_owned(), String::new()) };
    let percent = (now as f64 / kept as f64 - 1.0) * 100.0;
    (grouped(kept), format!("{percent:+.1} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(jobs: &[(&str, u64, u64)]) -> Record {
        let job = |&(name, instructions, allocations): &(&str, u64, u64)| {
            (name.to_owned(), Cost { instructions, allocations })
        };
        Record { compilers: vec!["rustc 1".into(), "cc 1".into()], jobs: jobs.iter().map(job).collect() }
    }

    fn complaints(kept: &[(&str, u64, u64)], measured: &[(&str, u64, u64)]) -> Vec<String> {
        Comparison { kept: &record(kept), measured: &record(measured) }.complaints()
    }

    #[test]
    fn a_rise_of_four_percent_is_too_much() {
        let kept = [("a", 100_000, 100), ("b", 5_000, 50)];
        assert_eq!(
            complaints(&kept, &[("a", 104_000, 100), ("b", 5_000, 52)]),
            [
                "a: 104,000 instructions, more than 3 % above the kept 100,000",
                "b: 52 allocations, more than 3 % above the kept 50",
            ]
        );
        assert_eq!(complaints(&kept, &[("a", 103_001, 104), ("b", 5_000, 50)]).len(), 2);
    }

    #[test]
    fn a_rise_of_two_percent_and_any_fall_are_left_in_peace() {
        let kept = [("a", 100_000, 100), ("b", 5_000, 50)];
        assert!(complaints(&kept, &[("a", 102_000, 102), ("b", 2_000, 1)]).is_empty());
        assert!(complaints(&kept, &[("a", 103_000, 103), ("b", 5_000, 50)]).is_empty());
    }

    #[test]
    fn a_job_that_stands_on_one_side_only_is_named() {
        let lines = complaints(&[("gone", 1, 1)], &[("new", 1, 1)]);
        assert_eq!(lines, ["new: has no kept figures", "gone: has kept figures, but is no longer measured"]);
    }

    #[test]
    fn figures_of_another_compiler_are_not_compared_fairly() {
        let kept = record(&[]);
        for at in 0..kept.compilers.len() {
            let mut measured = kept.clone();
            assert!(Comparison { kept: &kept, measured: &measured }.is_fair());
            measured.compilers.iter_mut().skip(at).take(1).for_each(|name| name.push('2'));
            assert!(!Comparison { kept: &kept, measured: &measured }.is_fair());
        }
    }

    #[test]
    fn the_table_says_how_far_a_figure_went() {
        let (kept, measured) = (record(&[("a", 1_000, 10)]), record(&[("a", 1_040, 10), ("new", 5, 6)]));
        let table = Comparison { kept: &kept, measured: &measured }.table();
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            rows[1..],
            [vec!["a", "1,040", "1,000", "+4.0", "%", "10", "10", "+0.0", "%"], vec!["new", "5", "-", "6", "-"]]
        );
    }
}
