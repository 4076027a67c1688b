//! The rows of the last benchmarks that "Limits and cost" shows. `RECORD=1` writes them again.

use tests::manual::pages;
use tests::repository;

const PAGE: &str = "docs/limits-and-cost.md";
const BEGIN: &str = "<!-- costs: rows of bench/results/table.md -->\n";
const END: &str = "<!-- end of costs -->";

#[test]
fn costs_are_those_of_the_last_benchmarks() {
    let measured = std::fs::read_to_string(repository::root().join("bench/results/table.md")).unwrap();
    let page = pages().into_iter().find(|page| page.name == PAGE).unwrap();
    let (before, rest) = page.text.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let rows: String = shown.lines().map(|line| format!("{}\n", row(line, &measured))).collect();
    let text = format!("{before}{BEGIN}{rows}{END}{after}");
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(page.path(), &text).unwrap();
    } else {
        assert!(text == page.text, "{PAGE} does not show what bench/results/table.md says: RECORD=1 writes it anew");
    }
}

/// The row of the table that is about the same job or configuration; a line that is no such row stays.
fn row<'a>(line: &'a str, measured: &'a str) -> &'a str {
    let name = |line: &'a str| line.strip_prefix("| ").and_then(|rest| rest.split_once(" |")).map(|(name, _)| name);
    match name(line) {
        None | Some("---") => line,
        named => measured.lines().find(|row| name(row) == named).unwrap_or_else(|| panic!("nobody measures {named:?}")),
    }
}
