//! Cases that are not expected to pass yet, each with the condition that will clear it. The list can only become shorter: a
//! listed case that passes fails the run, and so does a listed name that no case has.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::cases::list;

/// Case names, each with the reason why it is listed.
pub(super) struct NotYet(BTreeMap<String, String>);

impl NotYet {
    /// The entries for this world. An entry without `worlds` is for all worlds.
    pub(super) fn load(path: &Path, world: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        Self::new(&serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())), world)
    }

    fn new(document: &Value, world: &str) -> Self {
        let mut reasons = BTreeMap::new();
        for entry in list(document) {
            if entry.get("worlds").is_none_or(|worlds| list(worlds).iter().any(|one| one == world)) {
                let reason = entry["until"].as_str().expect("an entry says until when");
                let names = list(&entry["cases"]).iter().filter_map(Value::as_str);
                reasons.extend(names.map(|name| (name.to_owned(), reason.to_owned())));
            }
        }
        Self(reasons)
    }

    /// A list written in code.
    #[cfg(test)]
    pub(super) fn of<const N: usize>(entries: [(&str, &str); N]) -> Self {
        Self(entries.into_iter().map(|(name, reason)| (name.to_owned(), reason.to_owned())).collect())
    }

    /// The reason why a case is listed, if it is.
    pub(super) fn reason(&self, case: &str) -> Option<&str> {
        self.0.get(case).map(String::as_str)
    }

    /// Listed names that no case has.
    pub(super) fn unknown<'a>(&'a self, is_case: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str).filter(move |name| !is_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_may_be_for_one_world() {
        let document = json!([
            {"until": "calls", "cases": ["a", "b"]},
            {"until": "time", "worlds": ["natively"], "cases": ["c"]},
        ]);
        assert_eq!(NotYet::new(&document, "natively").reason("c"), Some("time"));
        assert_eq!(NotYet::new(&document, "in Envoy").reason("c"), None);
        assert_eq!(NotYet::new(&document, "in Envoy").reason("a"), Some("calls"));
        assert_eq!(NotYet::new(&document, "in Envoy").unknown(|name| name == "a").collect::<Vec<_>>(), ["b"]);
    }
}
