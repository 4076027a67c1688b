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
//! | `after` | follows `over`: `messages`, and with lines `lines`: by source's name, or `pre` and `post`, what ran |
//! | `sends` | a request leaves: `for` (`backend`, `side`, `source`), `by` (`route`, `call`), `backend` (its number) |
//!
//! `messages` has those of `ctx`, `request` and `response` that the scripts see.

use super::failure::Failure;
use super::flights::{Owner, Purpose};
use super::program::StagePlan;
use super::snapshot;
use super::task::{Asked, Messages, Turn};
use crate::bindings::{Printer, ProxyResponse, Scripts, Stage};
use crate::data::{List, Number, Str, Table, Value, write_table};
use crate::lua::Text;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Somebody who watches.
pub trait Observer {
    /// One event, as JSON.
    fn event(&self, document: &[u8]);

    /// Should executed lines be noted? Scripts run several times slower with it.
    fn wants_lines(&self) -> bool;
}

/// An observer and the numbers that stages get.
pub(super) struct Watcher {
    observer: Rc<dyn Observer>,
    last_stage: Cell<i64>,
}

// What a document may weigh: bodies are limited, data is not.
const LARGEST: usize = 16 << 20;

impl Watcher {
    pub(super) fn new(observer: Rc<dyn Observer>) -> Watcher {
        Watcher { observer, last_stage: Cell::new(0) }
    }

    pub(super) fn wants_lines(&self) -> bool {
        self.observer.wants_lines()
    }

    pub(super) fn next_stage(&self) -> i64 {
        self.last_stage.set(self.last_stage.get().wrapping_add(1));
        self.last_stage.get()
    }

    fn tell(&self, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) {
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
    pub(super) fn exchange(&self, method: &str, path: &str, endpoint: Option<&str>) {
        let endpoint = endpoint.map(|endpoint| ("endpoint", text(endpoint)));
        self.tell("exchange", [("method", text(method)), ("path", text(path))].into_iter().chain(endpoint));
    }

    /// A request leaves for a backend along the route.
    pub(super) fn routes(&self) {
        self.tell("sends", [("for", "backend".into()), ("by", "route".into()), ("backend", number(0))]);
    }

    /// A call leaves.
    pub(super) fn calls(&self, owner: Owner, purpose: &Purpose) {
        let purpose = match purpose {
            Purpose::Backend => "backend",
            Purpose::Side(..) => "side",
            Purpose::Source(_) => "source",
        };
        let backend = match owner {
            Owner::Leg(index) => i64::try_from(index).ok().map(|index| ("backend", number(index))),
            Owner::Main => None,
        };
        self.tell("sends", [("for", purpose.into()), ("by", "call".into())].into_iter().chain(backend));
    }
}

/// One stage under watch.
pub(super) struct WatchedStage {
    watch: Rc<Watcher>,
    stage: i64,
    half: Cell<&'static str>,
}

impl WatchedStage {
    pub(super) fn new(plan: &StagePlan) -> Option<WatchedStage> {
        let watch = Rc::clone(plan.watch.as_ref()?);
        Some(WatchedStage { stage: watch.next_stage(), watch, half: Cell::new("pre") })
    }

    fn tell(&self, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) {
        self.watch.tell(event, [("stage", number(self.stage))].into_iter().chain(fields));
    }

    /// What `print` does for it.
    pub(super) fn printer(self: &Rc<Self>) -> Printer {
        let watched = Rc::clone(self);
        Rc::new(move |line| watched.tell("print", [("text", text(line))]))
    }

    /// A half begins.
    pub(super) fn begins(&self, plan: &StagePlan, seen: &Messages, response: Option<&Rc<RefCell<ProxyResponse>>>) {
        self.half.set(if response.is_some() { "post" } else { "pre" });
        let kind = match plan.stage {
            Stage::Service => "service",
            Stage::Endpoint => "endpoint",
            Stage::Proxy => "proxy",
            Stage::Backend => "backend",
        };
        let scripts = &plan.scripts;
        let (own, named) = match response {
            Some(_) => (&scripts.post, &[][..]),
            None => (&scripts.pre, &plan.sources[..]),
        };
        let running = named.iter().map(|name| text(name)).chain(own.as_ref().map(|_| self.half.get().into()));
        self.tell(
            "stage",
            [
                ("kind", kind.into()),
                ("half", self.half.get().into()),
                ("name", text(plan.prefix.trim_end())),
                ("at", text(&plan.at)),
                ("sources", list(plan.sources.iter().map(|name| text(name)))),
                ("scripts", list(running)),
                ("messages", snapshot::messages(seen, response)),
            ],
        );
    }

    /// Its scripts have come to a new point.
    pub(super) fn turned(
        &self,
        turn: &Turn,
        plan: &StagePlan,
        seen: &Messages,
        response: Option<&Rc<RefCell<ProxyResponse>>>,
        scripts: Option<&Scripts>,
    ) {
        match turn {
            Turn::ReadBody => return self.tell("waits", [("for", "body".into())]),
            Turn::Ask(asked) => {
                let sources = matches!(asked.first(), Some(Asked::Source(_)));
                return self.tell("waits", [("for", if sources { "sources" } else { "calls" }.into())]);
            }
            Turn::Done => self.tell("over", []),
            Turn::Failed(failure) => self.tell("over", failed(failure)),
        }
        let lines = self.watch.wants_lines().then(|| ("lines", self.lines(plan, scripts)));
        self.tell("after", [("messages", snapshot::messages(seen, response))].into_iter().chain(lines));
    }

    /// They go on.
    pub(super) fn resumes(&self) {
        self.tell("resumes", []);
    }

    fn lines(&self, plan: &StagePlan, scripts: Option<&Scripts>) -> Value {
        let vm = plan.machine.vm();
        let mut by_name: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for line in vm.take_lines(Text::Sources) {
            let Some((source, line)) = scripts.and_then(|scripts| scripts.map.position(line)) else { continue };
            let Some(name) = plan.sources.get(source) else { continue };
            by_name.entry(name).or_default().push(count(line));
        }
        let own = vm.take_lines(Text::Script);
        if !own.is_empty() {
            by_name.insert(self.half.get(), own.into_iter().map(count).collect());
        }
        Value::Table(by_name.into_iter().map(|(name, lines)| (Str::from(name), list(lines))).collect())
    }
}

fn failed(failure: &Failure) -> [(&'static str, Value); 2] {
    [("failure", text(&failure.to_string())), ("status", number(i64::from(failure.status())))]
}

pub(super) fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Table {
    fields.into_iter().map(|(key, value)| (Str::from(key), value)).collect()
}

pub(super) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(List::from(items.into_iter().collect::<Vec<_>>()))
}

pub(super) fn text(text: &str) -> Value {
    Value::from(text)
}

pub(super) fn number(number: i64) -> Value {
    Value::Number(Number::Int(number))
}

fn count(line: usize) -> Value {
    number(i64::try_from(line).unwrap_or(i64::MAX))
}
