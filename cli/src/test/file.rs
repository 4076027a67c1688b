//! The format of test files: TOML, `*.test.toml`. Every key is listed here, and an unknown key is an error with its line. Plays
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use host_sim::Request;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::expect::Expect;
use crate::Trouble;
use crate::document::{Document, Reading, Written};
use crate::environment::{Variables, unlisted};
use crate::play::{Arrival, Conditions, Moment, OneOrMany, Rule, at, check_path, checked, header, in_file, method};
use crate::verification::Token;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    config: Option<Spanned<String>>,
    document: Option<Spanned<Value>>,
    folder: Option<String>,
    settings: Option<Spanned<String>>,
    partials: Option<Spanned<String>>,
    templates: Option<Spanned<String>>,
    now: Option<Moment>,
    seed: Option<u64>,
    #[serde(default)]
    env: BTreeMap<Spanned<String>, String>,
    #[serde(default)]
    upstream: Vec<Spanned<Rule>>,
    #[serde(default)]
    case: Vec<CaseInFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseInFile {
    name: Spanned<String>,
    request: Option<Spanned<String>>,
    agent: Option<Spanned<String>>,
    message: Option<Spanned<String>>,
    #[serde(default)]
    headers: BTreeMap<Spanned<String>, OneOrMany>,
    body: Option<Spanned<String>>,
    json: Option<Value>,
    claims: Option<Spanned<Value>>,
    token: Option<Spanned<String>>,
    now: Option<Moment>,
    seed: Option<u64>,
    #[serde(default)]
    upstream: Vec<Spanned<Rule>>,
    expect: Option<Expect>,
}

/// The rules and conditions that all cases of a file share.
struct Shared {
    rules: Vec<Rule>,
    conditions: Conditions,
}

/// A test file that has been read.
pub(super) struct TestFile {
    /// The path under which the file was found.
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) document: Document,
    /// The folder in which the document's sources are.
    pub(super) folder: PathBuf,
    /// Variables of the environment.
    pub(super) variables: Variables,
    pub(super) cases: Vec<Case>,
}

/// One request or message, and the expected result.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) arrival: Arrival,
    /// The case's own conditions, filled up from those of the file.
    pub(super) conditions: Conditions,
    /// The case's own rules, then those of the file. `None`: every backend answers 200 `{}`.
    pub(super) rules: Option<Vec<Rule>>,
    /// The expectations; `None`: the file has none yet.
    pub(super) expect: Option<Expect>,
}

impl TestFile {
    pub(super) fn read(path: &Path, reading: &Reading) -> Result<Self, Trouble> {
        let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, "read", &error))?;
        let file: File = toml::from_str(&text).map_err(|error| in_file(path, &text, &error))?;
        let beside = path.parent().unwrap_or(Path::new(""));
        let folder = file.folder.as_ref().map(|folder| tidy(&beside.join(folder))).unwrap_or_default();
        let wrong = |offset: usize, why: &str| at(path, &text, Some(offset), why);
        let of_template = [file.settings, file.partials, file.templates];
        let first = of_template.iter().flatten().map(|key| key.span().start).next();
        let of_template = of_template.map(|key| key.map(|key| tidy(&beside.join(key.get_ref()))));
        let document = match (file.config, file.document) {
            (Some(config), None) => reading
                .with(of_template)
                .document_within(&tidy(&beside.join(config.get_ref())), &folder)
                .map_err(|trouble| wrong(config.span().start, &trouble.to_string()))?,
            (None, Some(_)) if first.is_some() => {
                let why = "`settings`, `partials` and `templates` are of a `config` that is a template";
                return Err(at(path, &text, first, why));
            }
            (None, Some(inline)) => {
                let span = inline.span();
                let json = from_text(inline.into_inner()).map_err(|why| wrong(span.start, &why))?;
                let document = Document::new(Written::json(path, json.to_string()), json, reading, &folder);
                reading.served(document).map_err(|trouble| wrong(span.start, &trouble.to_string()))?
            }
            (Some(config), Some(_)) => {
                return Err(wrong(config.span().start, "`config` and `document` exclude each other"));
            }
            (None, None) => {
                let why = "name the configuration: `config = \"krakend.json\"`, or write it into [document]";
                return Err(at(path, &text, None, why));
            }
        };
        let mut variables = Variables::new();
        for (name, value) in file.env {
            let (span, name) = (name.span(), name.into_inner());
            if !document.variables().any(|listed| listed == name) {
                return Err(wrong(span.start, &unlisted("[env]", &name, &document).to_string()));
            }
            variables.insert(name, value);
        }
        let shared =
            Shared { rules: checked(path, &text, file.upstream)?, conditions: Conditions::new(file.now, file.seed) };
        let mut names = BTreeSet::new();
        let mut cases = Vec::new();
        for case in file.case {
            if !names.insert(case.name.get_ref().clone()) {
                return Err(wrong(case.name.span().start, "two cases have this name"));
            }
            cases.push(case.read((path, &text), &document, &shared)?);
        }
        if cases.is_empty() {
            return Err(at(path, &text, None, "there is no [[case]] in it"));
        }
        Ok(Self { path: path.to_owned(), text, document, folder, variables, cases })
    }
}

impl CaseInFile {
    fn read(mut self, (path, text): (&Path, &str), document: &Document, shared: &Shared) -> Result<Case, Trouble> {
        let wrong = |offset: usize, why: &str| at(path, text, Some(offset), why);
        let (upstream, expect) = (std::mem::take(&mut self.upstream), self.expect.take());
        let (name, start) = (self.name.get_ref().clone(), self.name.span().start);
        let conditions = Conditions::new(self.now, self.seed).or(shared.conditions);
        let arrival = self.arrival((path, text), document)?;
        let own = checked(path, text, upstream)?;
        if let Some(expect) = &expect {
            let is_message = matches!(arrival, Arrival::Message(_));
            let checked = expect.check().and_then(|()| expect.check_of(is_message));
            checked.map_err(|why| wrong(start, &format!("[case.expect]: {why}")))?;
        }
        let rules: Vec<Rule> = own.into_iter().chain(shared.rules.iter().cloned()).collect();
        let rules = if rules.is_empty() { None } else { Some(rules) };
        Ok(Case { name, arrival, conditions, rules, expect })
    }

    fn arrival(self, (path, text): (&Path, &str), document: &Document) -> Result<Arrival, Trouble> {
        let wrong = |offset: usize, why: &str| at(path, text, Some(offset), why);
        let asked = match (self.request, self.agent) {
            (Some(asked), None) => asked,
            (None, Some(agent)) => {
                let of_request =
                    [!self.headers.is_empty(), self.claims.is_some(), self.token.is_some(), self.body.is_some()];
                if of_request.contains(&true) || self.json.is_some() {
                    let why = "a message has no headers and no token, and is a text: message = \"...\"";
                    return Err(wrong(agent.span().start, why));
                }
                let Some(message) = self.message else {
                    return Err(wrong(agent.span().start, "which message does it get? message = \"...\""));
                };
                let message = message.into_inner().into_bytes();
                return Arrival::message(document, agent.get_ref(), message)
                    .map_err(|why| wrong(agent.span().start, &why.to_string()));
            }
            _ => {
                let why = "a case is a request (request = \"GET /users/42\") or a message (agent = \"NAME\", message = \"...\")";
                return Err(wrong(self.name.span().start, why));
            }
        };
        if let Some(message) = self.message {
            return Err(wrong(message.span().start, "whose message is it? agent = \"NAME\""));
        }
        let line = |why: Trouble| wrong(asked.span().start, &why.to_string());
        let start = asked.span().start;
        let (asked, target) = asked
            .get_ref()
            .split_once(' ')
            .ok_or_else(|| wrong(start, "a request is a method and a path: \"GET /users/42\""))?;
        check_path(target.trim()).map_err(line)?;
        let mut request = Request::new(&method(asked).map_err(line)?, target.trim());
        for (name, values) in &self.headers {
            for value in values.values() {
                let (name, value) = header(&format!("{}: {value}", name.get_ref()))
                    .map_err(|why| wrong(name.span().start, &why.to_string()))?;
                request = request.header(&name, value);
            }
        }
        let body = match (self.body, self.json) {
            (Some(body), Some(_)) => return Err(wrong(body.span().start, "`body` and `json` exclude each other")),
            (Some(body), None) => body.into_inner(),
            (None, Some(json)) => json.to_string(),
            (None, None) => String::new(),
        };
        if !body.is_empty() {
            request = request.body(body);
        }
        let token = match (self.claims, self.token) {
            (Some(claims), Some(_)) => {
                return Err(wrong(claims.span().start, "`claims` and `token` exclude each other"));
            }
            (Some(claims), None) => {
                let at = claims.span().start;
                match from_text(claims.into_inner()).map_err(|why| wrong(at, &why))? {
                    Value::Object(claims) => Some(Token::Claims(claims)),
                    _ => return Err(wrong(at, "`claims` is a table: claims = { sub = \"user-1\" }")),
                }
            }
            (None, token) => token.map(|token| Token::Given(token.into_inner())),
        };
        Ok(Arrival::Request(request, token))
    }
}

/// The value that is written as TOML, or as JSON in a text, because TOML has no null.
pub(super) fn from_text(value: Value) -> Result<Value, String> {
    match value {
        Value::String(text) => serde_json::from_str(&text).map_err(|error| format!("this text is not JSON: {error}")),
        value => Ok(value),
    }
}

/// `a/b/../c` is `a/c`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        let leaves =
            matches!(part, Component::ParentDir) && matches!(tidy.components().next_back(), Some(Component::Normal(_)));
        match part {
            _ if leaves => drop(tidy.pop()),
            Component::CurDir => {}
            part => tidy.push(part),
        }
    }
    tidy
}
