//! The figures of all jobs as a Markdown file, written and read back. Knows nothing of how figures are measured or
//! compared.

use std::fmt::Write;

use cost::jobs::Job;

use crate::Result;

/// The cost of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

/// The cost of each job by its name, and the compilers that built the measured program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) compilers: Vec<String>,
    pub(crate) jobs: Vec<(String, Cost)>,
}

const EXPLAINED: &str = "\
# What an exchange costs

Instructions (callgrind of valgrind) and allocations of one exchange in the engine alone, natively, in a release build: without
Envoy and without Wasm. Instructions are those of 300 exchanges less those of 100, divided by 200; allocations are the mean of
1,000. Either is counted after 20 exchanges that do not count. The jobs are in `bench/cost/src/jobs.rs`.

`make cost` measures anew and compares, `make cost KEEP=1` writes this file. `make check` fails when a figure is more than 3 %
above the one here and the compilers are these:

";

impl Record {
    pub(crate) fn cost(&self, name: &str) -> Option<Cost> {
        self.jobs.iter().find(|(job, _)| job == name).map(|(_, cost)| *cost)
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = EXPLAINED.to_owned();
        for compiler in &self.compilers {
            let _ = writeln!(text, "- {compiler}");
        }
        text += "\n| job | instructions | allocations | what it does |\n| --- | ---: | ---: | --- |\n";
        for (name, cost) in &self.jobs {
            let (instructions, allocations) = (grouped(cost.instructions), grouped(cost.allocations));
            let about = Job::named(name).map_or("", |job| job.about);
            let _ = writeln!(text, "| {name} | {instructions} | {allocations} | {about} |");
        }
        text
    }

    pub(crate) fn read(text: &str) -> Result<Self> {
        let compilers = text.lines().filter_map(|line| line.strip_prefix("- ")).map(str::to_owned).collect();
        // The first two rows are the table's head.
        let rows = text.lines().filter_map(|line| line.strip_prefix("| ")).skip(2);
        Ok(Self { compilers, jobs: rows.map(job).collect::<Result<_>>()? })
    }
}

fn job(row: &str) -> Result<(String, Cost)> {
    let mut cells = row.split('|').map(str::trim);
    let (Some(name), Some(instructions), Some(allocations)) = (cells.next(), cells.next(), cells.next()) else {
        return Err(format!("this row lacks a figure: {row}").into());
    };
    let figure = |text: &str| text.replace(',', "").parse::<u64>();
    Ok((name.to_owned(), Cost { instructions: figure(instructions)?, allocations: figure(allocations)? }))
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let cost = |instructions, allocations| Cost { instructions, allocations };
        let record = Record {
            compilers: vec!["rustc 1.2.3 (abc 2026-01-02), x86_64".into(), "cc 12".into()],
            jobs: vec![("none".into(), cost(999, 7)), ("coll".into(), cost(1_234_567, 1_000))],
        };
        assert_eq!(Record::read(&record.markdown()).unwrap(), record);
    }

    #[test]
    fn a_row_without_figures_is_refused() {
        assert!(Record::read("| job |\n| --- |\n| none | many | 3 |\n").is_err());
        assert!(Record::read("| job |\n| --- |\n| none\n").is_err());
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
