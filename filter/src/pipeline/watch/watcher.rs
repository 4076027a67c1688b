//! For those who want to watch: what an exchange does, as small JSON documents, one for each event. Without an observer
//! nothing is written. Takes part in nothing: what is told here changes no exchange.
//!
//! Every document has `event`; those of a stage have `stage`, a number that counts within the program. The events:
//!
//! | event | and |
//! | --- | --- |
//! | `exchange` | `endpoint` (absent: none fits), the client's `method` and `path` |
//! | `stage` | a half of a stage begins: `kind` (`service`, `endpoint`, `proxy`, `backend`), `half` (`pre`, `post`), `name` (what stands in front of its prints), `at` (its block in the configuration), `sources` (names), `scripts` (what runs now), `messages` |
//! | `waits` | its scripts wait: `for` (`body`, `calls`, `sources`) |
//! | `resumes` | they go on |
//! | `print` | `text` |
//! | `over` | the half has ended: `failure` and `status` if it failed |
//! | `after` | follows `over`: `messages`, and with lines `lines`: by source's name, or file's, or `pre` and `post`, what ran |
//! | `martian` | `modifier/martian` has been at the message of a backend: `backend` (its number), `before` and `after`, messages |
//! | `sends` | a request leaves: `for` (`backend`, `shadow`, `side`, `source`), `by` (`route`, `call`), `backend` (its number) |
//!
//! `messages` has those of `ctx`, `request` and `response` that the scripts see.

use std::cell::Cell;
use std::rc::Rc;

use super::document::{count, number, object, text};
use crate::data::{Value, write_table};

/// Somebody who watches.
pub trait Observer {
    /// One event, as JSON.
    fn event(&self, document: &[u8]);

    /// Should executed lines be noted? Scripts run several times slower with it.
    fn wants_lines(&self) -> bool;
}

/// What a call is for, as an observer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// A backend's own request.
    Backend,
    /// That of a backend for which nobody waits.
    Shadow,
    /// A script's side request.
    Side,
    /// A live source.
    Source,
}

/// An observer and the numbers that stages get.
pub(crate) struct Watcher {
    observer: Rc<dyn Observer>,
    last_stage: Cell<i64>,
}

// What a document may weigh: bodies are limited, data is not.
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
                // Data that no JSON can say, such as a table that contains itself.
                document.retain(|key, _| key.as_bytes() != b"messages");
                document.set("unwritable".into(), text(&error.to_string()));
                self.observer.event(&write_table(&document, LARGEST).unwrap_or_default());
            }
        }
    }

    /// An exchange begins.
    pub(crate) fn exchange_begins(&self, method: &str, path: &str, endpoint: Option<&str>) {
        let endpoint = endpoint.map(|endpoint| ("endpoint", text(endpoint)));
        self.tell("exchange", [("method", text(method)), ("path", text(path))].into_iter().chain(endpoint));
    }

    /// `modifier/martian` has changed a message of a backend, or has found nothing to change.
    pub(crate) fn martian_edits(&self, backend: usize, before: Value, after: Value) {
        self.tell("martian", [("backend", count(backend)), ("before", before), ("after", after)]);
    }

    /// A request leaves for the only backend along Envoy's route.
    pub(crate) fn request_leaves(&self) {
        self.tell("sends", [("for", "backend".into()), ("by", "route".into()), ("backend", number(0))]);
    }

    /// A call leaves; a backend's part of the exchange may have made it.
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
