//! `lua-modifier check --migration`: what becomes of everything in a document, also in a document that the module refuses. One
//! table, the filter's, holds what becomes of each name; `check` itself judges what the table does not know.

mod entry;
mod json;
mod judged;
mod summary;
mod table;
mod text;
mod walk;

use std::ops::Range;
use std::rc::Rc;

use host_sim::Module;
use lua_modifier::config::migration;
use serde_json::Value;

use super::finding::{Finding, Level};
use super::inspection::Inspection;
use super::lua::Names;
use super::report::{self, Format};
use super::{Args, told};
use crate::document::{Places, Reading, Step, Written};
use crate::paint::print;
use crate::{Common, Outcome, Trouble, module};
use entry::{Entry, Fate, Lines, Owner, Place};
use judged::Judged;

pub(crate) use table::table;

/// What becomes of one document.
struct Report {
    name: String,
    /// The endpoints, then the agents.
    pipelines: Vec<Pipeline>,
    /// The entries, in the order of their places.
    entries: Vec<Entry>,
    judged: Judged,
}

/// The heading of an endpoint or an agent.
struct Pipeline {
    kind: Kind,
    place: Place,
    backends: usize,
}

enum Kind {
    Endpoint { method: String, path: String },
    Agent { name: String },
}

impl Kind {
    fn of(level: migration::Level, pipeline: &Value) -> Self {
        let text = |key: &str, default: &str| match pipeline.get(key).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => default.to_owned(),
        };
        match level {
            migration::Level::Agent => Self::Agent { name: text("name", "(no name)") },
            _ => Self::Endpoint { method: text("method", "GET").to_uppercase(), path: text("endpoint", "(no path)") },
        }
    }
}

impl Report {
    fn of(module: &Module, names: &Names, written: Written, reading: &Reading) -> Result<Self, Trouble> {
        let page = written.page();
        let (places, lines) = (Places::of(&page.text), Lines::of(&page.text));
        let json: Value = serde_json::from_str(&page.text).unwrap_or_default();
        let mut entries = walk::entries(&json, &page, &places, &lines);
        let without = |configuration: &mut Value| judged::without_the_known(configuration, &entries);
        let mut inspection = Inspection::of(module, names, (written, Rc::clone(&page)), reading, &without)?;
        let findings = std::mem::take(&mut inspection.findings);
        if let Some(finding) = findings.iter().find(|finding| finding.rule == "json") {
            return Err(unreadable(finding));
        }
        let (mut pipelines, mut owners) = (Vec::new(), Vec::new());
        let whole = |path: &[Step]| walk::place(&page, &places, &lines, path);
        for (number, (level, pipeline, path)) in walk::pipelines(&json).into_iter().enumerate() {
            let place = whole(&path);
            owners.push((place.whole.clone(), Owner::Pipeline(number, None)));
            let backends = walk::items(pipeline, "backend", &path);
            let inside: Vec<(Range<usize>, Owner)> = backends
                .iter()
                .map(|(backend, _, path)| (whole(path).whole, Owner::Pipeline(number, Some(*backend))))
                .collect();
            owners.extend(inside);
            pipelines.push(Pipeline { kind: Kind::of(level, pipeline), place, backends: backends.len() });
        }
        let judged = judged::add(&mut entries, findings, &owners, &page.name);
        if let Some(origin) = inspection.origin() {
            pipelines.iter_mut().for_each(|pipeline| pipeline.place.back(&origin));
            entries.iter_mut().for_each(|entry| entry.back(&origin));
        }
        Ok(Self { name: page.name.clone(), pipelines, entries, judged })
    }

    fn count(&self, fate: Fate) -> usize {
        self.entries.iter().filter(|entry| entry.fate == fate).count()
    }

    /// The entries of a pipeline and its backends.
    fn of_pipeline(&self, number: usize) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| matches!(entry.owner, Owner::Pipeline(of, _) if of == number))
    }
}

fn unreadable(finding: &Finding) -> Trouble {
    let place = finding.span.as_ref().map(|span| finding.page.position(span.start));
    let place = place.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
    Trouble::new(format!("{}{place}: {}", finding.page.name, finding.message))
}

/// Reports on documents, and tells why other documents have no report.
pub(crate) fn run(
    documents: Vec<Written>,
    (mut troubles, faults): (Vec<Trouble>, Vec<Finding>),
    args: &Args,
    common: &Common,
) -> Result<Outcome, Trouble> {
    troubles.extend(faults.iter().map(unreadable));
    let mut reports = Vec::new();
    if !documents.is_empty() {
        let module = module::load(common.wasm.as_deref())?;
        let names = Names::read().map_err(|error| Trouble::new(format!("the table of names: {error}")))?;
        for written in documents {
            match Report::of(&module, &names, written, &args.reading) {
                Ok(report) => reports.push(report),
                Err(trouble) => troubles.push(trouble),
            }
        }
    }
    match args.format {
        Format::Text => print(&reports.iter().map(text::written).collect::<Vec<_>>().join("\n"), common.color),
        Format::Json => print(&json::written(&reports), common.color),
        Format::Github => {
            let findings: Vec<Finding> =
                reports.iter().flat_map(|report| &report.entries).filter_map(finding).collect();
            report::print(args.format, common.color, &findings, reports.len())?;
        }
    }
    told(troubles)?;
    let works = reports.iter().flat_map(|report| &report.entries).any(|entry| entry.fate.needs_work());
    Ok(if works { Outcome::Findings } else { Outcome::Clean })
}

// A diff shows the entries on which the user has to act.
fn finding(entry: &Entry) -> Option<Finding> {
    if !entry.fate.needs_work() {
        return None;
    }
    let message = format!("{} is {}: {}", entry.title(), entry.fate.name(), entry.words);
    let (page, span) = (Rc::clone(&entry.place.page), entry.place.span.clone());
    Some(Finding { rule: "migration", level: Level::Warning, message, help: None, page, span })
}
