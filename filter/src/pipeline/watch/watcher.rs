//! What an exchange does, told to an observer as small JSON documents, one for each event. Without an observer nothing is
//! written. What is told here changes no exchange.
//!
//! Every document has `event`; a stage's documents have `stage`, a number that counts within the program. The events:
//!
//! | event | and |
//! | --- | --- |
//! | `exchange` | `endpoint` (absent if no endpoint fits), the client's `method` and `path` |
//! | `stage` | a half of a stage begins: `kind` (`service`, `endpoint`, `proxy`, `backend`), `half` (`pre`, `post`), `name` (the text before its prints), `at` (its block in the configuration), `sources` (names), `scripts` (those that run now), `messages` |
//! | `waits` | the stage's scripts wait: `for` (`body`, `calls`, `sources`) |
//! | `resumes` | the stage's scripts go on |
//! | `print` | `text` |
//! | `over` | the half has ended: `failure` and `status` if it failed |
//! | `after` | follows `over`: `messages`, and with lines also `lines`: the lines that ran, by the name of a source or a file, or by `pre` or `post` |
//! | `martian` | `modifier/martian` has been applied to a backend's message: `backend` (its number), `before` and `after`, messages |
//! | `sends` | a request leaves: `for` (`backend`, `shadow`, `side`, `source`), `by` (`route`, `call`), `backend` (its number) |
//!
//! `messages` has each of `ctx`, `request` and `response` that the scripts see.

use std::cell::Cell;
use std::rc::Rc;

use super::document::{count, object, text};
use crate::data::{Value, write_table};

/// An observer of exchanges.
pub trait Observer {
    /// Takes one event, as JSON.
    fn event(&self, document: &[u8]);

    /// Should executed lines be noted? Scripts then run several times slower.
    fn wants_lines(&self) -> bool;
}

/// The purpose of a call, as the observer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// A backend's own request.
    Backend,
    /// The request to a shadow backend.
    Shadow,
    /// A script's side request.
    Side,
    /// A live source.
    Source,
}

/// An observer, and the last number that a stage got.
pub(crate) struct Watcher {
    observer: Rc<dyn Observer>,
    last_stage: Cell<i64>,
}

// The largest document in bytes: bodies are limited, data is not.
const LARGEST: usize = 16 << 20;

impl Watcher {
    pub(crate) fn new(observer: Rc<dyn Observer>) -> Self {
        Self { observer, last_stage: Cell::new(0) }
    }

    pub(crate) fn wants_lines(&self) -> bool {
        self.observer.wants_lines()
    }

    pub(super) fn next_stage(&self) -> i64 {
        self.last_stage.set(self.last_stage.get().wrapping_add(1));
        self.last_stage.get()
    }

    pub(super) fn tell(&self, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) {
        let document = object(fields);
        document.set("event".into(), event.into());
        match write_table(&document, LARGEST) {
            Ok(json) => self.observer.event(&json),
            Err(error) => {
                // JSON cannot write the data, for example a table that contains itself.
                document.retain(|key, _| key.as_bytes() != b"messages");
                document.set("unwritable".into(), text(&error.to_string()));
                self.observer.event(&write_table(&document, LARGEST).unwrap_or_default());
            }
        }
    }

    /// Tells that an exchange begins.
    pub(crate) fn exchange_begins(&self, method: &str, path: &str, endpoint: Option<&str>) {
        let endpoint = endpoint.map(|endpoint| ("endpoint", text(endpoint)));
        self.tell("exchange", [("method", text(method)), ("path", text(path))].into_iter().chain(endpoint));
    }

    /// Tells that `modifier/martian` has changed a backend's message, or has found nothing to change.
    pub(crate) fn martian_edits(&self, backend: usize, before: Value, after: Value) {
        self.tell("martian", [("backend", count(backend)), ("before", before), ("after", after)]);
    }

    /// Tells that the request for the only backend leaves along Envoy's route.
    pub(crate) fn request_leaves(&self, backend: usize) {
        self.tell("sends", [("for", "backend".into()), ("by", "route".into()), ("backend", count(backend))]);
    }

    /// Tells that a call leaves; `backend` is given if the call belongs to a backend's part of the exchange.
    pub(crate) fn call_leaves(&self, kind: CallKind, backend: Option<usize>) {
        let kind = match kind {
            CallKind::Backend => "backend",
            CallKind::Shadow => "shadow",
            CallKind::Side => "side",
            CallKind::Source => "source",
        };
        let backend = backend.map(|index| ("backend", count(index)));
        self.tell("sends", [("for", kind.into()), ("by", "call".into())].into_iter().chain(backend));
    }
}
