//! Whole gateways as teams bring them along, in the style of public examples: a folder for each under `tests/migrations`, with
//! an `about.yaml` that has the calls of the command and the expected results. Plays nothing itself.
//!
//! | key of `about.yaml` | meaning |
//! | --- | --- |
//! | `about` | a sentence that describes such a gateway |
//! | `document` | the configuration, by its path in the folder |
//! | `arguments`, `environment` | additions to each call of the command |
//! | `variables` | the names in `environment` that scripts read |
//! | `hosts` | the gateway's backends: one upstream stands for all of them |
//! | `check` | `code`, and words that it `says`; with `code: 0` it has neither errors nor warnings |
//! | `report` | the exit code of `check --migration`, and words that it `says` |
//! | `upstream` | the upstream's rules, in the form of cases |
//! | `requests` | `line`, `headers_sent`, `body_sent`, and the expected results: [`Expected`] |

mod expected;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::cases::{ClientRequest, header_pairs, list};
use crate::command::yaml;
use crate::repository;
use crate::upstreams::Rule;

pub use expected::{Asking, Expected, Seen};

/// A gateway that a team brings along.
pub struct Migration {
    /// The folder's name.
    pub name: String,
    /// The path of the folder.
    pub folder: PathBuf,
    /// The configuration, by its path in the folder.
    pub document: String,
    /// The additional arguments of each call of the command.
    pub arguments: Vec<String>,
    /// The environment of each call, and of Envoy.
    pub environment: BTreeMap<String, String>,
    /// The variables that scripts read.
    pub variables: Vec<String>,
    /// The backends' hosts.
    pub hosts: Vec<String>,
    /// The expected result of `check`.
    pub check: Verdict,
    /// The expected result of `check --migration`.
    pub report: Verdict,
    /// The requests, each with its expected results.
    pub exchanges: Vec<(ClientRequest, Expected)>,
    upstream: Vec<Value>,
}

/// An exit code, and words of the output.
pub struct Verdict {
    /// The exit code.
    pub code: i32,
    /// Words that the output must have.
    pub says: Vec<String>,
}

/// All migrations, by name.
pub fn all() -> Vec<Migration> {
    let place = repository::root().join("tests/migrations");
    let entries = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<Migration> = entries.filter(|path| path.is_dir()).map(read).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn read(folder: PathBuf) -> Migration {
    let about = fs::read_to_string(folder.join("about.yaml")).unwrap();
    let about = yaml::document(&about);
    let known = [
        "about",
        "document",
        "arguments",
        "environment",
        "variables",
        "hosts",
        "check",
        "report",
        "upstream",
        "requests",
    ];
    only(&about, &known);
    Migration {
        name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        document: about["document"].as_str().unwrap().to_owned(),
        arguments: texts(&about["arguments"]),
        environment: header_pairs(&about["environment"]).into_iter().collect(),
        variables: texts(&about["variables"]),
        hosts: texts(&about["hosts"]),
        check: verdict(&about["check"]),
        report: verdict(&about["report"]),
        exchanges: list(&about["requests"]).iter().map(exchange).collect(),
        upstream: list(&about["upstream"]).to_vec(),
        folder,
    }
}

/// Refuses unknown keys: such a key would be an expectation that is never checked.
fn only(value: &Value, known: &[&str]) {
    let keys = value.as_object().unwrap().keys();
    let strange: Vec<&String> = keys.filter(|key| !known.contains(&key.as_str())).collect();
    assert!(strange.is_empty(), "unknown keys: {strange:?}");
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn verdict(value: &Value) -> Verdict {
    only(value, &["code", "says"]);
    Verdict { code: value["code"].as_i64().unwrap().try_into().unwrap(), says: texts(&value["says"]) }
}

fn exchange(value: &Value) -> (ClientRequest, Expected) {
    only(value, &[&["line", "headers_sent", "body_sent"], Expected::KEYS].concat());
    let (method, path) = value["line"].as_str().unwrap().split_once(' ').unwrap();
    let headers = header_pairs(&value["headers_sent"]);
    let body = value["body_sent"].as_str().map(str::to_owned);
    (ClientRequest { headers, body, ..ClientRequest::new(method, path) }, Expected::new(value))
}

impl Migration {
    /// The upstream's rules.
    pub fn rules(&self) -> Vec<Rule> {
        self.upstream.iter().map(Rule::new).collect()
    }

    /// The upstream's rules in the form that `lua-modifier run` takes.
    pub fn rules_for_run(&self) -> String {
        rules::toml(&self.upstream)
    }
}
