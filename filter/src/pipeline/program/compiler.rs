//! Makes plans from blocks of the configuration: scripts are compiled, stages laid out, and each stage gets its number in the
//! ledger.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::live::Live;
use super::load_error::LoadError;
use super::plan::{BackendPlan, EndpointPlan, StagePlan};
use crate::bindings::{Machine, Reach, Scripts, Stage};
use crate::config::{Backend, BotDetector, Endpoint, LuaBlock};
use crate::lua::{Chunk, Code, SourceMap, Text};
use crate::pipeline::bots::{Judge, Judges};
use crate::pipeline::format::{Flatmap, Formatter, Static};
use crate::pipeline::watch::{Ledger, StageId, Watcher};

/// Compiles the scripts of one configuration; what it contains several times is compiled once.
#[derive(Default)]
pub(super) struct Compiler<'a> {
    closed: OnceCell<Rc<Machine>>,
    open: OnceCell<Rc<Machine>>,
    // The same sources often stand in many endpoints.
    sources: RefCell<HashMap<(bool, String), Chunk>>,
    // So do whole blocks.
    scripts: RefCell<HashMap<BlockCode<'a>, Rc<Scripts>>>,
    reach: Reach,
    watcher: Option<Rc<Watcher>>,
    ledger: Rc<Ledger>,
    judges: Judges,
}

/// All that the scripts of a block are made from.
#[derive(PartialEq, Eq, Hash)]
struct BlockCode<'a> {
    stage: Stage,
    is_open: bool,
    is_live: bool,
    sources: Vec<(&'a str, Option<&'a str>)>,
    pre: &'a str,
    post: &'a str,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(reach: Reach, watcher: Option<Rc<Watcher>>) -> Self {
        Self { reach, watcher, ..Self::default() }
    }

    /// The Lua states that the scripts need, and the ledger that the stages write into.
    pub(super) fn finish(self) -> (Vec<Rc<Machine>>, Rc<Ledger>) {
        let machines = [self.closed, self.open].into_iter().filter_map(OnceCell::into_inner).collect();
        (machines, self.ledger)
    }

    /// The judge that decides about bots with this detector.
    pub(super) fn judge(&self, detector: Option<&Arc<BotDetector>>) -> Option<Rc<Judge>> {
        detector.map(|detector| self.judges.of(detector))
    }

    pub(super) fn endpoint(&self, index: usize, endpoint: &'a Endpoint) -> Result<EndpointPlan, LoadError> {
        let prefix = || format!("[ENDPOINT: {}][Lua] ", endpoint.path);
        let stage = |block: &'a Option<Box<LuaBlock>>, stage, id| {
            block.as_deref().map(|block| self.stage(block, stage, prefix(), id)).transpose()
        };
        let backend = |backend: &'a Backend| self.backend(backend, StageId::Backend(index, backend.number));
        let shadow = endpoint.shadow.as_ref().map(|shadow| self.endpoint(index, &shadow.endpoint)).transpose()?;
        let mut backends = endpoint.backends.iter().map(backend).collect::<Result<Vec<_>, _>>()?;
        backends.shrink_to_fit();
        Ok(EndpointPlan {
            bots: self.judge(endpoint.bots.as_ref()),
            endpoint: stage(&endpoint.lua_endpoint, Stage::Endpoint, StageId::Endpoint(index))?,
            proxy: stage(&endpoint.lua_proxy, Stage::Proxy, StageId::Proxy(index))?,
            backends,
            flatmap: Flatmap::new(&endpoint.flatmap).filter(|_| endpoint.backends.len() > 1),
            static_data: endpoint.static_data.as_deref().map(Static::new),
            shadow: shadow.map(Box::new),
        })
    }

    fn backend(&self, backend: &'a Backend, id: StageId) -> Result<BackendPlan, LoadError> {
        let prefix = || format!("[BACKEND: {}][Lua] ", backend.url_pattern.written);
        let stage =
            backend.lua_backend.as_deref().map(|block| self.stage(block, Stage::Backend, prefix(), id)).transpose()?;
        let formatter = backend.formatting.as_deref().map(|formatting| Box::new(Formatter::new(formatting)));
        Ok(BackendPlan::new(stage, formatter, backend))
    }

    pub(super) fn stage(
        &self,
        block: &'a LuaBlock,
        stage: Stage,
        prefix: String,
        id: StageId,
    ) -> Result<Rc<StagePlan>, LoadError> {
        let machine = self.machine(block.allow_open_libs)?;
        let scripts = self.scripts(block, stage, &machine)?;
        let live = block.live.then(|| Box::new(Live::new(stage, block)));
        let sources = block.sources.iter().map(|source| source.name.clone()).collect();
        let (at, skip_next, watcher) = (Arc::clone(&block.at), block.skip_next, self.watcher.clone());
        let (ledger, number) = (Rc::clone(&self.ledger), self.ledger.open(id));
        Ok(Rc::new(StagePlan {
            machine,
            scripts,
            stage,
            prefix: prefix.into(),
            skip_next,
            live,
            at,
            sources,
            watcher,
            ledger,
            number,
        }))
    }

    #[inline(never)] // V8 takes much memory to compile a large function.
    fn scripts(&self, block: &'a LuaBlock, stage: Stage, machine: &Rc<Machine>) -> Result<Rc<Scripts>, LoadError> {
        let code = BlockCode {
            stage,
            is_open: block.allow_open_libs,
            is_live: block.live,
            sources: block.sources.iter().map(|source| (source.name.as_str(), source.text.as_deref())).collect(),
            pre: &block.pre,
            post: &block.post,
        };
        if let Some(scripts) = self.scripts.borrow().get(&code) {
            return Ok(Rc::clone(scripts));
        }
        let scripts = Rc::new(self.compiled(block, stage, machine)?);
        self.scripts.borrow_mut().insert(code, Rc::clone(&scripts));
        Ok(scripts)
    }

    fn compiled(&self, block: &LuaBlock, stage: Stage, machine: &Rc<Machine>) -> Result<Scripts, LoadError> {
        let script = |code: &str, key: &str| {
            let compile = |code| machine.vm().compile(Text::Script, code);
            (!code.trim().is_empty())
                .then(|| compile(code).map_err(|error| LoadError::not_compiled(block, key, &error, None)))
                .transpose()
        };
        let (pre, post) = (script(&block.pre, "pre")?, script(&block.post, "post")?);
        let (sources, map) = if block.live { (None, SourceMap::default()) } else { self.sources(block, machine)? };
        let texts = block.sources.iter().filter_map(|source| source.text.as_deref());
        let texts = texts.chain([&*block.pre, &*block.post]);
        let early = sources.iter().chain(&pre).cloned().collect();
        let code = Code { texts, early, late: post.iter().cloned().collect() };
        let world = machine.world(stage, code).map_err(LoadError::not_started)?;
        Ok(Scripts { sources, pre, post, map: Rc::new(map), world: Rc::new(world) })
    }

    fn sources(&self, block: &LuaBlock, machine: &Rc<Machine>) -> Result<(Option<Chunk>, SourceMap), LoadError> {
        let texts =
            block.sources.iter().map(|source| (source.name.as_str(), source.text.as_deref().unwrap_or_default()));
        let (text, map) = SourceMap::join(texts);
        if text.trim().is_empty() {
            return Ok((None, map));
        }
        let key = (block.allow_open_libs, text);
        if let Some(chunk) = self.sources.borrow().get(&key) {
            return Ok((Some(chunk.clone()), map));
        }
        let chunk = machine
            .vm()
            .compile(Text::Sources, &key.1)
            .map_err(|error| LoadError::not_compiled(block, "sources", &error, Some(&map)))?;
        self.sources.borrow_mut().insert(key, chunk.clone());
        Ok((Some(chunk), map))
    }

    fn machine(&self, open: bool) -> Result<Rc<Machine>, LoadError> {
        let cell = if open { &self.open } else { &self.closed };
        if let Some(machine) = cell.get() {
            return Ok(Rc::clone(machine));
        }
        let machine = Rc::new(Machine::new(open, &self.reach).map_err(LoadError::not_started)?);
        if self.watcher.as_ref().is_some_and(|watcher| watcher.wants_lines()) {
            machine.watch_lines().map_err(LoadError::not_started)?;
        }
        Ok(Rc::clone(cell.get_or_init(|| machine)))
    }
}
