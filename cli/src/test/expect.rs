//! What a case says must come out. What is left out may be anything.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::file::from_text;
use crate::play::OneOrMany;

/// `[case.expect]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// The endpoint that the request meets.
    pub(super) endpoint: Option<String>,
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, HeaderWanted>,
    pub(super) body: Option<String>,
    pub(super) json: Option<Value>,
    #[serde(default)]
    pub(super) json_at: BTreeMap<String, Value>,
    pub(super) body_contains: Option<OneOrMany>,
    /// Whether a message is done, and does not go back to its queue.
    pub(super) acknowledged: Option<bool>,
    /// Everything that backends are sent, in order.
    pub(super) backend: Option<Vec<Seen>>,
    /// Everything that scripts ask other services, in order.
    pub(super) side: Option<Vec<Seen>>,
    /// Everything that scripts print, in order.
    pub(super) prints: Option<Vec<String>>,
    /// Each is part of a log line that is no print.
    #[serde(default)]
    pub(super) log: Vec<String>,
    /// Part of the message of a script that fails, or calls `custom_error`; or of why a message is rejected.
    pub(super) failure: Option<String>,
}

/// `[[case.expect.backend]]` and `[[case.expect.side]]`: a request that arrives there. What is wanted of its headers and body
/// is said as above once more: serde cannot flatten fields where unknown ones are refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    pub(super) method: Option<String>,
    pub(super) host: Option<String>,
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, HeaderWanted>,
    pub(super) body: Option<String>,
    pub(super) json: Option<Value>,
    #[serde(default)]
    pub(super) json_at: BTreeMap<String, Value>,
    pub(super) body_contains: Option<OneOrMany>,
}

/// A header.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a header is a text, a list of texts, or false if it must not be there")]
pub(super) enum HeaderWanted {
    There(bool),
    One(String),
    All(Vec<String>),
}

/// What is wanted of a body, wherever it stands.
pub(super) struct BodyWanted<'a> {
    pub(super) body: Option<&'a str>,
    pub(super) json: Option<&'a Value>,
    pub(super) json_at: &'a BTreeMap<String, Value>,
    pub(super) contains: Option<&'a OneOrMany>,
}

impl Expect {
    pub(super) fn of_body(&self) -> BodyWanted<'_> {
        let (body, json) = (self.body.as_deref(), self.json.as_ref());
        BodyWanted { body, json, json_at: &self.json_at, contains: self.body_contains.as_ref() }
    }

    /// What cannot be said of a message, which nobody waits for; and of a request.
    pub(super) fn check_of(&self, is_message: bool) -> Result<(), String> {
        let of_answers = [
            ("endpoint", self.endpoint.is_some()),
            ("status", self.status.is_some()),
            ("headers", !self.headers.is_empty()),
            ("body", self.body.is_some()),
            ("json", self.json.is_some()),
            ("json_at", !self.json_at.is_empty()),
            ("body_contains", self.body_contains.is_some()),
        ];
        match of_answers.iter().find(|(_, said)| *said) {
            Some((key, _)) if is_message => {
                Err(format!("`{key}` is of an answer, and nobody waits for one to a message: say `acknowledged`"))
            }
            _ if !is_message && self.acknowledged.is_some() => {
                Err("`acknowledged` is of a message: give the case `agent` and `message` instead of `request`"
                    .to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Pointers that are none, and texts that should be JSON.
    pub(super) fn check(&self) -> Result<(), String> {
        let seen = self.backend.iter().chain(&self.side).flatten();
        std::iter::once(self.of_body()).chain(seen.map(Seen::of_body)).try_for_each(|body| body.check())
    }
}

impl Seen {
    pub(super) fn of_body(&self) -> BodyWanted<'_> {
        let (body, json) = (self.body.as_deref(), self.json.as_ref());
        BodyWanted { body, json, json_at: &self.json_at, contains: self.body_contains.as_ref() }
    }
}

impl BodyWanted<'_> {
    fn check(&self) -> Result<(), String> {
        if let Some(pointer) = self.json_at.keys().find(|key| !key.is_empty() && !key.starts_with('/')) {
            return Err(format!("`{pointer}` in json_at is no JSON pointer: write \"/{}\"", pointer.replace('.', "/")));
        }
        if self.body.is_some() && self.json.is_some() {
            return Err("`body` and `json` exclude each other".to_owned());
        }
        self.json.map_or(Ok(()), |json| from_text(json.clone()).map(drop).map_err(|why| format!("`json`: {why}")))
    }
}
