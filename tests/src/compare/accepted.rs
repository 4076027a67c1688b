//! The table of accepted differences: words that may be different, and the parts that may differ in some cases. Each entry has
//! a class, and each class has a reason in the table.

use std::path::Path;

use fancy_regex::{Regex, escape};
use serde_json::{Map, Value};

use crate::cases::{Recorded, Response, glob, list, upstream_requests};

/// The table.
pub struct Accepted {
    texts: Vec<(String, Regex)>,
    cases: Vec<Allowance>,
}

/// The parts that may differ in the cases that match.
struct Allowance {
    class: String,
    matching: Vec<String>,
    refused: bool,
    paths: Vec<String>,
    ignore: Vec<String>,
    instead: Vec<Value>,
}

/// The part of the table that one case can use.
#[derive(Clone)]
pub(super) struct AcceptedInCase<'r> {
    texts: &'r [(String, Regex)],
    cases: Vec<&'r Allowance>,
}

impl Accepted {
    /// Reads the table from its files: the recorder's own file, and one for printed lines, which the recorder only notes.
    pub fn load(folder: &Path) -> Self {
        let mut all = Self { texts: Vec::new(), cases: Vec::new() };
        for file in ["accepted.json", "accepted_printed.json"] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            let more = Self::new(&serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}")));
            all.texts.extend(more.texts);
            all.cases.extend(more.cases);
        }
        all
    }

    /// Reads the table from its document.
    pub fn new(document: &Value) -> Self {
        let class = |entry: &Value| {
            let class = entry["class"].as_str().unwrap().to_owned();
            assert!(document["classes"].get(&class).is_some(), "the class {class} lacks a reason");
            class
        };
        let pattern = |entry: &Value| Regex::new(&format!("(?s){}", entry["pattern"].as_str().unwrap())).unwrap();
        let case = |entry: &Value| Allowance {
            class: class(entry),
            matching: strings(&entry["match"]),
            refused: entry["refused"] == true,
            paths: strings(&entry["paths"]),
            ignore: strings(&entry["ignore"]),
            instead: list(&entry["instead"]).to_vec(),
        };
        Self {
            texts: list(&document["texts"]).iter().map(|entry| (class(entry), pattern(entry))).collect(),
            cases: list(&document["cases"]).iter().map(case).collect(),
        }
    }

    pub(super) fn of(&self, case: &str) -> AcceptedInCase<'_> {
        let fits = |allowance: &&Allowance| allowance.matching.iter().any(|pattern| glob::matches(pattern, case));
        AcceptedInCase { texts: &self.texts, cases: self.cases.iter().filter(fits).collect() }
    }
}

impl AcceptedInCase<'_> {
    /// The class that accepts a difference in this scope (`body`, `status:404`, `upstream:path` ...).
    pub(super) fn allows(&self, scope: &str, pointer: Option<&str>) -> Option<String> {
        let below = |path: &String| {
            pointer
                .and_then(|p| p.strip_prefix(path.as_str()))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let allows = |allowance: &&&Allowance| {
            allowance.ignore.iter().any(|pattern| glob::matches(pattern, scope))
                || (scope == "body" && allowance.paths.iter().any(below))
        };
        self.cases.iter().find(allows).map(|allowance| allowance.class.clone())
    }

    /// The class that accepts that the configuration is refused.
    pub(super) fn refusal(&self) -> Option<String> {
        self.cases.iter().find(|allowance| allowance.refused).map(|allowance| allowance.class.clone())
    }

    /// Other outcomes that are as good as the recorded one, each with its class.
    pub(super) fn other_outcomes(&self, recorded: &Recorded) -> Vec<(String, Recorded)> {
        let changes = self
            .cases
            .iter()
            .flat_map(|allowance| allowance.instead.iter().map(|change| (allowance.class.clone(), change)));
        changes.map(|(class, change)| (class, changed(recorded, change))).collect()
    }

    /// The class of the first pattern that is found in the recorded text, if the text around such words is the same.
    pub(super) fn accepts_text(&self, recorded: &str, actual: &str) -> Option<String> {
        let position = Regex::new(r"<string>:\d+: \z").unwrap();
        let (mut shape, mut at, mut found) = ("(?s)\\A".to_owned(), 0, None);
        while let Some((class, start, end)) = self.earliest(recorded, at) {
            found.get_or_insert(class);
            let before = &recorded[at..start];
            // the position that Lua itself writes before its words may be missing, or differ
            match position.find(before).unwrap() {
                Some(place) => shape += &format!(r"{}(?:<?[^\n:<>]*>?:\d+: )?.+?", escape(&before[..place.start()])),
                None => shape += &format!("{}.+?", escape(before)),
            }
            at = end;
        }
        shape += &format!("{}\\z", escape(&recorded[at..]));
        found.filter(|_| Regex::new(&shape).unwrap().is_match(actual).unwrap())
    }

    /// The pattern that is found first from this place on; if several are found at one place, the longest.
    fn earliest(&self, text: &str, at: usize) -> Option<(String, usize, usize)> {
        let mut best: Option<(&String, usize, usize)> = None;
        for (class, pattern) in self.texts {
            let Some(hit) = pattern.find_from_pos(text, at).unwrap().filter(|hit| hit.end() > hit.start()) else {
                continue;
            };
            if best.is_none_or(|(_, start, end)| (hit.start(), end) < (start, hit.end())) {
                best = Some((class, hit.start(), hit.end()));
            }
        }
        best.map(|(class, start, end)| (class.clone(), start, end))
    }
}

/// The recorded outcome with some changes: in all its responses, in the responses that `responses` names by number, and in the
/// upstream's requests: other requests, or some of the recorded ones by number.
fn changed(recorded: &Recorded, change: &Value) -> Recorded {
    let mut other = recorded.clone();
    for (response, number) in other.responses.iter_mut().zip(1..) {
        change_response(response, change);
        change_response(response, &change["responses"][number.to_string()]);
    }
    if change.get("upstream_requests").is_some() {
        other.upstream = upstream_requests(&change["upstream_requests"]);
    }
    if let Value::Array(numbers) = &change["recorded_upstream_requests"] {
        let recorded = |number: &Value| recorded.upstream[number.as_u64().unwrap() as usize - 1].clone();
        other.upstream = numbers.iter().map(recorded).collect();
    }
    other
}

/// A header with the value null is removed.
fn change_response(response: &mut Response, change: &Value) {
    if let Some(status) = change["status"].as_u64() {
        response.status = status.try_into().unwrap();
    }
    for (name, values) in change["headers"].as_object().unwrap_or(&Map::new()) {
        match values {
            Value::Null => drop(response.headers.remove(name)),
            values => drop(response.headers.insert(name.clone(), strings(values))),
        }
    }
    if let Some(body) = change["body"].as_str() {
        response.body = body.as_bytes().to_vec();
        response.truncated = false;
    }
}

/// One string or a list of them.
fn strings(value: &Value) -> Vec<String> {
    let one = value.as_str().map(str::to_owned);
    one.into_iter().chain(list(value).iter().map(|item| item.as_str().unwrap().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table() -> Accepted {
        Accepted::new(&json!({
            "classes": {"words": "VM's own words", "place": "elsewhere"},
            "texts": [
                {"class": "words", "pattern": "attempt to \\w+ a \\w+ value"},
                {"class": "words", "pattern": "attempt to \\w+"},
                {"class": "words", "pattern": "Get \".*?(?= \\([\\w.]+:L\\d+\\)$|$)"},
            ],
            "cases": [{"class": "place", "match": ["a-*", "b"], "paths": ["/x"], "ignore": ["status:404", "header:*"]}],
        }))
    }

    #[test]
    fn words_may_differ_and_what_stands_around_them_may_not() {
        let table = table();
        let accepts = |one: &str, two: &str| table.of("c").accepts_text(one, two).is_some();
        let recorded = "oh: <string>:3: attempt to index a nil value (pre-script:L3)";
        assert!(accepts(recorded, "oh: something else (pre-script:L3)"));
        assert!(accepts(recorded, "oh: a.lua:7: something else (pre-script:L3)"));
        assert!(!accepts(recorded, "ah: something else (pre-script:L3)"));
        assert!(!accepts(recorded, "oh: something else (pre-script:L4)"));
        assert!(!accepts("plain", "other"));
        assert!(accepts("Get \"x\": refused (p.lua:L1)", "no (p.lua:L1)"));
        assert!(!accepts("Get \"x\": refused (p.lua:L1)", "no (p.lua:L2)"));
    }

    #[test]
    fn a_rule_applies_to_its_cases_and_scopes_alone() {
        let table = table();
        assert!(table.of("a-1").allows("body", Some("/x/0")).is_some());
        assert!(table.of("a-1").allows("body", Some("/xy")).is_none());
        assert!(table.of("b").allows("header:x", None).is_some());
        assert!(table.of("b").allows("status:500", None).is_none());
        assert!(table.of("c").allows("status:404", None).is_none());
    }
}
