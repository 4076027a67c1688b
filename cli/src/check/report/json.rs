//! Findings as one JSON document. `--help` lists its fields.

use serde_json::{Value, json};

use super::Counts;
use crate::check::finding::Finding;

pub(super) fn written(findings: &[Finding], counts: &Counts) -> String {
    let findings: Vec<Value> = findings.iter().map(finding).collect();
    let Counts { files, errors, warnings, notes } = counts;
    let document =
        json!({"findings": findings, "files": files, "errors": errors, "warnings": warnings, "notes": notes});
    format!("{document:#}\n")
}

fn finding(finding: &Finding) -> Value {
    let place = |at: usize| finding.page.position(at);
    let (start, end) = match &finding.span {
        Some(span) => (Some(place(span.start)), Some(place(span.end))),
        None => (None, None),
    };
    json!({
        "rule": finding.rule, "level": finding.level.name(), "message": finding.message, "help": finding.help,
        "file": finding.page.name, "line": start.map(|at| at.line), "column": start.map(|at| at.column),
        "end_line": end.map(|at| at.line), "end_column": end.map(|at| at.column),
    })
}
