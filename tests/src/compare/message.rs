//! Responses and upstream requests: the headers that are compared, and the way in which bodies are compared. The tables list
//! what is left out, and why.

use serde_json::{Map, Value};

use super::text::settled;
use super::{Comparison, Scope};
use crate::cases::{HeaderLists, Response, UpstreamRequest, glob};

/// Response headers that only show how a message was carried, or by which server.
const NOT_OF_THE_RESPONSE: [&str; 9] = [
    "server",
    "date",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "x-krakend",
    "x-request-id",
    "x-envoy-*",
];

/// The same for requests.
const NOT_OF_THE_REQUEST: [&str; 9] = [
    "accept-encoding",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "x-request-id",
    "x-envoy-*",
    "x-forwarded-proto",
];

/// Headers that KrakenD's own client adds by default: compared only if another value was recorded.
const USUAL: [(&str, &[&str]); 4] = [
    ("user-agent", &["KrakenD Version undefined", "Go-http-client/1.1"]),
    ("x-forwarded-for", &["127.0.0.1"]),
    ("x-forwarded-host", &["gateway.test"]),
    ("x-forwarded-via", &["KrakenD Version undefined"]),
];

/// The keys of the mock's echo.
const ECHO: [&str; 5] = ["body", "headers", "method", "path", "query"];

/// Is this the mock's answer when it echoes a request?
pub(super) fn is_echo(object: &Map<String, Value>) -> bool {
    object.len() == ECHO.len() && ECHO.iter().all(|key| object.contains_key(*key)) && object["headers"].is_object()
}

/// The request headers of both sides, without those that are not compared.
pub(super) fn without_usual(recorded: &HeaderLists, actual: &HeaderLists) -> (HeaderLists, HeaderLists) {
    let usual = |name: &str| {
        let values = recorded.get(name);
        let own_host = |host: &String| host == "UPSTREAM" || host == "UPSTREAM_CLOSED";
        if name == "host" {
            return values.is_none_or(|values| values.first().is_none_or(own_host));
        }
        let default = USUAL.iter().find(|(known, _)| *known == name);
        default.is_some_and(|(_, usual)| values.is_none_or(|values| values.iter().all(|v| usual.contains(&v.as_str()))))
    };
    let keep = |name: &str| !listed(&NOT_OF_THE_REQUEST, name) && !usual(name);
    (kept(recorded, keep), kept(actual, keep))
}

fn listed(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| glob::matches(pattern, name))
}

fn kept(headers: &HeaderLists, keep: impl Fn(&str) -> bool) -> HeaderLists {
    headers.iter().filter(|(name, _)| keep(name)).map(|(name, values)| (name.clone(), values.clone())).collect()
}

impl Comparison<'_> {
    pub(super) fn response(&mut self, place: &str, recorded: &Response, actual: &Response) {
        if recorded.status != actual.status {
            let scope = Scope::new(format!("status:{}", actual.status));
            self.differ(&format!("{place} status"), recorded.status.to_string(), actual.status.to_string(), &scope);
        }
        let keep = |name: &str| !listed(&NOT_OF_THE_RESPONSE, name);
        self.headers(place, &kept(&recorded.headers, keep), &kept(&actual.headers, keep), "header:");
        self.body(&format!("{place} body"), &recorded.body, &actual.body);
        if recorded.truncated != actual.truncated {
            let (one, two) = (recorded.truncated.to_string(), actual.truncated.to_string());
            self.differ(&format!("{place} truncated"), one, two, &Scope::new("truncated"));
        }
    }

    pub(super) fn upstream_request(&mut self, place: &str, recorded: &UpstreamRequest, actual: &UpstreamRequest) {
        let parts = [
            ("method", &recorded.method, &actual.method),
            ("path", &recorded.path, &actual.path),
            ("body", &recorded.body, &actual.body),
        ];
        for (part, one, two) in parts {
            if one != two {
                self.differ(&format!("{place} {part}"), one, two, &Scope::new(format!("upstream:{part}")));
            }
        }
        let (one, two) = without_usual(&recorded.headers, &actual.headers);
        self.headers(place, &one, &two, "upstream:header:");
        let (host, other) = (recorded.headers.get("host"), actual.headers.get("host"));
        if host != other && !one.contains_key("host") {
            self.note("host", place, &format!("{host:?}"), &format!("{other:?}"));
        }
    }

    fn headers(&mut self, place: &str, recorded: &HeaderLists, actual: &HeaderLists, scope: &str) {
        let shown =
            |values: Option<&Vec<String>>| values.map_or("(missing)".to_owned(), |values| format!("{values:?}"));
        let mut names: Vec<&String> = recorded.keys().chain(actual.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let (one, two) = (recorded.get(name), actual.get(name));
            if one != two {
                let scope = Scope::new(format!("{scope}{name}"));
                self.differ(&format!("{place} header {name}"), shown(one), shown(two), &scope);
            }
        }
    }

    /// Compares bodies as JSON if both are JSON, else as texts, else byte by byte.
    fn body(&mut self, place: &str, recorded: &[u8], actual: &[u8]) {
        let scope = Scope::new("body");
        let (Ok(one), Ok(two)) = (std::str::from_utf8(recorded), std::str::from_utf8(actual)) else {
            if recorded != actual {
                self.differ(place, format!("{recorded:02x?}"), format!("{actual:02x?}"), &scope);
            }
            return;
        };
        let (one, two) = (settled(one), settled(two));
        if one == two {
            return;
        }
        let before = self.found();
        match (serde_json::from_str::<Value>(&one), serde_json::from_str::<Value>(&two)) {
            (Ok(one), Ok(two)) => self.json(place, &one, &two, &scope),
            _ => self.text(place, &one, &two, &scope),
        }
        if self.found() == before {
            self.note("jsontext", place, &one, &two);
        }
    }
}
