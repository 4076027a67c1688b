//! The rows of the last benchmarks that "Limits and cost" shows. `RECORD=1` writes them again.

use tests::repository;

use crate::generated::{hold, page, with_part};

const PAGE: &str = "docs/limits-and-cost.md";
const SOURCE: &str = "bench/results/table.md";

#[test]
fn costs_are_those_of_the_last_benchmarks() {
    let measured = std::fs::read_to_string(repository::root().join(SOURCE)).unwrap();
    let page = page(PAGE);
    let rows = |shown: &str| shown.lines().map(|line| format!("{}\n", row(line, &measured))).collect();
    hold(&page, &with_part(&page.text, "costs", &format!("rows of {SOURCE}"), rows), SOURCE);
}

/// The row of the table that is about the same job or configuration; a line that is no such row stays.
fn row<'a>(line: &'a str, measured: &'a str) -> &'a str {
    let name = |line: &'a str| line.strip_prefix("| ").and_then(|rest| rest.split_once(" |")).map(|(name, _)| name);
    match name(line) {
        None | Some("---") => line,
        named => measured.lines().find(|row| name(row) == named).unwrap_or_else(|| panic!("nobody measures {named:?}")),
    }
}
