//! The result that a case expects. A missing key allows any value.

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
    /// Whether the message is done, and does not go back to its queue.
    pub(super) acknowledged: Option<bool>,
    /// Every request to backends, in order.
    pub(super) backend: Option<Vec<Seen>>,
    /// Every request of scripts to other services, in order.
    pub(super) side: Option<Vec<Seen>>,
    /// Every text that scripts print, in order.
    pub(super) prints: Option<Vec<String>>,
    /// Texts, each of which must be part of a log line that is no print.
    #[serde(default)]
    pub(super) log: Vec<String>,
    /// Part of the message of a script that fails or calls `custom_error`, or part of the reason why a message is rejected.
    pub(super) failure: Option<String>,
}

/// `[[case.expect.backend]]` and `[[case.expect.side]]`: an expected request. The fields for its headers and body repeat those
/// of `Expect`, because serde cannot flatten fields in a struct that refuses unknown fields.
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

/// The expectation of a header.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a header is a text, a list of texts, or false if it must not be there")]
pub(super) enum HeaderWanted {
    There(bool),
    One(String),
    All(Vec<String>),
}

/// The expectations of a body, of a response or of a request.
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

    /// Refuses keys about an answer if the case is a message, because nobody waits for its answer. Refuses `acknowledged` if
    /// the case is a request.
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

    /// Refuses keys that are not JSON pointers, texts that are not JSON, and `body` together with `json`.
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
