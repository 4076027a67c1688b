//! Walks through a document with the table: each namespace and each key becomes an entry. Knows the shape of a document; what
//! its parts mean, only the table says.

use std::rc::Rc;

use lua_modifier::config::migration::{self, Level, Row, State};
use serde_json::{Map, Value};

use super::entry::{Detail, Entry, Fate, Lines, Mend, Owner, Place};
use crate::document::NAMESPACE;
use crate::document::Page;
use crate::document::Places;
use crate::document::Step;

/// A document during the walk.
pub(super) struct Walk<'a> {
    page: Rc<Page>,
    places: &'a Places<'a>,
    lines: &'a Lines<'a>,
    ignore: Vec<&'a str>,
    entries: Vec<Entry>,
}

/// The position of the walk: the owner of the parts there, and their path.
struct At {
    owner: Owner,
    level: Level,
    path: Vec<Step>,
}

/// All entries of a document, in the order of their places.
pub(super) fn entries<'a>(
    json: &'a Value,
    page: &Rc<Page>,
    places: &'a Places<'a>,
    lines: &'a Lines<'a>,
) -> Vec<Entry> {
    let ours = json.get("extra_config").and_then(|extra| extra.get(NAMESPACE));
    let ignore = ours.and_then(|ours| ours.get("ignore")).and_then(Value::as_array);
    let ignore = ignore.into_iter().flatten().filter_map(Value::as_str).collect();
    let mut walk = Walk { page: Rc::clone(page), places, lines, ignore, entries: Vec::new() };
    walk.level(json, &At { owner: Owner::Service, level: Level::Service, path: Vec::new() });
    for (number, (level, pipeline, path)) in pipelines(json).into_iter().enumerate() {
        if level == Level::Agent && walk.ignore.contains(&"async_agent") {
            continue;
        }
        for (backend, value, path) in items(pipeline, "backend", &path) {
            walk.level(value, &At { owner: Owner::Pipeline(number, Some(backend)), level: Level::Backend, path });
        }
        walk.level(pipeline, &At { owner: Owner::Pipeline(number, None), level, path });
    }
    let mut entries = walk.entries;
    entries.sort_by_key(|entry| entry.place.whole.start);
    entries
}

/// The objects that have a pipeline, with their paths: the endpoints, then the agents.
pub(super) fn pipelines(json: &Value) -> Vec<(Level, &Value, Vec<Step>)> {
    let lists = [("endpoints", Level::Endpoint), ("async_agent", Level::Agent)];
    let all =
        lists.into_iter().flat_map(|(key, level)| items(json, key, &[]).into_iter().map(move |item| (level, item)));
    all.map(|(level, (_, item, path))| (level, item, path)).collect()
}

/// The objects of a list, with their numbers and paths.
pub(super) fn items<'a>(value: &'a Value, key: &str, path: &[Step]) -> Vec<(usize, &'a Value, Vec<Step>)> {
    let list = value.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
    list.map(|(number, item)| (number, item, joined(path, [Step::Key(key.to_owned()), Step::Index(number)]))).collect()
}

fn joined(path: &[Step], steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    path.iter().cloned().chain(steps).collect()
}

/// The keys of an object that KrakenD does not take for comments.
fn real(map: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let real = map.iter().filter(|(key, value)| !key.starts_with(['@', '$']) && !value.is_null());
    real.map(|(key, value)| (key.as_str(), value))
}

impl Walk<'_> {
    fn level(&mut self, value: &Value, at: &At) {
        let Some(object) = value.as_object() else { return };
        for (key, value) in real(object) {
            match key {
                // The contents of these are walked through separately.
                "extra_config" => self.namespaces(value, &At { path: key_of(at, key), ..*at }),
                "endpoints" if at.level == Level::Service => {}
                "backend" if matches!(at.level, Level::Endpoint | Level::Agent) => {}
                _ => {
                    let found = self.key(key, value, migration::keys(at.level), &key_of(at, key), at.owner);
                    self.entries.extend(found);
                }
            }
        }
    }

    fn namespaces(&mut self, extra: &Value, at: &At) {
        for (written, value) in extra.as_object().map(real).into_iter().flatten() {
            let name = migration::current_name(written);
            if name == NAMESPACE {
                continue;
            }
            let path = key_of(at, written);
            let called = called(name, value);
            let mut found = match migration::namespace(name, at.level) {
                Some(row) => {
                    let mut found = self.row(row, name, value, &path, at.owner);
                    if let Some(first) = found.first_mut().filter(|_| are_known(&called, row)) {
                        first.fate = Fate::Is(State::ByHand);
                        first.words = "they come with KrakenD, and Envoy has something in the place of each".to_owned();
                        first.keys.clear();
                    }
                    found
                }
                None => {
                    let (state, words) = strange(name, at.level);
                    vec![self.entry(name, Fate::Is(state), words, &path, at.owner)]
                }
            };
            if let Some(first) = found.first_mut() {
                if self.ignore.contains(&name) || self.ignore.contains(&written) {
                    first.words = stated(first);
                    first.fate = Fate::Ignored;
                    first.keys.clear();
                    found.truncate(1);
                } else if migration::protects(name) {
                    first.mend = Some(Mend::Ignore(written.to_owned()));
                }
            }
            found.iter_mut().take(1).for_each(|entry| entry.called.clone_from(&called));
            self.entries.extend(found);
        }
    }

    // A key of an object whose keys are known.
    fn key(&self, key: &str, value: &Value, rows: &[Row], path: &[Step], owner: Owner) -> Vec<Entry> {
        let known = Row::find(rows, key);
        let respelled = || rows.iter().find(|row| row.name.eq_ignore_ascii_case(key));
        let is_exact = |row: &Row| row.state == State::Exact && row.beyond(value).is_none();
        if self.ignore.contains(&key) && !known.is_some_and(is_exact) {
            let mut found = known.map_or_else(Vec::new, |row| self.row(row, key, value, path, owner));
            let words = found.first().map(stated).unwrap_or_default();
            found = vec![self.entry(key, Fate::Ignored, words, path, owner)];
            return found;
        }
        if let Some(row) = known {
            let mut found = match row.state != State::Exact && is_idle(value) {
                true => {
                    vec![self.entry(key, Fate::Is(State::NotNeeded), "it asks for nothing".to_owned(), path, owner)]
                }
                false => self.row(row, key, value, path, owner),
            };
            found.iter_mut().take(1).for_each(|entry| entry.called = called(key, value));
            return found;
        }
        let today = migration::renamed(key).filter(|today| Row::find(rows, today).is_some());
        let (fate, words, mend) = match (respelled(), today) {
            (Some(row), _) if row.state == State::Exact => {
                let words = format!("write this key as \"{}\": the module takes no other spelling", row.name);
                (State::ByHand, words, Some(Mend::Rename(row.name)))
            }
            (Some(row), _) => return self.row(row, row.name, value, path, owner),
            (None, Some(today)) => {
                let words =
                    format!("a name of KrakenD's second version, which KrakenD reads no more: \"{today}\" is meant");
                (State::ByHand, words, None)
            }
            (None, None) => {
                let words = "KrakenD reads no key of this name here: remove it, or look for a misspelling";
                (State::NotNeeded, words.to_owned(), None)
            }
        };
        vec![Entry { mend, ..self.entry(key, Fate::Is(fate), words, path, owner) }]
    }

    // The entries for a part with a row in the table: its own entry, then entries for the keys inside with another fate.
    fn row(&self, row: &Row, name: &str, value: &Value, path: &[Step], owner: Owner) -> Vec<Entry> {
        let (state, words, mend) = match row.beyond(value) {
            Some(beyond) if beyond.state == State::Approximate => (beyond.state, beyond.words, None),
            Some(beyond) => (beyond.state, beyond.words, Some(Mend::Remove)),
            None => (row.state, row.words(), None),
        };
        let mut entry = Entry { mend, ..self.entry(name, Fate::Is(state), words.to_owned(), path, owner) };
        let (rows, mut others) = (row.inside(), Vec::new());
        for (path, object) in objects(value, path) {
            for (key, value) in real(object).filter(|_| !rows.is_empty()) {
                let path = joined(&path, [Step::Key(key.to_owned())]);
                // In a part that is not served, unknown keys do not matter.
                if row.state != State::Exact && (Row::find(rows, key).is_none() || is_idle(value)) {
                    continue;
                }
                for inside in self.key(key, value, rows, &path, owner) {
                    match inside.fate == entry.fate && inside.mend.is_none() {
                        true => {
                            let below = inside.keys.iter().map(|below| Detail {
                                name: format!("{}.{}", inside.name, below.name),
                                ..below.clone()
                            });
                            let (name, words) = (inside.name.clone(), inside.words.clone());
                            let detail = Detail { name, words, path: inside.path.clone(), place: inside.place.clone() };
                            entry.keys.extend(std::iter::once(detail).chain(below));
                        }
                        false => others.push(Entry { name: format!("{name}.{}", inside.name), ..inside }),
                    }
                }
            }
        }
        std::iter::once(entry).chain(others).collect()
    }

    fn entry(&self, name: &str, fate: Fate, words: String, path: &[Step], owner: Owner) -> Entry {
        let (name, path, called, keys) = (name.to_owned(), path.to_vec(), Vec::new(), Vec::new());
        let place = place(&self.page, self.places, self.lines, &path);
        Entry { owner, name, called, fate, words, path, place, keys, mend: None }
    }
}

/// The place of a path.
pub(super) fn place(page: &Rc<Page>, places: &Places<'_>, lines: &Lines<'_>, path: &[Step]) -> Place {
    let found = places.find(path);
    let span = found.as_ref().map(|found| found.name.clone());
    let whole = found.map(|found| found.name.start..found.value.end).unwrap_or_default();
    let position = span.as_ref().map(|span| lines.position(span.start));
    Place { page: Rc::clone(page), span, whole, position }
}

fn key_of(at: &At, key: &str) -> Vec<Step> {
    joined(&at.path, [Step::Key(key.to_owned())])
}

// The state and the words for a namespace that KrakenD does not look for at this level.
fn strange(name: &str, level: Level) -> (State, String) {
    if migration::is_misplaced(name, level) {
        let state = if migration::protects(name) { State::ByHand } else { State::NotNeeded };
        return (state, format!("KrakenD does not look for it in the extra_config of {} either: remove it", of(level)));
    }
    if let Some(row) = migration::family(name) {
        return (row.state, row.words().to_owned());
    }
    let meant = migration::namespaces().find(|known| known.row.name.eq_ignore_ascii_case(name));
    match meant.map(|meant| meant.row.name) {
        Some(meant) => {
            (State::ByHand, format!("KrakenD knows it under the name \"{meant}\" only: rename it, or remove it"))
        }
        None => (State::Lost, "KrakenD has no namespace of this name: a plugin's own, or a misspelling".to_owned()),
    }
}

fn of(level: Level) -> &'static str {
    match level {
        Level::Service => "the service",
        Level::Endpoint => "an endpoint",
        Level::Agent => "an agent",
        Level::Backend => "a backend",
    }
}

// The words that the table would give, for a part that the user has named in `ignore`.
fn stated(entry: &Entry) -> String {
    match entry.fate {
        Fate::Is(state) if !entry.words.is_empty() => format!("without this: {}: {}", state.name(), entry.words),
        Fate::Is(state) => format!("without this: {}", state.name()),
        Fate::Ignored => entry.words.clone(),
    }
}

// The objects of a value: the value itself, or the items of a list.
fn objects<'a>(value: &'a Value, path: &[Step]) -> Vec<(Vec<Step>, &'a Map<String, Value>)> {
    match value {
        Value::Object(object) => vec![(path.to_vec(), object)],
        Value::Array(list) => {
            let items = list.iter().enumerate();
            items.filter_map(|(index, item)| Some((joined(path, [Step::Index(index)]), item.as_object()?))).collect()
        }
        _ => Vec::new(),
    }
}

// The names by which users know their plugins and agents.
fn called(name: &str, value: &Value) -> Vec<String> {
    if !name.starts_with("plugin/") && name != "async_agent" {
        return Vec::new();
    }
    let texts = |value: &Value| match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    };
    objects(value, &[]).iter().filter_map(|(_, object)| object.get("name")).flat_map(texts).collect()
}

// Are these plugins that KrakenD ships? They have their own rows.
fn are_known(called: &[String], row: &Row) -> bool {
    let is_known = |name: &String| Row::find(row.keys, name).is_some_and(|row| row.state == State::ByHand);
    !called.is_empty() && called.iter().all(is_known)
}

fn is_idle(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}
