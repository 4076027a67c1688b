//! The work that is left, each thing once, however often it stands in the document. Knows no layout.

use std::collections::BTreeMap;

use lua_modifier::config::migration::{self, State};

use super::Report;
use super::entry::{Entry, Fate};

/// One thing that is not exact.
pub(super) struct Thing<'a> {
    pub(super) title: String,
    pub(super) words: &'a str,
    /// The number of places where it stands.
    pub(super) places: usize,
    /// Whether the module refuses the document until `ignore` names it.
    pub(super) refused: bool,
    /// The words for its keys that have words of their own.
    pub(super) keys: BTreeMap<&'a str, &'a str>,
}

/// The things of a fate, in the order of their first places.
pub(super) fn things(report: &Report, fate: Fate) -> Vec<Thing<'_>> {
    let (mut things, mut known) = (Vec::<Thing<'_>>::new(), BTreeMap::new());
    for entry in report.entries.iter().filter(|entry| entry.fate == fate && !is_plain(entry)) {
        let number = *known.entry((entry.title(), entry.words.as_str())).or_insert_with(|| {
            let (title, words) = (entry.title(), entry.words.as_str());
            let refused = fate.needs_work() && migration::protects(&entry.name) && !entry.name.contains('.');
            things.push(Thing { title, words, places: 0, refused, keys: BTreeMap::new() });
            things.len().saturating_sub(1)
        });
        let Some(thing) = things.get_mut(number) else { continue };
        thing.places = thing.places.saturating_add(1);
        let spoken = entry.keys.iter().filter(|key| !key.words.is_empty());
        thing.keys.extend(spoken.map(|key| (key.name.as_str(), key.words.as_str())));
    }
    things
}

fn is_plain(entry: &Entry) -> bool {
    entry.fate == Fate::Is(State::Exact)
}
