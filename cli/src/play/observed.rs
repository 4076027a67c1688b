//! Reads the events that the module reports about itself through its foreign function. `filter/src/pipeline/watch/watcher.rs`
//! describes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The name of the foreign function that the module looks for.
pub(crate) const FUNCTION: &str = "lua_modifier_observe";

/// One event that the module reported.
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
    /// An event that only a later version of the module knows.
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

/// The messages that scripts see: `ctx`, `request` and `response`, each with its fields.
pub(crate) type Messages = BTreeMap<String, Map<String, Value>>;

/// Reads an event. `None`: it is the module's question whether somebody listens, or it is not JSON.
pub(crate) fn read(arguments: &[u8]) -> Option<Told> {
    // Bodies may contain bytes that are not UTF-8.
    serde_json::from_str(&String::from_utf8_lossy(arguments)).ok()
}
