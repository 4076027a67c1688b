//! A Lua state with KrakenD's objects in it, which the stages of many exchanges share. Knows what the state holds for all of
//! them, and nothing of a single run.

use std::cell::Cell;
use std::rc::Rc;

use super::functions::{missing, print};
use super::globals::Globals;
use super::scope::{Half, Stage};
use crate::lua::{Code, Files, Given, Variables, Vm, World, error_text};

/// A Lua state with KrakenD's objects in it.
pub struct Machine {
    pub(super) vm: Rc<Vm>,
    pub(super) globals: Globals,
    // The bytes of data that scripts may still refer to, counted since the last collection.
    left_behind: Cell<usize>,
}

/// The things besides messages that scripts of any stage can reach.
#[derive(Clone, Default)]
pub struct Reach {
    /// Files, by name.
    pub files: Rc<Files>,
    /// Environment variables.
    pub variables: Rc<Variables>,
    /// Whether there are helpers: `json`, `base64`, `hash` …
    pub helpers: bool,
}

/// The error of a Lua state that could not be made.
#[derive(Debug)]
pub struct StartError(mlua::Error);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&error_text(&self.0))
    }
}

impl Machine {
    /// Makes a state for scripts with or without `allow_open_libs`.
    pub fn new(open: bool, reach: &Reach) -> Result<Self, StartError> {
        Self::start(open, reach.clone()).map_err(StartError)
    }

    fn start(open: bool, Reach { files, variables, helpers }: Reach) -> mlua::Result<Self> {
        let lua = mlua::Lua::new();
        let (print, missing) = (print(&lua)?, missing(&lua)?);
        let vm = Rc::new(Vm::new(open, Given { print, missing, files, variables }, lua)?);
        let globals = Globals::new(&vm, helpers)?;
        Ok(Self { vm, globals, left_behind: Cell::new(0) })
    }

    /// Notes that a run has ended and leaves this many bytes to the collector: a script's objects hold data until Lua collects
    /// them, and Lua, which does not know the size of the data, collects late.
    pub(super) fn leave_behind(&self, bytes: usize) {
        let total = self.left_behind.get().saturating_add(bytes);
        self.left_behind.set(total);
        if total > COLLECT_AFTER {
            self.left_behind.set(0);
            self.vm.collect();
        }
    }

    /// Collects the garbage of loading. What is left stays as long as the state, and the collector seldom visits it after this.
    pub fn settle(&self) {
        self.vm.collect();
    }

    /// Starts to note which lines of scripts run.
    pub fn watch_lines(&self) -> Result<(), StartError> {
        self.vm.watch_lines().map_err(StartError)
    }

    /// The world from which the environments of a stage with this code are made. Its late chunks are those of `post`.
    pub fn world<'a>(
        &self,
        stage: Stage,
        code: Code<'a, impl IntoIterator<Item = &'a str>>,
    ) -> Result<World, StartError> {
        let globals = self.globals.of(stage, Half::Pre).chain(self.globals.helpers());
        let later = self.globals.of_half_alone(stage, Half::Post);
        self.vm.world(code, globals, later, self.globals.names(stage)).map_err(StartError)
    }

    /// Bytes of the state's heap.
    pub fn heap_bytes(&self) -> usize {
        self.vm.heap_bytes()
    }

    /// The Lua state, for compiling.
    pub fn vm(&self) -> &Vm {
        &self.vm
    }
}

const COLLECT_AFTER: usize = 8 << 20;
