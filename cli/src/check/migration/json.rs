//! The report as one JSON document. `--help` describes its fields.

use serde_json::{Map, Value, json};

use super::entry::{Detail, Entry, Fate, Owner, Place};
use super::judged::Judged;
use super::{Kind, Report};
use crate::document::written as path;

/// All reports.
pub(super) fn written(reports: &[Report]) -> String {
    let documents: Vec<Value> = reports.iter().map(document).collect();
    format!("{:#}\n", json!({"documents": documents}))
}

fn document(report: &Report) -> Value {
    let counts: Map<String, Value> = Fate::all().map(|fate| (fate.key(), report.count(fate).into())).collect();
    let rows =
        |owner: Owner| -> Vec<Value> { report.entries.iter().filter(|entry| entry.owner == owner).map(row).collect() };
    let mut of_pipelines: Vec<Vec<Value>> = vec![Vec::new(); report.pipelines.len()];
    for entry in &report.entries {
        if let Owner::Pipeline(number, _) = entry.owner
            && let Some(list) = of_pipelines.get_mut(number)
        {
            list.push(row(entry));
        }
    }
    let (mut endpoints, mut agents) = (Vec::new(), Vec::new());
    for (pipeline, rows) in report.pipelines.iter().zip(of_pipelines) {
        let (file, line, _) = place(&pipeline.place);
        match &pipeline.kind {
            Kind::Endpoint { method, path } => {
                endpoints.push(json!({"method": method, "endpoint": path, "file": file, "line": line, "rows": rows}))
            }
            Kind::Agent { name } => {
                agents.push(json!({"agent": name, "file": file, "line": line, "rows": rows}));
            }
        }
    }
    json!({
        "file": report.name, "counts": counts, "complete": report.judged == Judged::Whole,
        "service": {"rows": rows(Owner::Service)}, "endpoints": endpoints, "agents": agents,
        "scripts": {"rows": rows(Owner::Script)},
    })
}

fn row(entry: &Entry) -> Value {
    let backend = match entry.owner {
        Owner::Pipeline(_, backend) => backend,
        _ => None,
    };
    let (file, line, column) = place(&entry.place);
    let keys: Vec<Value> = entry.keys.iter().map(key).collect();
    json!({
        "name": entry.name, "called": entry.called, "state": entry.fate.key(), "words": entry.words, "path": path(&entry.path),
        "backend": backend, "file": file, "line": line, "column": column, "keys": keys,
    })
}

fn key(detail: &Detail) -> Value {
    let (file, line, column) = place(&detail.place);
    json!({
        "name": detail.name, "words": detail.words, "path": path(&detail.path),
        "file": file, "line": line, "column": column,
    })
}

fn place(place: &Place) -> (&str, Option<usize>, Option<usize>) {
    (&place.page.name, place.position.map(|at| at.line), place.position.map(|at| at.column))
}
