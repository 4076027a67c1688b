//! A document from which faults were taken out, so that the module can be asked again, and the way back from a place in it to
//! the place in the original document. Knows how parts of a document depend on each other, as far as one fault could look like
//! two.

use serde_json::Value;

use super::judge::Complaint;
use crate::document::{BLOCKS, NAMESPACE, Step, each_block, namespace, split};

/// A document without its faults.
pub(crate) struct Reduced {
    pub(crate) json: Value,
    // Paths in the original document.
    removed: Vec<Vec<Step>>,
}

/// Keys of our own namespace: without them, correct parts elsewhere would look wrong.
const LOAD_BEARING: [&str; 4] = ["sources", "sources_url", "ignore", "clusters"];

impl Reduced {
    pub(super) fn of(json: Value) -> Self {
        Self { json, removed: Vec::new() }
    }

    /// The complaint in a line of the module.
    pub(super) fn complaint(&self, line: &str) -> Complaint {
        match split(line, &self.json) {
            Some((path, what)) => self.complaint_at(&path, what),
            None => Complaint { at: None, what: line.to_owned(), source: None },
        }
    }

    pub(super) fn complaint_at(&self, path: &[Step], what: &str) -> Complaint {
        Complaint { at: Some(self.original(path)), what: self.renumbered(what), source: None }
    }

    /// The place in the original document.
    pub(super) fn original(&self, path: &[Step]) -> Vec<Step> {
        let mut original: Vec<Step> = Vec::new();
        for step in path {
            let step = match step {
                Step::Key(key) => Step::Key(key.clone()),
                Step::Index(index) => Step::Index(self.index(&original, *index)),
            };
            original.push(step);
        }
        original
    }

    fn index(&self, list: &[Step], reduced: usize) -> usize {
        let is_removed =
            |index: usize| self.removed.iter().any(|path| path.split_last() == Some((&Step::Index(index), list)));
        (0..).filter(|index| !is_removed(*index)).nth(reduced).unwrap_or(reduced)
    }

    // `the method and path of $.endpoints[0] once more`
    fn renumbered(&self, what: &str) -> String {
        const LIST: &str = "$.endpoints[";
        let Some((before, rest)) = what.split_once(LIST) else { return what.to_owned() };
        let Some((digits, behind)) = rest.split_once(']') else { return what.to_owned() };
        let Ok(index) = digits.parse::<usize>() else { return what.to_owned() };
        format!("{before}{LIST}{}]{behind}", self.index(&[Step::Key("endpoints".to_owned())], index))
    }

    /// Whether a fault at this place follows from a part that was taken out earlier.
    pub(super) fn follows(&self, path: &[Step]) -> bool {
        let original = self.original(path);
        self.removed.iter().any(|removed| removed.starts_with(&original))
    }

    /// Takes a fault out; false if the rest could not be judged without it.
    pub(super) fn mend(&mut self, path: &[Step]) -> bool {
        if path == [Step::Key("version".to_owned())] {
            return match self.json.as_object_mut() {
                Some(document) => document.insert("version".to_owned(), 3.into()) != Some(3.into()),
                None => false,
            };
        }
        if bears_load(path) {
            return false;
        }
        // A missing part cannot be taken out, but the part that lacks it can.
        let mut path = path;
        while !path.is_empty() && at(&self.json, path).is_none_or(Value::is_null) {
            path = path.split_last().map(|(_, parent)| parent).unwrap_or_default();
        }
        let Some((last, parent)) = path.split_last() else { return false };
        self.removed.push(self.original(path));
        let name = at(&self.json, path).and_then(Value::as_str).map(str::to_owned);
        match (at_mut(&mut self.json, parent), last) {
            (Some(Value::Object(object)), Step::Key(key)) => {
                object.remove(key);
                if key == "sources" {
                    object.remove("md5");
                }
            }
            (Some(Value::Array(list)), Step::Index(index)) if *index < list.len() => drop(list.remove(*index)),
            _ => return false,
        }
        // A source that does not exist has no checksum either.
        if let Some((Step::Key(key), block)) = parent.split_last()
            && key == "sources"
            && let Some(name) = name
            && let Some(Value::Object(sums)) = at_mut(&mut self.json, block).and_then(|block| block.get_mut("md5"))
        {
            sums.remove(&name);
        }
        true
    }

    /// The sources that a block lists, if the path leads to such a list: name and text.
    pub(super) fn sources_at(&self, path: &[Step]) -> Vec<(String, String)> {
        let is_list = matches!(path.split_last(), Some((Step::Key(key), [.., Step::Key(block)]))
            if key == "sources" && BLOCKS.contains(&block.as_str()));
        let names = at(&self.json, path).filter(|_| is_list).and_then(Value::as_array);
        let texts = self.json.get("extra_config").and_then(|extra| extra.get(NAMESPACE)?.get("sources"));
        let text = |name: &Value| {
            let name = name.as_str()?;
            Some((name.to_owned(), texts?.get(name)?.as_str()?.to_owned()))
        };
        let mut sources: Vec<_> = names.into_iter().flatten().filter_map(text).collect();
        sources.sort();
        sources.dedup();
        sources
    }

    /// Makes the text of a source empty, wherever the source is used.
    pub(super) fn empty_source(&mut self, name: &str) {
        if let Some(texts) = namespace(&mut self.json).and_then(|ours| ours.get_mut("sources")?.as_object_mut()) {
            texts.insert(name.to_owned(), "".into());
        }
        each_block(&mut self.json, &mut |block| {
            if let Some(Value::Object(sums)) = block.get_mut("md5") {
                sums.remove(name);
            }
        });
    }
}

fn bears_load(path: &[Step]) -> bool {
    let keys: Vec<&str> = path
        .iter()
        .take(3)
        .map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Index(_) => "",
        })
        .collect();
    match keys.as_slice() {
        [] => true,
        [first] => *first == "extra_config",
        ["extra_config", second] => *second == NAMESPACE,
        ["extra_config", second, third, ..] => *second == NAMESPACE && LOAD_BEARING.contains(third),
        _ => false,
    }
}

pub(super) fn at<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

fn at_mut<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str, json: &Value) -> Vec<Step> {
        split(&format!("{text}: x"), json).unwrap().0
    }

    #[test]
    fn places_lead_back_to_the_document_as_it_was_written() {
        let mut reduced = Reduced::of(json!({"endpoints": [{"a": 1}, {"b": [0, 1, 2]}, {"c": 1}]}));
        assert!(reduced.mend(&path("$.endpoints[0]", &reduced.json)));
        assert!(reduced.mend(&path("$.endpoints[0].b[1]", &reduced.json)));
        assert!(reduced.mend(&path("$.endpoints[0].b[1]", &reduced.json)));
        assert_eq!(reduced.json, json!({"endpoints": [{"b": [0]}, {"c": 1}]}));
        let complaint = reduced.complaint("$.endpoints[1].c: like $.endpoints[0] once more");
        assert_eq!(crate::document::written(&complaint.at.unwrap()), "$.endpoints[2].c");
        assert_eq!(complaint.what, "like $.endpoints[1] once more");
        assert!(reduced.follows(&path("$.endpoints[0].b", &reduced.json)));
        assert!(!reduced.follows(&path("$.endpoints[1].c", &reduced.json)));
    }

    #[test]
    fn what_lacks_something_goes_with_it() {
        let mut reduced = Reduced::of(json!({"endpoints": [{"a": 1}]}));
        assert!(reduced.mend(&path("$.endpoints[0].backend", &reduced.json)));
        assert_eq!(reduced.json, json!({"endpoints": []}));
        assert!(!reduced.mend(&[]));
    }
}
