//! One Lua state for many scripts: chunks compiled once, an environment for each stage, and runs that may wait.

use super::budget::{Account, Budget};
use super::fault::split_place;
use super::library::Library;
use super::{Limits, Place, SourceMap, SyntaxError, dialect};
use mlua::{Function, Lua, Table, Thread, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// A Lua state. Scripts with and without `allow_open_libs` need two: strings have methods in the one only.
pub struct Vm {
    pub(super) lua: Lua,
    pub(super) budget: Rc<Budget>,
    pub(super) located: Rc<RefCell<Option<Located>>>,
    library: Library,
    runner: Function,
    waiter: Function,
    idle: RefCell<Vec<Thread>>,
}

/// A compiled chunk: a function of the environment that it runs in.
#[derive(Clone)]
pub struct Chunk {
    pub(super) function: Function,
}

/// The globals of one stage of one exchange.
#[derive(Clone)]
pub struct Environment {
    pub(super) globals: Table,
}

/// Which text a chunk was made of. Scripts see all of them as `<string>`, as in KrakenD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The joined sources.
    Sources,
    /// A `pre` or a `post`.
    Script,
}

/// Where the error that is on its way up was raised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located {
    pub(super) text: Text,
}

// Both names print as `<string>`; the mark in front, which nobody sees, tells them apart.
const SOURCES_NAME: &str = "@<string>";
const SCRIPT_NAME: &str = "=<string>";

impl Vm {
    /// Makes a state with the libraries that `allow_open_libs` asks for; `print` gets the arguments of every `print`.
    pub fn new(open: bool, print: Function, lua: Lua) -> mlua::Result<Vm> {
        let budget = Budget::watch(&lua)?;
        let located = Rc::new(RefCell::new(None));
        let library = Library::new(&lua, open, print)?;
        let found = Rc::clone(&located);
        let locate = lua.create_function(move |lua, error: Value| {
            let text = error_value_text(&error);
            found.replace(text.as_deref().and_then(|text| locate(lua, text)));
            match (error, text) {
                (Value::Error(_), Some(text)) => lua.create_string(text).map(Value::String),
                (error, _) => Ok(error),
            }
        })?;
        let globals = lua.globals();
        let base = |name: &str| globals.get::<Function>(name);
        let coroutine: Table = globals.get("coroutine")?;
        let (pause, may_pause): (Function, Function) = (coroutine.get("yield")?, coroutine.get("isyieldable")?);
        let prelude = lua.load(include_str!("prelude.lua")).set_name("=prelude").set_mode(mlua::chunk::ChunkMode::Text);
        let parts = (base("xpcall")?, locate, pause, may_pause, base("error")?, library.token().clone());
        let (runner, waiter) = prelude.call(parts)?;
        Ok(Vm { lua, budget, located, library, runner, waiter, idle: RefCell::default() })
    }

    /// The state itself, for those who put values into it.
    pub fn lua(&self) -> &Lua {
        &self.lua
    }

    /// Compiles a chunk.
    pub fn compile(&self, text: Text, code: &str) -> Result<Chunk, SyntaxError> {
        let code = dialect::translate(code);
        let name = match text {
            Text::Sources => SOURCES_NAME,
            Text::Script => SCRIPT_NAME,
        };
        let load =
            |code: &str| self.lua.load(code).set_name(name).set_mode(mlua::chunk::ChunkMode::Text).into_function();
        // Alone first: inside the wrapper a stray `end` would close it.
        load(&code).map_err(|error| syntax_error(&error))?;
        let wrapped = format!("return function(_ENV, ...) {code}\nend");
        let function = load(&wrapped).and_then(|make| make.call(())).map_err(|error| syntax_error(&error))?;
        Ok(Chunk { function })
    }

    /// Fresh globals: the libraries, and what `extra` adds when a name is first asked for.
    pub fn environment(&self) -> mlua::Result<Environment> {
        Ok(Environment { globals: self.library.environment(&self.lua)? })
    }

    /// A function that asks `prepare(...)`; where that says true the script waits for the host; then it is `finish(...)`.
    pub fn waiting(&self, prepare: Function, finish: Function) -> mlua::Result<Function> {
        self.waiter.call((prepare, finish))
    }

    pub(super) fn token(&self) -> &Value {
        self.library.token()
    }

    pub(super) fn thread(&self) -> mlua::Result<Thread> {
        match self.idle.borrow_mut().pop() {
            Some(thread) => thread.reset(self.runner.clone()).map(|()| thread),
            None => self.lua.create_thread(self.runner.clone()),
        }
    }

    pub(super) fn give_back(&self, thread: Thread) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < MAX_IDLE && thread.is_finished() {
            idle.push(thread);
        }
    }
}

const MAX_IDLE: usize = 16;

impl Environment {
    /// Gives a global a value, past whatever the script has made of it.
    pub fn set(&self, name: &str, value: impl mlua::IntoLua) -> mlua::Result<()> {
        self.globals.raw_set(name, value)
    }

    /// The globals as the script sees them.
    pub fn globals(&self) -> &Table {
        &self.globals
    }
}

/// An error that a script sees as KrakenD's would look: text, with the line of the script that called the function.
pub fn raise(lua: &Lua, message: impl std::fmt::Display) -> mlua::Error {
    let line = frames(lua).next().map_or(0, |(_, line)| line);
    mlua::Error::RuntimeError(format!("<string>:{line}: {message}"))
}

/// The text of an error without what mlua adds to it.
pub fn error_text(error: &mlua::Error) -> String {
    match error {
        mlua::Error::CallbackError { cause, .. } => error_text(cause),
        mlua::Error::RuntimeError(text) => {
            let end = text.rfind("\nstack traceback:\n").unwrap_or(text.len());
            text.get(..end).unwrap_or(text).to_owned()
        }
        mlua::Error::SyntaxError { message, .. } => message.clone(),
        mlua::Error::MemoryError(message) => message.clone(),
        other => other.to_string(),
    }
}

/// The text of an error value; `None` where it has none (a table, say).
pub(super) fn error_value_text(error: &Value) -> Option<String> {
    match error {
        Value::Error(error) => Some(error_text(error)),
        Value::String(text) => Some(text.to_string_lossy()),
        Value::Integer(_) | Value::Number(_) => error.to_string().ok(),
        _ => None,
    }
}

fn locate(lua: &Lua, text: &str) -> Option<Located> {
    let (line, _) = split_place(text);
    let line = line?;
    frames(lua).find(|(_, at)| *at == line).map(|(text, _)| Located { text })
}

// The lines that the script's own functions stand at, from the inside out.
fn frames(lua: &Lua) -> impl Iterator<Item = (Text, usize)> {
    (1..MAX_FRAMES)
        .map_while(|level| {
            lua.inspect_stack(level, |frame| (frame.source().source.map(|s| s.into_owned()), frame.current_line()))
        })
        .filter_map(|(source, line)| match source.as_deref() {
            Some(SOURCES_NAME) => Some((Text::Sources, line?)),
            Some(SCRIPT_NAME) => Some((Text::Script, line?)),
            _ => None,
        })
}

const MAX_FRAMES: usize = 256;

fn syntax_error(error: &mlua::Error) -> SyntaxError {
    let text = error_text(error);
    let (line, message) = split_place(&text);
    SyntaxError { message: message.to_owned(), line }
}

pub(super) fn place(located: Option<Located>, line: usize, script: &str, sources: &SourceMap) -> Option<Place> {
    match located.map(|located| located.text) {
        Some(Text::Sources) => sources.place(line),
        _ => Some(Place { script: script.to_owned(), line }),
    }
}

pub(super) fn account(limits: Limits) -> Account {
    Account::new(limits)
}
