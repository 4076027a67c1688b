//! The decisions about a stage, an endpoint and a backend that are made when the configuration loads, so that a request meets
//! short lists.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::live::Live;
use crate::bindings::{Machine, Scripts, Stage};
use crate::config::{Backend, Piece};
use crate::http::{Url, parse_url};
use crate::pipeline::bots::Judge;
use crate::pipeline::breaker::Circuit;
use crate::pipeline::format::{Flatmap, Formatter, Static};
use crate::pipeline::watch::{Ledger, StageFacts, Watcher};

/// The scripts of one `modifier/lua-*` block, and its settings.
pub(crate) struct StagePlan {
    pub(crate) machine: Rc<Machine>,
    pub(crate) scripts: Rc<Scripts>,
    pub(crate) stage: Stage,
    /// The prefix of every line that it prints: `[ENDPOINT: /t][Lua]`.
    pub(crate) prefix: Rc<str>,
    pub(crate) skip_next: bool,
    /// Boxed: most blocks have no live sources.
    pub(crate) live: Option<Box<Live>>,
    /// Its block in the configuration, and the names of its sources.
    pub(crate) at: Arc<str>,
    pub(crate) sources: Vec<String>,
    pub(crate) watcher: Option<Rc<Watcher>>,
    /// The ledger that its runs are written into, and its number there.
    pub(crate) ledger: Rc<Ledger>,
    pub(crate) number: usize,
}

/// The stages of one endpoint. A stage without scripts is `None`.
pub(crate) struct EndpointPlan {
    pub(crate) bots: Option<Rc<Judge>>,
    pub(crate) endpoint: Option<Rc<StagePlan>>,
    pub(crate) proxy: Option<Rc<StagePlan>>,
    pub(crate) backends: Vec<BackendPlan>,
    /// `None` unless several backends are merged.
    pub(crate) flatmap: Option<Flatmap>,
    pub(crate) static_data: Option<Static>,
    /// The stages of the shadow backends, whose responses nobody waits for.
    pub(crate) shadow: Option<Box<Self>>,
}

/// One backend's stage, and the decisions about its responses.
pub(crate) struct BackendPlan {
    pub(crate) stage: Option<Rc<StagePlan>>,
    /// Boxed: most backends' data stays as it is.
    pub(crate) formatter: Option<Box<Formatter>>,
    /// Its URLs, one for each host, if they are always the same.
    pub(crate) targets: Box<[Rc<Url>]>,
    pub(crate) circuit: Option<Rc<Circuit>>,
    next_host: Cell<usize>,
}

impl StagePlan {
    /// The facts about the stage that an observer is told.
    pub(crate) fn facts(&self) -> StageFacts<'_> {
        StageFacts {
            kind: self.stage,
            prefix: &self.prefix,
            at: &self.at,
            sources: &self.sources,
            scripts: &self.scripts,
        }
    }
}

impl BackendPlan {
    pub(super) fn new(stage: Option<Rc<StagePlan>>, formatter: Option<Box<Formatter>>, backend: &Backend) -> Self {
        let circuit = backend.breaker.as_deref().map(Circuit::new);
        Self { stage, formatter, targets: targets(backend), circuit, next_host: Cell::new(0) }
    }

    /// The number of the next host, in turn.
    pub(crate) fn next_host(&self, hosts: usize) -> usize {
        let turn = self.next_host.get();
        self.next_host.set(turn.wrapping_add(1));
        turn.checked_rem(hosts).unwrap_or(0)
    }
}

/// The URLs of a backend whose pattern has no parameters, one for each host: nothing in them depends on a request.
fn targets(backend: &Backend) -> Box<[Rc<Url>]> {
    let mut path = String::new();
    for piece in &backend.url_pattern.pieces {
        let Piece::Literal(text) = piece else { return Box::default() };
        path.push_str(text);
    }
    let urls = backend.hosts.iter().map(|host| parse_url(&(host.url() + &path)).map(Rc::new));
    // A text that is not a URL fails at each request, as in KrakenD.
    urls.collect::<Result<_, _>>().unwrap_or_default()
}
