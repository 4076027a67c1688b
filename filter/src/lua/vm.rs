//! One Lua state for many scripts: chunks compiled once, an environment for each stage, and runs that may wait.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use mlua::state::{GcGenParams, GcMode};
use mlua::{Function, Lua, Table, Value};

use super::budget::{self, RunLimits};
use super::error::{SyntaxError, error_text, error_value_text, split_place};
use super::frames::{FileChunks, Text, frames};
use super::hook;
use super::library::{Given, Library};
use super::lines::Lines;
use super::loading::maker;
use super::modules::{COMPILATION, TOO_LONG};
use super::pool::{Objects, Pool};
use super::quick;
use super::runner::Runner;
use super::world::{Chunk, Code, Environment, World};

/// A Lua state. Scripts with and without `allow_open_libs` need two states: strings have methods only in one of them.
pub struct Vm {
    pub(super) lua: Lua,
    // The line where the error that is being passed up was raised.
    pub(super) raised_at: Rc<Cell<Option<(Text, usize)>>>,
    lines: OnceCell<Rc<Lines>>,
    library: Library,
    pub(super) runner: Runner,
    pool: Rc<Pool>,
    waiter: Function,
    pause: Function,
    // The smallest heap since the last collection by `tidy`.
    settled: Cell<usize>,
}

/// The most bytes of garbage with which a run may begin.
const MOST_GARBAGE: usize = 4 << 20;

impl Vm {
    /// Makes a state with the libraries that `allow_open_libs` asks for.
    pub fn new(open: bool, given: Given, lua: Lua) -> mlua::Result<Self> {
        hook::install(&lua, None)?;
        // Most of the heap is the library, which never becomes garbage; a run's values are garbage as soon as it has ended.
        // Frequent collections of young values keep the heap small enough for the processor's cache.
        lua.gc_set_mode(GcMode::Generational(GcGenParams::default()));
        let raised_at = Rc::new(Cell::new(None));
        let library = Library::new(&lua, open, given)?;
        let found = Rc::clone(&raised_at);
        let locate = lua.create_function(move |lua, error: Value| {
            let text = error_value_text(&error);
            found.set(place_at_fault(lua, text.as_deref()));
            match (error, text) {
                (Value::Error(_), Some(text)) => lua.create_string(text).map(Value::String),
                (error, _) => Ok(error),
            }
        })?;
        let globals = lua.globals();
        let (coroutine, ours): (Table, Table) = (globals.get("coroutine")?, globals.get("lua_modifier")?);
        let (waiter, pause): (Function, Function) = (ours.get("waiting")?, coroutine.get("yield")?);
        let runner = Runner::new(&lua, locate, library.pack(), library.token())?;
        let pool = Pool::new(&lua)?;
        Ok(Self { lua, raised_at, lines: OnceCell::new(), library, runner, pool, waiter, pause, settled: Cell::new(0) })
    }

    /// The objects of a stage that begins.
    pub fn objects(&self) -> Objects {
        self.pool.objects()
    }

    /// The state itself, for code that puts values into it.
    pub fn lua(&self) -> &Lua {
        &self.lua
    }

    /// Compiles a chunk.
    pub fn compile(&self, text: Text, code: &str) -> Result<Chunk, SyntaxError> {
        // A configuration may be as hostile as a script.
        let limits = RunLimits { instructions: COMPILATION, ..RunLimits::default() };
        match budget::aside(&self.lua, limits, || maker(&self.lua, text.chunk_name(), code)) {
            (Ok(maker), None) => Ok(Chunk { maker: Rc::new(maker) }),
            (_, Some(_)) => Err(SyntaxError { message: TOO_LONG.to_owned(), line: None }),
            (Err(error), None) => Err(syntax_error(&error)),
        }
    }

    /// Prepares environments for this code. An environment holds only those parts of the libraries and of `extra` that the code
    /// can name; a table is copied for each environment, unless the code only calls its functions. `later` are the globals that
    /// `post` finds besides, and `names` all globals that may be put into an environment.
    pub fn world<'a>(
        &self,
        code: Code<'a, impl IntoIterator<Item = &'a str>>,
        extra: impl IntoIterator<Item = (&'static str, Value)>,
        later: impl IntoIterator<Item = (&'static str, Value)>,
        names: impl IntoIterator<Item = &'static str>,
    ) -> mlua::Result<World> {
        let (extra, later) = (self.lua.create_table_from(extra)?, self.lua.create_table_from(later)?);
        self.library.world(&self.lua, code, &extra, &later, names)
    }

    /// Puts a global of the host into an environment of this world, whatever the script has made of it.
    pub fn restore(&self, world: &World, environment: &Environment, name: &str, value: &Value) -> mlua::Result<()> {
        match value {
            Value::Table(table) if !world.lends(name) => environment.globals.raw_set(name, self.library.copy(table)?),
            other => environment.globals.raw_set(name, other),
        }
    }

    /// A function that calls `prepare(...)`; if that gives true, the script waits for the host; then it calls `finish(...)`.
    pub fn waiting(&self, prepare: Function, finish: Function) -> mlua::Result<Function> {
        self.waiter.call((prepare, finish, self.library.token(), &self.pause))
    }

    /// Starts to note which lines run.
    pub fn watch_lines(&self) -> mlua::Result<()> {
        let lines = self.lines.get_or_init(Rc::default);
        hook::install(&self.lua, Some(Rc::clone(lines)))
    }

    /// The lines of a text that have run since the last call.
    pub fn take_lines(&self, text: Text) -> BTreeSet<usize> {
        self.lines.get().map(|lines| lines.take(text)).unwrap_or_default()
    }

    /// The same for files that scripts loaded, by their names.
    pub fn take_lines_of_files(&self) -> Vec<(Rc<str>, BTreeSet<usize>)> {
        let chunks = FileChunks::of(&self.lua);
        let lines = self.lines.get().map(|lines| lines.take_files()).unwrap_or_default();
        let named = lines.into_iter().enumerate().filter(|(_, lines)| !lines.is_empty());
        named.filter_map(|(number, lines)| Some((chunks.file(number)?, lines))).collect()
    }

    /// Bytes of the heap.
    pub fn heap_bytes(&self) -> usize {
        self.lua.used_memory()
    }

    /// Collects all garbage.
    pub fn collect(&self) {
        // If a finalizer fails, its object is left for the next collection.
        let _ = self.lua.gc_collect();
    }

    /// Collects what earlier runs have left, if it is much. A run's heap is measured by how far it grows: garbage that goes meanwhile
    /// would be room for the run beyond its limit.
    pub(super) fn tidy(&self) {
        let used = self.lua.used_memory();
        self.settled.set(self.settled.get().min(used));
        if used.saturating_sub(self.settled.get()) > MOST_GARBAGE {
            self.collect();
            self.settled.set(self.lua.used_memory());
        }
    }

    pub(super) fn enter(&self, environment: &Environment) {
        self.library.enter(&self.lua, environment);
    }

    pub(super) fn leave(&self) {
        self.library.leave(&self.lua);
        quick::forget();
    }
}

// The function at the line that an error names; the nearest function if the error names no line.
fn place_at_fault(lua: &Lua, error: Option<&str>) -> Option<(Text, usize)> {
    match error.and_then(|error| split_place(error).0) {
        Some(line) => frames(lua, 1).find(|(text, at)| *at == line && !matches!(text, Text::File(_))),
        None => frames(lua, 1).next(),
    }
}

fn syntax_error(error: &mlua::Error) -> SyntaxError {
    let text = error_text(error);
    let (line, message) = split_place(&text);
    SyntaxError { message: message.to_owned(), line }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::budget::Account;
    use super::super::files::Files;
    use super::super::script::{Paused, Script, Start};
    use super::super::source_map::SourceMap;
    use super::*;

    fn refusal(code: &str) -> Option<String> {
        let lua = Lua::new();
        let print = lua.create_function(|_, ()| Ok(())).unwrap();
        let vm = Vm::new(true, Given::printing(print), lua).unwrap();
        let refused = vm.compile(Text::Script, code).err().map(|error| error.message);
        assert!(vm.compile(Text::Sources, "return 1").is_ok(), "what comes next is not charged for it");
        refused
    }

    #[test]
    fn code_that_is_made_to_keep_the_compiler_busy_is_refused() {
        let gotos: String = (0..30_000).map(|n| format!("do goto l{n} end ::l{n}:: ")).collect();
        let nested = format!("local {} = 1 ", (0..150).map(|n| format!("a{n}")).collect::<Vec<_>>().join(","));
        let deep = ["return function() ", &nested].concat().repeat(90) + &"x = 1 ".repeat(30_000) + &"end ".repeat(90);
        for code in [
            format!("if a then {} end", "elseif a then ".repeat(50_000)),
            format!("return {} a", "a and ".repeat(50_000)),
            format!("while a do {} end", "if a then break end ".repeat(30_000)),
            format!("{} {} ::x::", "if a then goto x end ".repeat(20_000), "do end ".repeat(20_000)),
            gotos,
            deep,
        ] {
            assert_eq!(refusal(&code).as_deref(), Some(TOO_LONG), "{}", code.chars().take(60).collect::<String>());
        }
    }

    #[test]
    fn what_a_file_takes_to_compile_is_not_the_script_s() {
        let lua = Lua::new();
        let print = lua.create_function(|_, ()| Ok(())).unwrap();
        let large = "x = { 'text', 1.5, y } ".repeat(100);
        let large = format!("do {large} end ").repeat(300);
        let files = Files::new([("large.lua".to_owned(), large.as_str().into())]).unwrap();
        let vm = Rc::new(Vm::new(true, Given { files: Rc::new(files), ..Given::printing(print) }, lua).unwrap());
        let limits = RunLimits { instructions: 50_000, memory_bytes: 400_000, ..RunLimits::default() };
        let run = |code: &str| {
            let chunk = vm.compile(Text::Script, code).unwrap();
            let environment = vm.world(Code::unknown([code]), [], [], []).unwrap().environment().unwrap();
            let (map, start) = (Rc::new(SourceMap::default()), Start::new(&chunk, &environment));
            let mut script = Script::new(&vm, start, "pre-script", &map, Account::new(limits));
            let paused = script.resume(&mut vm.objects());
            (matches!(paused, Paused::Done), script.account().spent().instructions)
        };
        let before = vm.heap_bytes();
        let (done, spent) = run("assert(loadfile('large.lua'))");
        assert!(vm.heap_bytes() > before + limits.memory_bytes, "the file is large");
        assert!(done && spent < 20_000, "{spent}");
        assert!(!run("loadfile('large.lua')()").0, "what it runs is charged");
    }

    #[test]
    fn long_code_is_not_refused() {
        let branches = format!("if a == 0 then {} end ", "elseif a == 1 then b = 2 ".repeat(1_000));
        let function = "local function f(a, b) for i = 1, #a do if b[i] then return a[i] .. 'x' end end end ";
        assert_eq!(refusal(&format!("{branches} {}", format!("do {function} end ").repeat(20_000))), None);
        assert_eq!(refusal(&format!("return {{ {} }}", "'text', 1.5, {a = 1}, ".repeat(50_000))), None);
        assert_eq!(refusal(&format!("return '{}'", "x".repeat(4 << 20))), None);
    }
}
