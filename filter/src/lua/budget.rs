//! What one run of a script may spend: instructions and time, heap, and data that the host keeps for it.
//!
//! The interpreter calls a hook when a count is used up (lua_limits.h says how it counts). A script cannot catch the error of a
//! limit: the hook fails again at every step until the script has ended.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use super::frames::{Text, frames};

/// The limits of a run. Zero means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunLimits {
    /// Lua instructions, of all chunks and coroutines of the run together.
    pub instructions: u64,
    /// Bytes that the Lua heap may grow by, and bytes of data that the host may be made to keep.
    pub memory_bytes: usize,
    /// Time that all runs of the same scripts compute together; time spent waiting does not count.
    pub time: Duration,
}

/// What a run has spent so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Lua instructions, counted in steps of some thousands. The run that ends a step is charged for the whole step, so sums
    /// are right and single runs are not.
    pub instructions: u64,
    /// Time that the run computed; time spent waiting does not count.
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
    /// `limits.calls`
    Calls(u32),
    /// `limits.body_bytes`
    Body(usize),
    /// The memory limit of all scripts of the worker together: no key raises it.
    Worker(usize),
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instructions(limit) => {
                write!(f, "the script ran more than {limit} instructions (limits.instructions)")
            }
            Self::Memory(limit) => write!(f, "the script used more than {limit} bytes (limits.memory_bytes)"),
            Self::Time(limit) => write!(f, "the script ran longer than {} ms (limits.time_ms)", limit.as_millis()),
            Self::Calls(limit) => {
                write!(f, "the script asked for more than {limit} side requests (limits.calls)")
            }
            Self::Body(limit) => {
                write!(f, "the script made a body or list of more than {limit} bytes or items (limits.body_bytes)")
            }
            Self::Worker(limit) => write!(f, "all scripts of this worker together hold more than {limit} bytes"),
        }
    }
}

/// The number of instructions between two checks of the budget.
pub(super) const STEP: u32 = 5_000;

/// The bytes of heap that are collected in the time of one instruction, as a power of two.
const COLLECTED_AT_ONCE: u32 = 5;

/// The most bytes that all scripts of a Lua state may hold. Scripts wait for calls, so there can be many; and a Wasm module
/// without more memory dies, with every stream of its worker.
const WORKER_BYTES: usize = 384 << 20;

/// The rest of the limits of the current run. There is one per thread: scripts take turns.
struct CurrentRun {
    active: Cell<bool>,
    limits: Cell<RunLimits>,
    left: Cell<u64>,
    ran: Cell<u64>,
    spent: Cell<Duration>,
    started: Cell<Option<Instant>>,
    heap_before: Cell<usize>,
    kept: Cell<usize>,
    exceeded: Cell<Option<Exceeded>>,
    // The line of the script when a limit was met.
    place: Cell<Option<(Text, usize)>>,
}

thread_local! {
    static RUN: CurrentRun = const {
        CurrentRun {
            active: Cell::new(false),
            limits: Cell::new(RunLimits { instructions: 0, memory_bytes: 0, time: Duration::ZERO }),
            left: Cell::new(0),
            ran: Cell::new(0),
            spent: Cell::new(Duration::ZERO),
            started: Cell::new(None),
            heap_before: Cell::new(0),
            kept: Cell::new(0),
            exceeded: Cell::new(None),
            place: Cell::new(None),
        }
    };
}

/// The rest of a run's limits when it pauses.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    limits: RunLimits,
    left: u64,
    // These count this run alone.
    ran: u64,
    took: Duration,
    spent: Duration,
    kept: usize,
    /// The line on which a limit was met, if it is known.
    pub(super) place: Option<(Text, usize)>,
}

impl Account {
    /// The account of a first run.
    pub fn new(limits: RunLimits) -> Self {
        let (left, none) = (limits.instructions, Duration::ZERO);
        Self { limits, left, ran: 0, took: none, spent: none, kept: 0, place: None }
    }

    /// What this run has spent so far.
    #[must_use]
    pub fn spent(&self) -> Usage {
        Usage { instructions: self.ran, time: self.took }
    }

    /// The account of the next run of the same scripts: the time of all their runs counts together.
    #[must_use]
    pub fn of_next_run(self) -> Self {
        Self { spent: self.spent, ..Self::new(self.limits) }
    }

    /// Bytes of data that the host was made to keep; some of them stay until Lua has collected.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept
    }
}

/// Called by the hook at every step: gives the limit that the script has met, if any. The heap is about to grow by `planned`
/// bytes.
pub(super) fn check(lua: &mlua::Lua, planned: usize) -> Option<Exceeded> {
    RUN.with(|run| {
        let exceeded = run.check(lua, planned)?;
        run.note_place(lua);
        Some(exceeded)
    })
}

/// Called when a script begins or resumes.
pub(super) fn begin(lua: &mlua::Lua, account: &Account) {
    RUN.with(|run| {
        run.active.set(true);
        run.limits.set(account.limits);
        run.left.set(account.left);
        run.ran.set(account.ran);
        run.spent.set(account.spent);
        run.started.set(Some(Instant::now()));
        run.heap_before.set(lua.used_memory());
        run.kept.set(account.kept);
        run.exceeded.set(None);
        run.place.set(None);
    });
}

/// Called when the script pauses or ends.
pub(super) fn end(account: &mut Account) -> Option<Exceeded> {
    RUN.with(|run| {
        run.active.set(false);
        account.left = run.left.get();
        account.ran = run.ran.get();
        let spent = run.computed();
        account.took = account.took.saturating_add(spent.saturating_sub(account.spent));
        account.spent = spent;
        account.kept = run.kept.get();
        account.place = run.place.take();
        run.started.set(None);
        run.exceeded.take()
    })
}

/// Does work of the host's own, on a separate account, in the middle of a script: the script is not charged for the work, nor
/// for the growth of the heap. Gives the limit that the work met.
pub(super) fn aside<T>(lua: &mlua::Lua, limits: RunLimits, work: impl FnOnce() -> T) -> (T, Option<Exceeded>) {
    let (scripts, heap) = (RUN.with(CurrentRun::state), lua.used_memory());
    let mut account = Account::new(limits);
    begin(lua, &account);
    let done = work();
    let exceeded = end(&mut account);
    if let Some(scripts) = scripts {
        let grown = lua.used_memory().saturating_sub(heap);
        RUN.with(|run| run.go_on(scripts, grown));
    }
    (done, exceeded)
}

/// Charges the calling script for this many more bytes that the host keeps for it.
pub fn keep(bytes: usize) -> Result<(), Exceeded> {
    RUN.with(|run| {
        let kept = run.kept.get().saturating_add(bytes);
        run.kept.set(kept);
        let limit = run.limits.get().memory_bytes;
        if !run.active.get() || limit == 0 || kept <= limit { Ok(()) } else { Err(exceed(Exceeded::Memory(limit))) }
    })
}

/// Checks the limits before the heap grows by this many bytes at once.
pub fn check_growth(lua: &mlua::Lua, bytes: usize) -> Result<(), Exceeded> {
    RUN.with(
        |run| if run.active.get() { run.check_heap(lua, bytes).map_or(Ok(()), |e| Err(exceed(e))) } else { Ok(()) },
    )
}

/// Charges the calling script for work of the host that takes as long as this many instructions.
pub fn work(instructions: usize) -> Result<(), Exceeded> {
    RUN.with(|run| {
        if !run.active.get() {
            return Ok(());
        }
        // Work that takes as long as a step also checks the time, as each step does.
        let late = || if instructions >= STEP as usize { run.check_time() } else { None };
        run.charge(instructions as u64).or_else(late).map_or(Ok(()), |limit| Err(exceed(limit)))
    })
}

/// Notes that the calling script has met a limit: whatever it does, it fails.
pub fn exceed(limit: Exceeded) -> Exceeded {
    RUN.with(|run| {
        let first = run.exceeded.get().unwrap_or(limit);
        run.exceeded.set(Some(first));
        first
    })
}

/// A run that is interrupted.
struct Interrupted {
    account: Account,
    heap_before: usize,
    exceeded: Option<Exceeded>,
}

impl CurrentRun {
    fn state(&self) -> Option<Interrupted> {
        self.active.get().then(|| {
            let (limits, left, ran) = (self.limits.get(), self.left.get(), self.ran.get());
            let (spent, kept, place) = (self.computed(), self.kept.get(), self.place.get());
            let account = Account { limits, left, ran, took: Duration::ZERO, spent, kept, place };
            Interrupted { account, heap_before: self.heap_before.get(), exceeded: self.exceeded.get() }
        })
    }

    fn go_on(&self, run: Interrupted, grown: usize) {
        let Interrupted { account, heap_before, exceeded } = run;
        self.active.set(true);
        self.limits.set(account.limits);
        self.left.set(account.left);
        self.ran.set(account.ran);
        self.spent.set(account.spent);
        self.started.set(Some(Instant::now()));
        self.heap_before.set(heap_before.saturating_add(grown));
        self.kept.set(account.kept);
        self.exceeded.set(exceeded);
        self.place.set(account.place);
    }

    // Only the first place counts, because the hook fails again while the script unwinds.
    fn note_place(&self, lua: &mlua::Lua) {
        if self.place.get().is_none() {
            self.place.set(frames(lua, 0).next());
        }
    }

    fn computed(&self) -> Duration {
        let now = self.started.get().map(|start| start.elapsed()).unwrap_or_default();
        self.spent.get().saturating_add(now)
    }

    fn check(&self, lua: &mlua::Lua, planned: usize) -> Option<Exceeded> {
        // Between runs the host itself works on the state, without limits.
        if !self.active.get() {
            return None;
        }
        if self.exceeded.get().is_none() {
            let steps = if planned == 0 { u64::from(STEP) } else { 0 };
            let exceeded = self.charge(steps).or_else(|| self.check_time()).or_else(|| self.check_heap(lua, planned));
            self.exceeded.set(exceeded);
        }
        self.exceeded.get()
    }

    fn charge(&self, steps: u64) -> Option<Exceeded> {
        self.ran.set(self.ran.get().saturating_add(steps));
        let limit = self.limits.get().instructions;
        if limit == 0 {
            return None;
        }
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        (left == 0).then_some(Exceeded::Instructions(limit))
    }

    fn check_time(&self) -> Option<Exceeded> {
        let limit = self.limits.get().time;
        (!limit.is_zero() && self.computed() > limit).then_some(Exceeded::Time(limit))
    }

    fn check_heap(&self, lua: &mlua::Lua, planned: usize) -> Option<Exceeded> {
        let limit = match self.limits.get().memory_bytes {
            0 => usize::MAX,
            limit => limit,
        };
        let over = || {
            let used = lua.used_memory().saturating_add(planned);
            if used.saturating_sub(self.heap_before.get()) > limit {
                Some(Exceeded::Memory(limit))
            } else {
                (used > WORKER_BYTES).then_some(Exceeded::Worker(WORKER_BYTES))
            }
        };
        over()?;
        // Part of the heap may be garbage of this run, or of earlier runs, whose garbage must not take this run's room. Close
        // to its limit a script collects again and again, and is charged for the time, which grows with the heap.
        let grown = lua.used_memory().saturating_sub(self.heap_before.get());
        if let Some(exceeded) = self.charge((grown >> COLLECTED_AT_ONCE) as u64) {
            return Some(exceeded);
        }
        let _ = lua.gc_collect();
        self.heap_before.set(self.heap_before.get().min(lua.used_memory()));
        over()
    }
}
