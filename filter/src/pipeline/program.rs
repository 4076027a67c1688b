//! The configuration made ready to run: every script compiled, every endpoint's stages laid out. Made once, used by every exchange.

use super::format::Formatter;
use super::ledger::{Ledger, StageId, StageTotals};
use super::live::Live;
use super::observe::{Observer, Watcher};
use super::static_data::Static;
use crate::bindings::{Machine, Scripts, Stage, StartError};
use crate::config::{Backend, Configuration, Endpoint, LuaBlock, read};
use crate::http::Url;
use crate::lua::{Chunk, SourceMap, SyntaxError, Text};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// A configuration that was accepted.
pub struct Program {
    pub(super) config: Configuration,
    pub(super) service: Option<Rc<StagePlan>>,
    pub(super) endpoints: Vec<EndpointPlan>,
    pub(super) watch: Option<Rc<Watcher>>,
    pub(super) ledger: Rc<Ledger>,
    machines: Vec<Rc<Machine>>,
}

/// Why a configuration is refused: one line that says what, where and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    message: String,
}

/// The scripts of one `modifier/lua-*` block and what the block says of them.
pub(super) struct StagePlan {
    pub(super) machine: Rc<Machine>,
    pub(super) scripts: Scripts,
    pub(super) stage: Stage,
    /// What stands in front of everything that it prints: `[ENDPOINT: /t][Lua]`.
    pub(super) prefix: String,
    pub(super) skip_next: bool,
    pub(super) live: Option<Live>,
    /// Its block in the configuration, and the names of its sources.
    pub(super) at: String,
    pub(super) sources: Vec<String>,
    pub(super) watch: Option<Rc<Watcher>>,
    /// Where its runs are written down, and under which number.
    pub(super) ledger: Rc<Ledger>,
    pub(super) number: usize,
}

/// The stages of one endpoint. What has no script is not there.
pub(super) struct EndpointPlan {
    pub(super) endpoint: Option<Rc<StagePlan>>,
    pub(super) proxy: Option<Rc<StagePlan>>,
    pub(super) backends: Vec<BackendPlan>,
    pub(super) static_data: Option<Static>,
}

/// One backend's stage, and what is decided about its responses.
pub(super) struct BackendPlan {
    pub(super) stage: Option<Rc<StagePlan>>,
    pub(super) formatter: Formatter,
    /// Its URLs, by host, where they are always the same.
    pub(super) targets: Vec<Rc<Url>>,
    turn: Cell<usize>,
}

impl Program {
    /// Reads a configuration document and compiles its scripts.
    pub fn load(json: &[u8]) -> Result<Program, LoadError> {
        Program::load_watched(json, None)
    }

    /// The same, with somebody who watches its exchanges.
    pub fn load_watched(json: &[u8], observer: Option<Rc<dyn Observer>>) -> Result<Program, LoadError> {
        let config = read(json).map_err(|error| LoadError { message: error.to_string() })?;
        let watch = observer.map(Watcher::new).map(Rc::new);
        let compiler = Compiler { watch: watch.clone(), ..Compiler::default() };
        let service = config.service.lua_endpoint.as_ref();
        let prefix = || "[SERVICE][Lua] ".to_owned();
        let service =
            service.map(|block| compiler.stage(block, Stage::Service, prefix(), StageId::Service)).transpose()?;
        let endpoints = config.endpoints.iter().enumerate();
        let endpoints =
            endpoints.map(|(index, endpoint)| compiler.endpoint(index, endpoint)).collect::<Result<_, _>>()?;
        let Compiler { closed, open, ledger, .. } = compiler;
        let machines: Vec<Rc<Machine>> = [closed, open].into_iter().filter_map(OnceCell::into_inner).collect();
        machines.iter().for_each(|machine| machine.settle());
        Ok(Program { config, service, endpoints, watch, ledger, machines })
    }

    pub(super) fn backend(&self, endpoint: Option<usize>, index: usize) -> Option<(&Backend, &BackendPlan)> {
        let endpoint = endpoint?;
        let backend = self.config.endpoints.get(endpoint)?.backends.get(index)?;
        Some((backend, self.endpoints.get(endpoint)?.backends.get(index)?))
    }

    /// What the stages have spent since this was last asked, each with its number.
    pub fn take_spent(&self) -> Vec<(usize, StageTotals)> {
        self.ledger.take()
    }

    /// Failures since this was last asked, of scripts, services and messages.
    pub fn take_failures(&self) -> u64 {
        self.ledger.take_failures()
    }

    /// `GET_/users/{id}.proxy`: what to call the stage with this number where only dots may divide a name.
    pub fn stage_name(&self, number: usize) -> Option<String> {
        self.ledger.name(number, &self.config)
    }

    /// Bytes of the Lua heap.
    pub fn heap_bytes(&self) -> usize {
        self.machines.iter().map(|machine| machine.heap_bytes()).sum()
    }

    /// What the configuration asks for and does not get, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.config.warnings
    }

    /// The least that the log should show.
    pub fn log_level(&self) -> log::LevelFilter {
        use crate::config::LogLevel;
        match self.config.plugin.log_level {
            LogLevel::Trace => log::LevelFilter::Trace,
            LogLevel::Debug => log::LevelFilter::Debug,
            LogLevel::Info => log::LevelFilter::Info,
            LogLevel::Warn => log::LevelFilter::Warn,
            LogLevel::Error => log::LevelFilter::Error,
        }
    }
}

impl BackendPlan {
    /// The number of the host whose turn it is.
    pub(super) fn next_host(&self, hosts: usize) -> usize {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        turn.checked_rem(hosts).unwrap_or(0)
    }
}

#[derive(Default)]
struct Compiler {
    closed: OnceCell<Rc<Machine>>,
    open: OnceCell<Rc<Machine>>,
    // The same sources often stand in many endpoints.
    sources: RefCell<HashMap<(bool, String), Chunk>>,
    watch: Option<Rc<Watcher>>,
    ledger: Rc<Ledger>,
}

impl Compiler {
    fn endpoint(&self, index: usize, endpoint: &Endpoint) -> Result<EndpointPlan, LoadError> {
        let prefix = || format!("[ENDPOINT: {}][Lua] ", endpoint.path);
        let stage = |block: &Option<LuaBlock>, stage, place| {
            block.as_ref().map(|block| self.stage(block, stage, prefix(), place)).transpose()
        };
        let backends = endpoint.backends.iter().enumerate();
        let backend = |(number, backend)| self.backend(backend, StageId::Backend(index, number));
        Ok(EndpointPlan {
            endpoint: stage(&endpoint.lua_endpoint, Stage::Endpoint, StageId::Endpoint(index))?,
            proxy: stage(&endpoint.lua_proxy, Stage::Proxy, StageId::Proxy(index))?,
            backends: backends.map(backend).collect::<Result<_, _>>()?,
            static_data: endpoint.static_data.as_ref().map(Static::new),
        })
    }

    fn backend(&self, backend: &Backend, place: StageId) -> Result<BackendPlan, LoadError> {
        let prefix = || format!("[BACKEND: {}][Lua] ", backend.url_pattern.written);
        let stage =
            backend.lua_backend.as_ref().map(|block| self.stage(block, Stage::Backend, prefix(), place)).transpose()?;
        let mapping: Vec<_> = backend.mapping.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
        let formatter = Formatter::new(&backend.target, &backend.allow, &backend.deny, &mapping, &backend.group);
        let targets = super::upstream::targets(backend);
        Ok(BackendPlan { stage, formatter, targets, turn: Cell::new(0) })
    }

    fn stage(
        &self,
        block: &LuaBlock,
        stage: Stage,
        prefix: String,
        place: StageId,
    ) -> Result<Rc<StagePlan>, LoadError> {
        let machine = self.machine(block.allow_open_libs)?;
        let script = |code: &str, key: &str| {
            let compile = |code| machine.vm().compile(Text::Script, code);
            (!code.trim().is_empty())
                .then(|| compile(code).map_err(|error| refused(block, key, &error, None)))
                .transpose()
        };
        let (pre, post) = (script(&block.pre, "pre")?, script(&block.post, "post")?);
        let live = block.live.then(|| Live::new(stage, block));
        let (sources, map) = if block.live { (None, SourceMap::default()) } else { self.sources(block, &machine)? };
        let texts = block.sources.iter().filter_map(|source| source.text.as_deref());
        let world =
            machine.world(stage, texts.chain([block.pre.as_str(), block.post.as_str()])).map_err(not_started)?;
        let scripts = Scripts { sources, pre, post, map: Rc::new(map), world: Rc::new(world) };
        let sources = block.sources.iter().map(|source| source.name.clone()).collect();
        let (at, skip_next, watch) = (block.at.clone(), block.skip_next, self.watch.clone());
        let (ledger, number) = (Rc::clone(&self.ledger), self.ledger.open(place));
        Ok(Rc::new(StagePlan { machine, scripts, stage, prefix, skip_next, live, at, sources, watch, ledger, number }))
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
            .map_err(|error| refused(block, "sources", &error, Some(&map)))?;
        self.sources.borrow_mut().insert(key, chunk.clone());
        Ok((Some(chunk), map))
    }

    fn machine(&self, open: bool) -> Result<Rc<Machine>, LoadError> {
        let cell = if open { &self.open } else { &self.closed };
        if let Some(machine) = cell.get() {
            return Ok(Rc::clone(machine));
        }
        let machine = Rc::new(Machine::new(open).map_err(not_started)?);
        if self.watch.as_ref().is_some_and(|watch| watch.wants_lines()) {
            machine.watch_lines().map_err(not_started)?;
        }
        Ok(Rc::clone(cell.get_or_init(|| machine)))
    }
}

fn not_started(error: StartError) -> LoadError {
    LoadError { message: format!("Lua could not be started: {error}") }
}

fn refused(block: &LuaBlock, key: &str, error: &SyntaxError, map: Option<&SourceMap>) -> LoadError {
    let at = &block.at;
    let place = match (error.line, map) {
        (Some(line), Some(map)) => map.place(line).map(|place| format!("{} line {}: ", place.script, place.line)),
        (Some(line), None) => Some(format!("line {line}: ")),
        (None, _) => None,
    };
    let message = error.message.replace('\n', " ");
    LoadError { message: format!("configuration: {at}.{key}: {}{message}", place.unwrap_or_default()) }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LoadError {}
