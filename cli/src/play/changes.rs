//! The changes that a half of a stage made: compares the messages before and after it, field by field.

use serde::Serialize;
use serde_json::{Map, Value};

use super::observed::Messages;

/// One field that has changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Change {
    /// `ctx`, `request`, `response`.
    pub(crate) of: String,
    /// `method`, `path`, `query`, `url`, `host`, `params`, `headers`, `status`, `complete`, `data`, `body`.
    pub(crate) field: String,
    /// The name of the header or parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// The old value; absent: the field is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Value>,
    /// The new value; absent: the field was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Value>,
}

/// The differences. A body that was only read is in `after` and not in `before`: that is no change if such a body arrived.
pub(crate) fn between(before: &Messages, after: &Messages, arrived: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let nothing = Map::new();
    for (of, fields) in after {
        let old = before.get(of).unwrap_or(&nothing);
        for (field, value) in fields {
            let one = |key: Option<&str>, before: Option<&Value>, after: Option<&Value>| Change {
                of: of.clone(),
                field: field.clone(),
                key: key.map(str::to_owned),
                before: before.cloned(),
                after: after.cloned(),
            };
            let was = old.get(field);
            match (field.as_str(), was, value) {
                (_, Some(was), value) if was == value => {}
                ("headers" | "params", Some(Value::Object(was)), Value::Object(now)) => {
                    let gone = was.iter().filter(|(key, _)| !now.contains_key(*key));
                    changes.extend(gone.map(|(key, value)| one(Some(key), Some(value), None)));
                    let new = now.iter().filter(|(key, value)| was.get(*key) != Some(value));
                    changes.extend(new.map(|(key, value)| one(Some(key), was.get(key), Some(value))));
                }
                ("body", None, Value::String(body)) if arrived.contains(&body.as_str()) => {}
                _ => changes.push(one(None, was, Some(value))),
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(fields: Value) -> Messages {
        serde_json::from_value(json!({ "request": fields })).unwrap()
    }

    #[test]
    fn headers_are_compared_one_by_one() {
        let before = request(json!({"headers": {"A": ["1"], "B": ["2"], "C": ["3"]}, "path": "/"}));
        let after = request(json!({"headers": {"A": ["1"], "B": ["4"], "D": ["5"]}, "path": "/"}));
        let changes = between(&before, &after, &[]);
        let said: Vec<_> = changes.iter().map(|c| (c.key.as_deref().unwrap(), &c.before, &c.after)).collect();
        assert_eq!(
            said,
            [
                ("C", &Some(json!(["3"])), &None),
                ("B", &Some(json!(["2"])), &Some(json!(["4"]))),
                ("D", &None, &Some(json!(["5"]))),
            ]
        );
    }

    #[test]
    fn a_body_that_was_only_read_is_no_change_and_one_that_was_set_is() {
        let before = request(json!({"path": "/"}));
        let after = request(json!({"path": "/", "body": "came"}));
        assert_eq!(between(&before, &after, &["came"]), []);
        assert_eq!(between(&before, &after, &["other"]).len(), 1);
    }
}
