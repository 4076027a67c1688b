//! What the module refuses beyond the table, and what scripts use that does not exist here: `check` gets a copy of the document
//! without the parts that the table has judged, and its findings become entries.

use std::ops::Range;
use std::rc::Rc;

use lua_modifier::config::migration::State;
use serde_json::Value;

use super::entry::{Entry, Fate, Mend, Owner, Place};
use crate::check::finding::{Finding, Level};
use crate::document::Step;
use crate::document::namespace;

/// How much of the rest `check` has judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Whole,
    /// There may be more findings.
    Partly,
}

/// Removes the parts that the table has judged from a configuration, so that the module reports the other faults.
pub(super) fn without_the_known(configuration: &mut Value, entries: &[Entry]) {
    let mut ignored = Vec::new();
    for entry in entries {
        let parent = entry.path.split_last();
        match (&entry.mend, parent) {
            (Some(Mend::Ignore(name)), _) => ignored.push(Value::from(name.as_str())),
            (Some(mend), Some((Step::Key(key), parent))) => {
                let Some(Value::Object(object)) = at_mut(configuration, parent) else { continue };
                if let (Some(value), Mend::Rename(name)) = (object.remove(key), mend) {
                    object.entry(*name).or_insert(value);
                }
            }
            _ => {}
        }
    }
    let Some(ours) = namespace(configuration) else { return };
    // A part that is reported here is no reason to refuse the rest.
    if ours.get("strict") == Some(&Value::Bool(true)) {
        ours.remove("strict");
    }
    if let Value::Array(list) = ours.entry("ignore").or_insert_with(|| Value::Array(Vec::new())) {
        list.extend(ignored);
    }
}

fn at_mut<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// Adds the findings to the entries. `owners` are the whole objects of endpoints, agents and backends, from the outer to the
/// inner.
pub(super) fn add(
    entries: &mut Vec<Entry>,
    findings: Vec<Finding>,
    owners: &[(Range<usize>, Owner)],
    page: &str,
) -> Judged {
    let mut judged = Judged::Whole;
    for finding in findings {
        match finding.level {
            Level::Note if finding.rule == "configuration" => judged = Judged::Partly,
            Level::Error if matches!(finding.rule, "configuration" | "md5" | "missing-source" | "syntax") => {
                refused(entries, finding, owners, page);
            }
            Level::Error if finding.rule == "absent-function" && is_missed_here(&finding) => {
                let name = finding.message.split('`').nth(1).unwrap_or_default().to_owned();
                let words = finding.help.clone().unwrap_or_else(|| finding.message.clone());
                let entry = entry(&finding, name, words, owners, page);
                entries.push(entry);
            }
            Level::Warning if finding.rule == "voided-token" => {
                let (name, words) = ("token".to_owned(), finding.message.clone());
                let entry = entry(&finding, name, words, owners, page);
                entries.push(entry);
            }
            _ => {}
        }
    }
    entries.sort_by_key(|entry| (entry.owner == Owner::Script, entry.place.page.name.clone(), entry.place.whole.start));
    judged
}

// A name that KrakenD's own Lua does not have either does not concern a migration.
fn is_missed_here(finding: &Finding) -> bool {
    let neither = finding.help.as_ref().is_some_and(|help| help.contains("KrakenD neither"));
    finding.message.ends_with("nothing here") && !neither
}

fn refused(entries: &mut Vec<Entry>, finding: Finding, owners: &[(Range<usize>, Owner)], page: &str) {
    let said = match &finding.help {
        Some(help) => format!("{}: {help}", finding.message),
        None => finding.message.clone(),
    };
    let holds = |place: &Place| {
        let same = place.page.name == finding.page.name;
        finding.span.as_ref().is_some_and(|span| same && place.whole.start <= span.start && span.end <= place.whole.end)
    };
    let by_hand = Fate::Is(State::ByHand);
    // `timeout: must be a string`: the entry already has that name.
    let unnamed = |name: &str, said: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        said.strip_prefix(last).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(said).to_owned()
    };
    let inner = entries.iter_mut().filter(|entry| holds(&entry.place)).max_by_key(|entry| entry.place.whole.start);
    let Some(inner) = inner.filter(|entry| !entry.fate.needs_work() || entry.words != said) else {
        let name = if finding.rule == "syntax" { "script" } else { "configuration" };
        let entry = entry(&finding, name.to_owned(), said, owners, page);
        entries.push(entry);
        return;
    };
    // A refused key no longer shares the fate of the part around it.
    if let Some(at) = inner.keys.iter().rposition(|detail| holds(&detail.place)) {
        let detail = inner.keys.remove(at);
        let (name, words) = (format!("{}.{}", inner.name, detail.name), unnamed(&detail.name, &said));
        let split = Entry {
            name,
            words,
            fate: by_hand,
            path: detail.path,
            place: detail.place,
            keys: Vec::new(),
            ..inner.clone()
        };
        entries.push(split);
    } else {
        (inner.fate, inner.words) = (by_hand, unnamed(&inner.name, &said));
    }
}

// A separate entry, for a finding that lies in no other entry.
fn entry(finding: &Finding, name: String, words: String, owners: &[(Range<usize>, Owner)], page: &str) -> Entry {
    let whole = finding.span.clone().unwrap_or_default();
    let around = owners.iter().rev().find(|(range, _)| range.start <= whole.start && whole.end <= range.end);
    let owner = match finding.page.name == page {
        true => around.map_or(Owner::Service, |(_, owner)| *owner),
        false => Owner::Script,
    };
    let position = finding.span.as_ref().map(|span| finding.page.position(span.start));
    let place = Place { page: Rc::clone(&finding.page), span: finding.span.clone(), whole, position };
    let (fate, path, called, keys) = (Fate::Is(State::ByHand), Vec::new(), Vec::new(), Vec::new());
    Entry { owner, name, called, fate, words, path, place, keys, mend: None }
}
