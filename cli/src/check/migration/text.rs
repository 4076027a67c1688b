//! The report for people: counts, the work that is left, then the document in its own order.

use std::fmt::Write;

use lua_modifier::config::migration::State;

use super::entry::{Entry, Fate, Owner};
use super::judged::Judged;
use super::summary::things;
use super::{Kind, Pipeline, Report};
use crate::paint::{bold, dim, green, red, yellow};

const EXACT: Fate = Fate::Is(State::Exact);

/// The report of one document.
pub(super) fn written(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = head(&mut text, report).and_then(|()| to_do(&mut text, report)).and_then(|()| all(&mut text, report));
    text
}

fn head(text: &mut String, report: &Report) -> std::fmt::Result {
    let exact = (0..report.pipelines.len()).filter(|number| is_exact(report, *number)).count();
    let is_agent = |pipeline: &&Pipeline| matches!(pipeline.kind, Kind::Agent { .. });
    let agents = report.pipelines.iter().filter(is_agent).count();
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let endpoints = counted(report.pipelines.len().saturating_sub(agents), "endpoint");
    let agents = if agents == 0 { String::new() } else { format!(" and {}", counted(agents, "agent")) };
    writeln!(text, "{}: {endpoints}{agents}, {exact} of them exact\n", bold(&report.name))?;
    for fate in Fate::all() {
        let count = report.count(fate);
        if count > 0 {
            writeln!(text, "{count:>6} {} {}", painted(fate), fate.meaning())?;
        }
    }
    if report.judged == Judged::Partly {
        writeln!(text, "\nThe module could not judge this to the end: there may be more, see `lua-modifier check`.")?;
    }
    Ok(())
}

fn to_do(text: &mut String, report: &Report) -> std::fmt::Result {
    for fate in Fate::all().rev().filter(|fate| *fate != EXACT) {
        let things = things(report, fate);
        if things.is_empty() {
            continue;
        }
        writeln!(text, "\n{}", bold(capital(fate.name())))?;
        for thing in things {
            let places = match thing.places {
                1 => String::new(),
                places => format!(", at {places} places"),
            };
            writeln!(text, "  {}{}", thing.title, dim(places))?;
            if !thing.words.is_empty() {
                writeln!(text, "      {}", thing.words)?;
            }
            if thing.refused {
                writeln!(text, "      the module refuses the document until \"ignore\" says that this is done")?;
            }
            let width = thing.keys.keys().map(|key| key.len()).max().unwrap_or_default();
            for (key, words) in thing.keys {
                writeln!(text, "      {key:width$}  {words}")?;
            }
        }
    }
    Ok(())
}

fn all(text: &mut String, report: &Report) -> std::fmt::Result {
    let of_service: Vec<&Entry> = report.entries.iter().filter(|entry| entry.owner == Owner::Service).collect();
    writeln!(text, "\n{}", bold("Service"))?;
    lines(text, &of_service, 0)?;
    // The entries are sorted by pipeline once, because there may be thousands of pipelines.
    let mut by_pipeline: Vec<Vec<&Entry>> = vec![Vec::new(); report.pipelines.len()];
    for entry in &report.entries {
        if let Owner::Pipeline(number, _) = entry.owner
            && let Some(list) = by_pipeline.get_mut(number)
        {
            list.push(entry);
        }
    }
    for (Pipeline { kind, backends, .. }, entries) in report.pipelines.iter().zip(by_pipeline) {
        let title = match kind {
            Kind::Endpoint { method, path } => format!("{method} {path}"),
            Kind::Agent { name } => format!("agent {name}"),
        };
        if entries.iter().all(|entry| entry.fate == EXACT) {
            writeln!(text, "{}  {}", bold(title), green("exact"))?;
        } else {
            writeln!(text, "{}", bold(title))?;
            lines(text, &entries, *backends)?;
        }
    }
    let scripts: Vec<&Entry> = report.entries.iter().filter(|entry| entry.owner == Owner::Script).collect();
    if !scripts.is_empty() {
        writeln!(text, "{}", bold("Scripts"))?;
        lines(text, &scripts, 0)?;
    }
    Ok(())
}

fn lines(text: &mut String, entries: &[&Entry], backends: usize) -> std::fmt::Result {
    let title = |entry: &Entry| match entry.owner {
        Owner::Pipeline(_, Some(_)) if backends < 2 => format!("backend: {}", entry.title()),
        Owner::Pipeline(_, Some(backend)) => format!("backend {}: {}", backend.saturating_add(1), entry.title()),
        _ => entry.title(),
    };
    let others = || entries.iter().filter(|entry| entry.fate != EXACT);
    let width = others().map(|entry| title(entry).chars().count()).max().unwrap_or_default().min(60);
    for fate in Fate::all().rev() {
        for entry in others().filter(|entry| entry.fate == fate) {
            let line = entry.place.position.map(|at| format!(":{}", at.line)).unwrap_or_default();
            let place = dim(format!("{}{line}", entry.place.page.name));
            writeln!(text, "  {} {:width$}  {place}", painted(fate), title(entry))?;
        }
    }
    let exact: Vec<String> = entries.iter().filter(|entry| entry.fate == EXACT).map(|entry| title(entry)).collect();
    if !exact.is_empty() {
        writeln!(text, "  {} {}", painted(EXACT), exact.join(", "))?;
    }
    Ok(())
}

fn is_exact(report: &Report, number: usize) -> bool {
    report.of_pipeline(number).all(|entry| entry.fate == EXACT)
}

fn painted(fate: Fate) -> String {
    let name = format!("{:11}", fate.name());
    match fate {
        Fate::Is(State::Exact | State::ByEnvoy | State::NotNeeded) => green(name),
        Fate::Is(State::Lost) => red(name),
        Fate::Is(State::ByHand | State::Approximate) => yellow(name),
        Fate::Ignored => dim(name),
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
