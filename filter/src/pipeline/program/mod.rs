//! The configuration made ready to run: every script compiled, every endpoint's stages laid out. Made once, used by every
//! exchange of a worker.

mod compiler;
mod live;
mod load_error;
mod plan;

use std::rc::Rc;
use std::sync::Arc;

use super::bots::Judge;
use super::rate::Pool;
use super::watch::{Ledger, Observer, RefusedBy, ShadowTotals, StageId, StageTotals, VerificationWatch, Watcher};
use crate::bindings::{Machine, Reach, Stage};
use crate::config::{Configuration, Plugin, read};
use crate::lua::Files;
use compiler::Compiler;

pub use load_error::LoadError;
pub(crate) use plan::{BackendPlan, EndpointPlan, StagePlan};

/// The value of an environment variable, by its name.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// A configuration that was accepted.
pub struct Program {
    pub(crate) config: Configuration,
    pub(crate) service: Option<Rc<StagePlan>>,
    pub(crate) endpoints: Vec<EndpointPlan>,
    pub(crate) watcher: Option<Rc<Watcher>>,
    pub(crate) ledger: Rc<Ledger>,
    pub(crate) verification: VerificationWatch,
    pub(crate) bots: Option<Rc<Judge>>,
    pub(crate) pool: Pool,
    machines: Vec<Rc<Machine>>,
}

impl Program {
    /// Reads a configuration document and compiles its scripts.
    pub fn load(json: &[u8]) -> Result<Self, LoadError> {
        Self::load_in(json, &|_| None, None)
    }

    /// The same, with an environment, of which scripts can read the variables that the configuration lists, and with an
    /// observer of the exchanges, if there is one.
    pub fn load_in(
        json: &[u8],
        variable: Environment<'_>,
        observer: Option<Rc<dyn Observer>>,
    ) -> Result<Self, LoadError> {
        let config = read(json).map_err(|error| LoadError { message: error.to_string() })?;
        let watcher = observer.map(Watcher::new).map(Rc::new);
        let compiler = Compiler::new(reach(&config.plugin, variable)?, watcher.clone());
        let service = config.service.lua_endpoint.as_ref();
        let prefix = || "[SERVICE][Lua] ".to_owned();
        let service =
            service.map(|block| compiler.stage(block, Stage::Service, prefix(), StageId::Service)).transpose()?;
        let endpoints = config.endpoints.iter().enumerate();
        let endpoints =
            endpoints.map(|(index, endpoint)| compiler.endpoint(index, endpoint)).collect::<Result<_, _>>()?;
        let bots = compiler.judge(config.service.bots.as_ref());
        let (machines, ledger) = compiler.finish();
        machines.iter().for_each(|machine| machine.settle());
        let (verification, pool) = (VerificationWatch::default(), Pool::default());
        Ok(Self { config, service, endpoints, watcher, ledger, verification, bots, pool, machines })
    }

    /// What the stages have spent since the last call, each with its number.
    pub fn take_spent(&self) -> Vec<(usize, StageTotals)> {
        self.ledger.take()
    }

    /// The number of failures since the last call: of scripts, services and messages.
    pub fn take_failures(&self) -> u64 {
        self.ledger.take_failures()
    }

    /// The results of shadows since the last call.
    pub fn take_shadows(&self) -> ShadowTotals {
        self.ledger.take_shadows()
    }

    /// The number of requests that were refused since the last call, in the order of [`RefusedBy::ALL`].
    pub fn take_refused(&self) -> [u64; RefusedBy::ALL.len()] {
        self.ledger.take_refused()
    }

    /// `GET_/users/{id}.proxy`: the name of the stage with this number, where only dots may divide a name.
    pub fn stage_name(&self, number: usize) -> Option<String> {
        self.ledger.name(number, &self.config)
    }

    /// Bytes of the Lua heap.
    pub fn heap_bytes(&self) -> usize {
        self.machines.iter().map(|machine| machine.heap_bytes()).sum()
    }

    /// The requests of the configuration that are not met, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.config.warnings
    }

    /// Settings that behave otherwise than the author of the configuration may expect, one line each.
    pub fn remarks(&self) -> &[String] {
        &self.config.remarks
    }

    /// The lowest level that the log should show.
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

fn reach(plugin: &Plugin, variable: Environment<'_>) -> Result<Reach, LoadError> {
    let files = plugin.files.iter().map(|(name, text)| (name.clone(), Arc::clone(text)));
    let files = Rc::new(Files::new(files).map_err(|error| LoadError::no_file(&error))?);
    let variables = plugin.env.iter().filter_map(|name| Some((name.clone(), variable(name)?)));
    Ok(Reach { files, variables: Rc::new(variables.collect()), helpers: plugin.helpers })
}
