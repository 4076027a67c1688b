//! The upstream of a case as a function: it takes rules and a request, and gives an answer. Opens no sockets, so that every
//! world can use it.

use std::fmt::{self, Write as _};
use std::time::Duration;

use serde_json::Value;

use crate::cases::{UpstreamRequest, header_lists, header_pairs};

/// A rule: the upstream's answer to some requests.
#[derive(Clone)]
pub struct Rule {
    written: Value,
    path: String,
    method: Option<String>,
    answer: Answer,
    echo: bool,
}

/// The upstream's answer to a request.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers; no `Content-Length` unless the rule has one.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The time that the answer takes.
    pub delay: Duration,
    /// Whether the connection is dropped instead.
    pub close: bool,
    /// Bytes that are written before the connection is dropped; they need not be HTTP. A world without sockets only sees the
    /// drop.
    pub raw: Vec<u8>,
}

/// A request as it reached the upstream.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers, in order and case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f) // people read the rule as the case has it
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.written, f)
    }
}

impl Rule {
    /// Reads a rule; without `headers`, the answer's type is JSON.
    pub fn new(value: &Value) -> Self {
        let json = ("Content-Type".to_owned(), "application/json".to_owned());
        let echo = value["echo"] == true;
        let mut headers = header_pairs(&value["headers"]);
        if value.get("headers").is_none() || (echo && !headers.iter().any(|(name, _)| *name == json.0)) {
            headers.insert(0, json);
        }
        let answer = Answer {
            status: value["status"].as_u64().map_or(200, |status| status.try_into().unwrap()),
            headers,
            body: value["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
            delay: Duration::from_millis(value["delay_ms"].as_u64().unwrap_or(0)),
            close: value["close"] == true || value.get("raw").is_some(),
            raw: value["raw"].as_str().unwrap_or_default().as_bytes().to_vec(),
        };
        let method = value["method"].as_str().filter(|method| !method.is_empty()).map(str::to_owned);
        Self { written: value.clone(), path: value["path"].as_str().unwrap_or("*").to_owned(), method, answer, echo }
    }

    /// The rule with addresses put into its texts.
    pub fn with_texts(&self, fill: impl Fn(&str) -> String) -> Self {
        let mut rule = self.clone();
        rule.path = fill(&rule.path);
        rule.answer.headers.iter_mut().for_each(|(_, value)| *value = fill(value));
        rule.answer.body = fill(&String::from_utf8_lossy(&rule.answer.body)).into_bytes();
        rule
    }

    fn fits(&self, asked: &Asked) -> bool {
        let path = asked.path.split('?').next().unwrap_or_default();
        self.method.as_ref().is_none_or(|method| *method == asked.method)
            && (self.path == "*" || self.path == path || self.path == asked.path)
    }
}

/// Answers by the first rule that fits; without one, the answer is 404.
pub fn answer(rules: &[Rule], asked: &Asked) -> Answer {
    match rules.iter().find(|rule| rule.fits(asked)) {
        Some(rule) if rule.echo => Answer { body: asked.echo().into_bytes(), ..rule.answer.clone() },
        Some(rule) => rule.answer.clone(),
        None => Answer {
            status: 404,
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: br#"{"error":"no rule"}"#.to_vec(),
            ..Answer::default()
        },
    }
}

impl Asked {
    /// The request in the form of recorded requests.
    pub fn observed(&self) -> UpstreamRequest {
        UpstreamRequest {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: header_lists(&self.headers),
            body: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }

    /// The request as JSON, with the recorder's spacing and escapes, because scripts see the text and its length.
    fn echo(&self) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut headers: Vec<(&str, Vec<String>)> = Vec::new();
        for (name, value) in &self.headers {
            match headers.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(quoted(value)),
                None => headers.push((name, vec![quoted(value)])),
            }
        }
        let shown = headers.iter().map(|(name, values)| match values.as_slice() {
            [one] => format!("{}: {one}", quoted(name)),
            several => format!("{}: [{}]", quoted(name), several.join(", ")),
        });
        format!(
            r#"{{"method": {}, "path": {}, "query": {}, "headers": {{{}}}, "body": {}}}"#,
            quoted(&self.method),
            quoted(path),
            quoted(query),
            shown.collect::<Vec<_>>().join(", "),
            quoted(&String::from_utf8_lossy(&self.body)),
        )
    }
}

/// A JSON string in ASCII.
fn quoted(text: &str) -> String {
    let json = Value::String(text.to_owned()).to_string();
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").unwrap();
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(method: &str, path: &str) -> Asked {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![header("X-A", "1"), header("Host", "h"), header("X-A", "é")];
        Asked { method: method.into(), path: path.into(), headers, body: b"{\"a\":1}".to_vec() }
    }

    #[test]
    fn the_first_rule_that_fits_answers() {
        let rules = [
            json!({"path": "/a", "method": "POST", "status": 201}),
            json!({"path": "/a?x=1", "body": "with query"}),
            json!({"path": "/a", "headers": {}, "body": "any"}),
        ];
        let rules: Vec<Rule> = rules.iter().map(Rule::new).collect();
        assert_eq!(answer(&rules, &asked("POST", "/a?x=1")).status, 201);
        assert_eq!(answer(&rules, &asked("GET", "/a?x=1")).body, b"with query");
        let any = answer(&rules, &asked("GET", "/a?x=2"));
        assert_eq!((any.body.as_slice(), any.headers.len()), (b"any".as_slice(), 0));
        assert_eq!(answer(&rules, &asked("GET", "/b")).status, 404);
    }

    #[test]
    fn an_echo_shows_the_request() {
        let rules = [Rule::new(&json!({"path": "*", "echo": true, "headers": {"X-Up": "u"}}))];
        let answer = answer(&rules, &asked("GET", "/a?b=c"));
        assert_eq!(answer.headers.len(), 2);
        assert_eq!(
            String::from_utf8(answer.body).unwrap(),
            r#"{"method": "GET", "path": "/a", "query": "b=c", "headers": {"X-A": ["1", "\u00e9"], "Host": "h"}, "body": "{\"a\":1}"}"#
        );
    }
}
