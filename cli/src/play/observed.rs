//! The events that the module tells of itself through its foreign function, read. `filter/src/pipeline/watch/watcher.rs` says
//! what they are.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The foreign function that the module looks for.
pub(crate) const FUNCTION: &str = "lua_modifier_observe";

/// One event.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Told {
    Exchange {
        endpoint: Option<String>,
    },
    Stage(Box<Begins>),
    Waits {
        stage: i64,
    },
    Resumes {
        stage: i64,
    },
    Print {
        stage: i64,
        text: String,
    },
    Over {
        stage: i64,
        failure: Option<String>,
        status: Option<i64>,
    },
    After {
        stage: i64,
        #[serde(default)]
        messages: Messages,
        #[serde(default)]
        lines: BTreeMap<String, Vec<usize>>,
    },
    Martian {
        backend: i64,
        #[serde(default)]
        before: Messages,
        #[serde(default)]
        after: Messages,
    },
    Sends {
        #[serde(rename = "for")]
        purpose: String,
        by: String,
        backend: Option<i64>,
    },
    /// What a later module may tell.
    #[serde(other)]
    Unknown,
}

/// A half of a stage begins.
#[derive(Debug, Deserialize)]
pub(crate) struct Begins {
    pub(crate) stage: i64,
    pub(crate) kind: String,
    pub(crate) half: String,
    pub(crate) name: String,
    pub(crate) at: String,
    #[serde(default)]
    pub(crate) scripts: Vec<String>,
    #[serde(default)]
    pub(crate) messages: Messages,
}

/// What the scripts see: `ctx`, `request`, `response`, each by its fields.
pub(crate) type Messages = BTreeMap<String, Map<String, Value>>;

/// Reads an event. `None`: the module's question whether somebody listens, or what no JSON is.
pub(crate) fn read(arguments: &[u8]) -> Option<Told> {
    // Bodies need not be UTF-8.
    serde_json::from_str(&String::from_utf8_lossy(arguments)).ok()
}
