//! Compares the story of a case with its expectations: finds every difference, and the value that would have to be written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::expect::{BodyWanted, Expect, HeaderWanted, Seen};
use super::file::from_text;
use crate::play::{Message, Sent, Story};

/// A step from `[case.expect]` to a value in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// A difference between the expectation and the result.
#[derive(Clone, Debug)]
pub(super) struct Mismatch {
    /// The steps to the expectation, below `expect`.
    pub(super) at: Vec<Step>,
    /// The expected value; `None`: there must be no value.
    pub(super) expected: Option<Value>,
    /// The actual value; `None`: there is no value.
    pub(super) actual: Option<Value>,
    pub(super) how: How,
}

/// The way in which the two values were compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum How {
    Equal,
    /// The text must contain the expected text. `--update` cannot record a value for that.
    Contains,
    /// The case has no expectations yet.
    Unwritten,
}

/// The differences; if there are none, the case has passed.
pub(super) fn judge(expect: Option<&Expect>, story: &Story) -> Vec<Mismatch> {
    let mut judge = Judge { at: vec![], found: vec![] };
    match expect {
        Some(expect) => judge.whole(expect, story),
        None => judge.unwritten(story),
    }
    judge.found
}

struct Judge {
    at: Vec<Step>,
    found: Vec<Mismatch>,
}

impl Judge {
    fn mismatch(&mut self, key: &str, expected: Option<Value>, actual: Option<Value>, how: How) {
        let mut at = self.at.clone();
        at.push(Step::Key(key.to_owned()));
        self.found.push(Mismatch { at, expected, actual, how });
    }

    fn equal(&mut self, key: &str, expected: impl Into<Value>, actual: Option<Value>) {
        let expected = expected.into();
        if !actual.as_ref().is_some_and(|actual| same(&expected, actual)) {
            self.mismatch(key, Some(expected), actual, How::Equal);
        }
    }

    fn within(&mut self, steps: impl IntoIterator<Item = Step>, judge: impl FnOnce(&mut Self)) {
        let outside = self.at.len();
        self.at.extend(steps);
        judge(self);
        self.at.truncate(outside);
    }

    fn whole(&mut self, expect: &Expect, story: &Story) {
        if let Some(endpoint) = &expect.endpoint {
            self.equal("endpoint", endpoint.as_str(), story.endpoint.as_deref().map(Value::from));
        }
        let broken = Message::default();
        let response = story.response.as_ref().unwrap_or(&broken);
        if let Some(status) = expect.status {
            self.equal("status", status, story.response.as_ref().map(|response| response.status.into()));
        }
        if let Some(acknowledged) = expect.acknowledged {
            self.equal("acknowledged", acknowledged, story.acknowledged.map(Value::from));
        }
        self.headers(&expect.headers, &response.headers);
        self.body(&expect.of_body(), &response.body);
        for (key, wanted, sent) in
            [("backend", &expect.backend, story.sent("backend")), ("side", &expect.side, story.sent("side"))]
        {
            if let Some(wanted) = wanted {
                self.requests(key, wanted, &sent);
            }
        }
        if let Some(prints) = &expect.prints {
            self.equal("prints", prints.clone(), Some(story.prints().into()));
        }
        for wanted in &expect.log {
            if !story.log().any(|line| line.text.contains(wanted)) {
                let lines: Vec<&str> = story.log().map(|line| line.text.as_str()).collect();
                self.mismatch("log", Some(wanted.as_str().into()), Some(lines.into()), How::Contains);
            }
        }
        if let Some(wanted) = &expect.failure {
            let of_scripts = story.halves().filter_map(|half| Some(half.failure.as_ref()?.message.as_str()));
            let failures: Vec<&str> = of_scripts.chain(story.rejection()).collect();
            if !failures.iter().any(|failure| failure.contains(wanted)) {
                self.mismatch("failure", Some(wanted.as_str().into()), Some(failures.into()), How::Contains);
            }
        }
    }

    fn headers(&mut self, wanted: &BTreeMap<String, HeaderWanted>, headers: &[(String, String)]) {
        self.within([Step::Key("headers".to_owned())], |judge| {
            for (name, wanted) in wanted {
                let named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                let values: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
                let actual = match values.as_slice() {
                    [] => None,
                    [one] => Some(Value::from(*one)),
                    several => Some(several.into()),
                };
                let wrong = match wanted {
                    HeaderWanted::There(wanted) => *wanted == values.is_empty(),
                    HeaderWanted::One(value) => values != [value],
                    HeaderWanted::All(all) => values != *all,
                };
                let expected = match wanted {
                    HeaderWanted::There(false) => None,
                    HeaderWanted::There(true) => Some("any value".into()),
                    HeaderWanted::One(value) => Some(value.as_str().into()),
                    HeaderWanted::All(all) => Some(all.clone().into()),
                };
                if wrong {
                    judge.mismatch(name, expected, actual, How::Equal);
                }
            }
        });
    }

    fn body(&mut self, wanted: &BodyWanted<'_>, body: &str) {
        if let Some(text) = wanted.body {
            self.equal("body", text, Some(body.into()));
        }
        let read = serde_json::from_str::<Value>(body).ok();
        if let Some(json) = wanted.json {
            let json = from_text(json.clone()).unwrap_or_else(|_| json.clone());
            // A body that is not JSON is shown as it is.
            let actual = read.clone().unwrap_or_else(|| body.into());
            self.equal("json", json, Some(actual));
        }
        self.within([Step::Key("json_at".to_owned())], |judge| {
            for (pointer, value) in wanted.json_at {
                judge.equal(pointer, value.clone(), read.as_ref().and_then(|read| read.pointer(pointer)).cloned());
            }
        });
        for part in wanted.contains.iter().flat_map(|parts| parts.values()) {
            if !body.contains(part) {
                self.mismatch("body_contains", Some(part.as_str().into()), Some(body.into()), How::Contains);
            }
        }
    }

    fn requests(&mut self, key: &str, wanted: &[Seen], sent: &[&Sent]) {
        if wanted.len() != sent.len() {
            let expected = wanted.iter().map(|seen| {
                let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".to_owned());
                request_line(&part(&seen.method), &part(&seen.host), &part(&seen.path))
            });
            let actual = sent.iter().map(|sent| request_line(&sent.method, &sent.host, &sent.path));
            let expected = Value::Array(expected.collect());
            return self.mismatch(key, Some(expected), Some(Value::Array(actual.collect())), How::Equal);
        }
        for (index, (seen, sent)) in wanted.iter().zip(sent).enumerate() {
            self.within([Step::Key(key.to_owned()), Step::Index(index)], |judge| {
                for (key, wanted, actual) in [
                    ("method", &seen.method, &sent.method),
                    ("host", &seen.host, &sent.host),
                    ("path", &seen.path, &sent.path),
                ] {
                    if let Some(wanted) = wanted {
                        judge.equal(key, wanted.as_str(), Some(actual.as_str().into()));
                    }
                }
                judge.headers(&seen.headers, &sent.headers);
                judge.body(&seen.of_body(), &sent.body);
            });
        }
    }

    /// Lists the values that `--update` would record: status and body, or the acknowledgement; prints; requests that left.
    fn unwritten(&mut self, story: &Story) {
        let mut record = |key: &str, actual: Value| self.mismatch(key, None, Some(actual), How::Unwritten);
        if let Some(acknowledged) = story.acknowledged {
            record("acknowledged", acknowledged.into());
        } else if let Some(response) = &story.response {
            record("status", response.status.into());
            match serde_json::from_str::<Value>(&response.body) {
                Ok(json) => record("json", json),
                Err(_) => record("body", response.body.as_str().into()),
            }
        }
        record("prints", story.prints().into());
        for key in ["backend", "side"] {
            let sent = story.sent(key);
            let lines = sent.iter().map(|sent| request_line(&sent.method, &sent.host, &sent.path));
            record(key, Value::Array(lines.collect()));
        }
    }
}

/// A request in one line of a list, as it would be recorded.
fn request_line(method: &str, host: &str, path: &str) -> Value {
    let mut line = Map::new();
    for (key, value) in [("method", method), ("host", host), ("path", path)] {
        if value != "*" {
            line.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(line)
}

// 42, 42.0 and 4.2e1 are the same number.
fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.as_f64().is_some() && a.as_f64() == b.as_f64()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_at_any_depth() {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(same(&read(r#"{"a": [42.0, 100]}"#), &read(r#"{"a": [42, 1e2]}"#)));
        assert!(!same(&read(r#"{"a": 42}"#), &read(r#"{"a": 43}"#)));
        assert!(!same(&read(r#"{"a": 42}"#), &read(r#"{"a": 42, "b": 1}"#)));
        assert!(!same(&read("1"), &read("\"1\"")));
    }
}
