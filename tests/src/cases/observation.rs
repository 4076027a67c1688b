//! What was seen when a case was played, and what was recorded from KrakenD: both have the same form, so that they can be
//! compared. Knows nothing of the world in which it was seen.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Addresses;

/// Headers by lower-case name, each with its values in order.
pub type HeaderLists = BTreeMap<String, Vec<String>>;

/// A response as the client read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderLists,
    /// Its body, without framing.
    pub body: Vec<u8>,
    /// The body was shorter than its `Content-Length`.
    pub truncated: bool,
}

impl Response {
    /// The body as text, even if it is not text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The status, and the body as JSON; a body that is not JSON becomes a JSON string.
    pub fn told(&self) -> (u16, Value) {
        (self.status, serde_json::from_slice(&self.body).unwrap_or_else(|_| Value::String(self.text())))
    }
}

/// A request as the upstream read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpstreamRequest {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderLists,
    /// Its body, as text.
    pub body: String,
}

/// One message that the module logged.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// `trace`, `debug`, `info`, `warning`, `error` or `critical`.
    pub level: String,
    /// The message; it may have several lines.
    pub text: String,
}

/// Everything that one play of a case showed.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// A response for each request, or the reason why there was none.
    pub responses: Vec<Result<Response, String>>,
    /// The requests that the upstream got, in order.
    pub upstream: Vec<UpstreamRequest>,
    /// The lines that the module logged while it was configured and while it served.
    pub log: Vec<LogLine>,
}

impl Observation {
    /// Puts the placeholders back into everything that was seen.
    pub fn restore(&mut self, at: &Addresses) {
        let headers = |lists: &mut HeaderLists| {
            lists.values_mut().flatten().for_each(|value| *value = at.restore(value));
        };
        for response in self.responses.iter_mut().flatten() {
            headers(&mut response.headers);
            if let Ok(text) = std::str::from_utf8(&response.body) {
                response.body = at.restore(text).into_bytes();
            }
        }
        for request in &mut self.upstream {
            headers(&mut request.headers);
            request.path = at.restore(&request.path);
            request.body = at.restore(&request.body);
        }
        self.log.iter_mut().for_each(|line| line.text = at.restore(&line.text));
    }
}

/// The result of a case.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The case was played to its end.
    Played(Observation),
    /// The module refused the configuration, with this message.
    Refused(String),
    /// The world broke down while it played the case.
    Crashed(String),
}

/// Groups headers by lower-case name.
pub fn header_lists<'a>(pairs: impl IntoIterator<Item = &'a (String, String)>) -> HeaderLists {
    let mut lists = HeaderLists::new();
    for (name, value) in pairs {
        lists.entry(name.to_lowercase()).or_default().push(value.clone());
    }
    lists
}
