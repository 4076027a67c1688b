//! What one run of a script may spend: instructions and time, counted by a hook; and heap, counted by the allocator.
//! What exceeds it cannot be caught by the script: the hook goes on failing until the script has ended.

use super::lines::Lines;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The limits of a run. Zero is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Lua instructions, of all chunks and coroutines of the run together.
    pub instructions: u64,
    /// Bytes that the Lua heap may grow by.
    pub memory_bytes: usize,
    /// Time that the script computes; waiting does not count.
    pub time: Duration,
}

/// A limit that a script met. Its `Display` names the key that raises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// `limits.instructions`
    Instructions(u64),
    /// `limits.memory_bytes`
    Memory(usize),
    /// `limits.time_ms`
    Time(Duration),
}

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Exceeded::Instructions(limit) => {
                write!(f, "the script ran more than {limit} instructions (limits.instructions)")
            }
            Exceeded::Memory(limit) => write!(f, "the script used more than {limit} bytes (limits.memory_bytes)"),
            Exceeded::Time(limit) => write!(f, "the script ran longer than {} ms (limits.time_ms)", limit.as_millis()),
        }
    }
}

/// Instructions between two looks at the budget.
const STEP: u32 = 10_000;

/// The counters of the run that a state works on now.
#[derive(Debug, Default)]
pub(super) struct Budget {
    limits: Cell<Limits>,
    left: Cell<u64>,
    spent: Cell<Duration>,
    started: Cell<Option<Instant>>,
    exceeded: RefCell<Option<Exceeded>>,
    lines: OnceCell<Lines>,
}

/// What a run has left when it pauses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) limits: Limits,
    left: u64,
    spent: Duration,
}

impl Account {
    pub(super) fn new(limits: Limits) -> Account {
        Account { limits, left: limits.instructions, spent: Duration::ZERO }
    }
}

impl Budget {
    /// Puts the counting hook into a state. Threads that are made later inherit it.
    pub(super) fn watch(lua: &mlua::Lua) -> mlua::Result<Rc<Budget>> {
        let budget = Rc::new(Budget::default());
        let watched = Rc::clone(&budget);
        let every = mlua::HookTriggers::new().every_nth_instruction(STEP);
        lua.set_global_hook(every, move |_, _| watched.verdict())?;
        Ok(budget)
    }

    /// The same hook, on every line too. A state has one hook only.
    pub(super) fn watch_lines(self: &Rc<Self>, lua: &mlua::Lua) -> mlua::Result<()> {
        self.lines.get_or_init(Lines::default);
        let watched = Rc::clone(self);
        let every = mlua::HookTriggers::new().every_nth_instruction(STEP).every_line();
        lua.set_global_hook(every, move |_, frame| match (frame.event(), watched.lines()) {
            (mlua::debug::DebugEvent::Line, Some(lines)) => {
                lines.note(frame);
                Ok(mlua::VmState::Continue)
            }
            _ => watched.verdict(),
        })
    }

    pub(super) fn lines(&self) -> Option<&Lines> {
        self.lines.get()
    }

    fn verdict(&self) -> mlua::Result<mlua::VmState> {
        match self.step() {
            None => Ok(mlua::VmState::Continue),
            Some(exceeded) => Err(mlua::Error::RuntimeError(exceeded.to_string())),
        }
    }

    pub(super) fn begin(&self, lua: &mlua::Lua, account: &Account) {
        self.limits.set(account.limits);
        self.left.set(account.left);
        self.spent.set(account.spent);
        self.started.set((!account.limits.time.is_zero()).then(Instant::now));
        self.exceeded.replace(None);
        let heap = match account.limits.memory_bytes {
            0 => 0,
            bytes => lua.used_memory().saturating_add(bytes),
        };
        // Refused only where the host of the state owns its memory; this state is ours.
        let _ = lua.set_memory_limit(heap);
    }

    pub(super) fn end(&self, lua: &mlua::Lua, account: &mut Account) -> Option<Exceeded> {
        let _ = lua.set_memory_limit(0);
        account.left = self.left.get();
        account.spent = self.computed();
        self.started.set(None);
        self.exceeded.take()
    }

    fn computed(&self) -> Duration {
        let now = self.started.get().map(|start| start.elapsed()).unwrap_or_default();
        self.spent.get().saturating_add(now)
    }

    fn step(&self) -> Option<Exceeded> {
        if self.exceeded.borrow().is_none() {
            let exceeded = self.look();
            self.exceeded.replace(exceeded);
        }
        *self.exceeded.borrow()
    }

    fn look(&self) -> Option<Exceeded> {
        let limits = self.limits.get();
        if limits.instructions > 0 {
            let left = self.left.get().saturating_sub(u64::from(STEP));
            self.left.set(left);
            if left == 0 {
                return Some(Exceeded::Instructions(limits.instructions));
            }
        }
        (!limits.time.is_zero() && self.computed() > limits.time).then_some(Exceeded::Time(limits.time))
    }
}
