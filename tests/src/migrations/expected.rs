//! The expected results of a request, and what was seen.

use serde_json::Value;

use crate::cases::{Response, header_pairs, list};
use crate::upstreams::Asked;

/// The expected results of a request. A result that is left out may be anything.
pub struct Expected(Value);

/// The results of a request that were seen.
pub struct Seen {
    /// The client's response, or the reason why there was none.
    pub response: Result<Response, String>,
    /// The requests that the backends got, in order.
    pub asked: Vec<Asking>,
}

/// A request as a backend saw it.
#[derive(Clone, Debug)]
pub struct Asking {
    /// `GET shop.internal:8080/items?page=2`, the host as the backend sees it.
    pub line: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl From<Asked> for Asking {
    fn from(asked: Asked) -> Self {
        let host = asked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = host.map_or("", |(_, value)| value.as_str());
        Self { line: format!("{} {host}{}", asked.method, asked.path), headers: asked.headers, body: asked.body }
    }
}

impl Expected {
    pub(super) const KEYS: &[&str] = &[
        // About the answer.
        "status",
        "json",
        "body",
        "body_has",
        "headers",
        // The requests that reached the backends; and the headers, and the body as JSON, of the first of them.
        "asked",
        "asked_headers",
        "asked_json",
    ];

    pub(super) fn new(value: &Value) -> Self {
        assert!(value["status"].is_number(), "a status is expected of every request");
        Self(value.clone())
    }

    /// The differences from the expected results.
    pub fn differs(&self, seen: &Seen) -> Vec<String> {
        let mut wrong = match &seen.response {
            Ok(response) => self.answer(response),
            Err(why) => vec![format!("no answer: {why}")],
        };
        wrong.extend(self.asked(&seen.asked));
        wrong
    }

    fn answer(&self, response: &Response) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut hold = |what: &str, wanted: &Value, found: Value| {
            if !wanted.is_null() && *wanted != found {
                wrong.push(format!("{what}: {wanted} wanted, {found} found"));
            }
        };
        hold("status", &self.0["status"], response.status.into());
        hold("json", &self.0["json"], response.told().1);
        hold("body", &self.0["body"], response.text().into());
        for (name, value) in header_pairs(&self.0["headers"]) {
            let found = response.headers.get(&name).map(|values| values.join(", "));
            hold(&name, &value.into(), found.into());
        }
        if let Some(words) = self.0["body_has"].as_str().filter(|words| !response.text().contains(words)) {
            wrong.push(format!("body: {words:?} is not in {:?}", response.text()));
        }
        wrong
    }

    fn asked(&self, asked: &[Asking]) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some(wanted) = self.0["asked"].as_array() {
            // Backends that are asked in parallel come in any order.
            let mut wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
            let mut found: Vec<&str> = asked.iter().map(|asking| asking.line.as_str()).collect();
            wanted.sort_unstable();
            found.sort_unstable();
            if wanted != found {
                wrong.push(format!("asked: {wanted:?} wanted, {found:?} found"));
            }
        }
        let Some(first) = asked.first() else { return wrong };
        for (name, value) in header_pairs(&self.0["asked_headers"]) {
            let found = first.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(&name));
            if found.is_none_or(|(_, found)| *found != value) {
                wrong.push(format!("asked with {name}: {value:?} wanted, {found:?} found"));
            }
        }
        if !self.0["asked_json"].is_null() {
            let found: Value = serde_json::from_slice(&first.body).unwrap_or_default();
            if found != self.0["asked_json"] {
                wrong.push(format!("asked with the body: {} wanted, {found} found", self.0["asked_json"]));
            }
        }
        wrong
    }
}

impl Seen {
    /// The results that `lua-modifier run --format json` shows.
    pub fn of_story(story: &Value) -> Self {
        let response = &story["response"];
        let response = Ok(Response {
            status: response["status"].as_u64().unwrap_or_default().try_into().unwrap(),
            headers: crate::cases::header_lists(&pairs(&response["headers"])),
            body: word(&response["body"]).into_bytes(),
            ..Response::default()
        });
        let mut asked = Vec::new();
        asked_in(story, &mut asked);
        Self { response, asked }
    }
}

/// The requests that backends got. A request of the gateway to itself is not one of them, but the requests that it led to are.
fn asked_in(story: &Value, asked: &mut Vec<Asking>) {
    let sent = |event: &Value| event["event"] == "sent" || event["note"] == "sent";
    for event in list(&story["events"]) {
        for one in std::iter::once(event).chain(list(&event["notes"])).filter(|event| sent(event)) {
            if one["gateway"].is_object() {
                asked_in(&one["gateway"], asked);
                continue;
            }
            let line = format!("{} {}{}", word(&one["method"]), word(&one["host"]), word(&one["path"]));
            asked.push(Asking { line, headers: pairs(&one["headers"]), body: word(&one["body"]).into_bytes() });
        }
    }
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    list(value).iter().map(|pair| (word(&pair[0]), word(&pair[1]))).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
