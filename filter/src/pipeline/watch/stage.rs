//! One stage that is observed: its halves, waits, prints and ends become events for the observer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::document::{count, list, number, text};
use super::snapshot;
use super::watcher::Watcher;
use crate::bindings::{Half, Printer, ProxyResponse, Scripts, Stage};
use crate::data::{Str, Value};
use crate::lua::{Text, Vm};
use crate::pipeline::failure::Failure;
use crate::pipeline::messages::Messages;

/// The facts of a stage that do not depend on what happens in it.
pub(crate) struct StageFacts<'a> {
    /// The kind of stage.
    pub(crate) kind: Stage,
    /// The text before each line that it prints.
    pub(crate) prefix: &'a str,
    /// The place of its block in the configuration.
    pub(crate) at: &'a str,
    /// The names of its sources.
    pub(crate) sources: &'a [String],
    /// The scripts as they were loaded.
    pub(crate) scripts: &'a Scripts,
}

/// The things that a stage waits for, as the observer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitKind {
    /// The body of its message.
    Body,
    /// Side requests.
    Calls,
    /// Live sources.
    Sources,
}

/// One stage that is observed.
pub(crate) struct WatchedStage {
    watcher: Rc<Watcher>,
    stage: i64,
    half: Cell<Half>,
}

impl WatchedStage {
    /// Gives the stage its number.
    pub(crate) fn new(watcher: &Rc<Watcher>) -> Self {
        Self { stage: watcher.next_stage(), watcher: Rc::clone(watcher), half: Cell::new(Half::Pre) }
    }

    fn tell(&self, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) {
        self.watcher.tell(event, [("stage", number(self.stage))].into_iter().chain(fields));
    }

    /// The function that `print` calls for this stage.
    pub(crate) fn printer(self: &Rc<Self>) -> Printer {
        let watched = Rc::clone(self);
        Rc::new(move |line| watched.tell("print", [("text", text(line))]))
    }

    /// Tells that a half begins: `post` if there is a response.
    pub(crate) fn begins(
        &self,
        facts: &StageFacts<'_>,
        seen: &Messages,
        response: Option<&Rc<RefCell<ProxyResponse>>>,
    ) {
        self.half.set(if response.is_some() { Half::Post } else { Half::Pre });
        let kind = match facts.kind {
            Stage::Service => "service",
            Stage::Endpoint => "endpoint",
            Stage::Proxy => "proxy",
            Stage::Backend => "backend",
        };
        let (own, named) = match response {
            Some(_) => (&facts.scripts.post, &[][..]),
            None => (&facts.scripts.pre, facts.sources),
        };
        let running = named.iter().map(|name| text(name)).chain(own.as_ref().map(|_| self.half_name().into()));
        self.tell(
            "stage",
            [
                ("kind", kind.into()),
                ("half", self.half_name().into()),
                ("name", text(facts.prefix.trim_end())),
                ("at", text(facts.at)),
                ("sources", list(facts.sources.iter().map(|name| text(name)))),
                ("scripts", list(running)),
                ("messages", snapshot::messages(seen, response)),
            ],
        );
    }

    /// Tells that the scripts wait.
    pub(crate) fn waits(&self, kind: WaitKind) {
        let kind = match kind {
            WaitKind::Body => "body",
            WaitKind::Calls => "calls",
            WaitKind::Sources => "sources",
        };
        self.tell("waits", [("for", kind.into())]);
    }

    /// Tells that the scripts go on.
    pub(crate) fn resumes(&self) {
        self.tell("resumes", []);
    }

    /// Tells that the half has ended, or failed. `scripts` are those that ran, with the live sources of that time.
    pub(crate) fn ends(
        &self,
        failure: Option<&Failure>,
        sources: &[String],
        vm: &Vm,
        seen: &Messages,
        response: Option<&Rc<RefCell<ProxyResponse>>>,
        scripts: Option<&Scripts>,
    ) {
        let failed = failure
            .map(|failure| [("failure", text(&failure.located())), ("status", number(i64::from(failure.status())))]);
        self.tell("over", failed.into_iter().flatten());
        let lines = self.watcher.wants_lines().then(|| ("lines", self.lines(sources, vm, scripts)));
        self.tell("after", [("messages", snapshot::messages(seen, response))].into_iter().chain(lines));
    }

    fn half_name(&self) -> &'static str {
        match self.half.get() {
            Half::Pre => "pre",
            Half::Post => "post",
        }
    }

    fn lines(&self, sources: &[String], vm: &Vm, scripts: Option<&Scripts>) -> Value {
        let mut by_name: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for line in vm.take_lines(Text::Sources) {
            let Some((source, line)) = scripts.and_then(|scripts| scripts.map.position(line)) else { continue };
            let Some(name) = sources.get(source) else { continue };
            by_name.entry(name.clone()).or_default().push(count(line));
        }
        for (name, lines) in vm.take_lines_of_files() {
            by_name.entry(name.to_string()).or_default().extend(lines.into_iter().map(count));
        }
        let own = vm.take_lines(Text::Script);
        if !own.is_empty() {
            by_name.insert(self.half_name().to_owned(), own.into_iter().map(count).collect());
        }
        Value::Table(by_name.into_iter().map(|(name, lines)| (Str::from(name.as_str()), list(lines))).collect())
    }
}
