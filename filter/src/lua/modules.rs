//! Files that scripts run or read: the host's part of `dofile`, `loadfile`, `require` and `io.open`. Each file is compiled once
//! per state and spelling of its name, when the first script asks for it; if it does not compile, the error is kept.
//! `modules.lua` and `io.lua` make the functions that scripts call.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use mlua::{Error, Function, Lua, LuaString, Result};

use super::budget::{self, RunLimits};
use super::error::error_text;
use super::files::{Files, Found};
use super::frames::FileChunks;
use super::loading::maker;
use super::syntax::complaint;

/// Adds the functions to the host's table.
pub(super) fn install(lua: &Lua, host: &mlua::Table, files: &Rc<Files>) -> Result<()> {
    lua.set_app_data(FileChunks::default());
    let there = Rc::clone(files);
    // The reason why a path cannot be opened, and whether its first line is for a shell.
    let absence = move |_: &Lua, path: LuaString| {
        charge(&path)?;
        Ok(match there.find(&path.to_string_lossy()) {
            Found::Nothing(words) => (Some(words), false),
            Found::File(_, text) => (None, text.starts_with('#')),
            Found::Folder => (None, false),
        })
    };
    host.raw_set("absence", lua.create_function(absence)?)?;
    let there = Rc::clone(files);
    let text = move |lua: &Lua, path: LuaString| {
        charge(&path)?;
        match file(&there, &path.to_string_lossy()) {
            Ok((_, text)) => {
                budget::check_growth(lua, text.len()).map_err(Error::runtime)?;
                Ok((Some(lua.create_string(text.as_bytes())?), None))
            }
            Err(words) => Ok((None, Some(words))),
        }
    };
    host.raw_set("text", lua.create_function(text)?)?;
    let modules = Modules { files: Rc::clone(files), compiled: RefCell::default() };
    // Gives a maker of the file's function; or nothing, and the reason.
    let load = move |lua: &Lua, path: LuaString| {
        charge(&path)?;
        Ok(match modules.load(lua, &path.to_string_lossy()) {
            Ok(maker) => (Some(maker), None),
            Err(words) => (None, Some(words)),
        })
    };
    host.raw_set("load", lua.create_function(load)?)
}

/// Looking for a file takes time, and more of it if its path is long.
fn charge(path: &LuaString) -> Result<()> {
    budget::work(LOOK.saturating_add(path.as_bytes().len() >> 3)).map_err(Error::runtime)
}

const LOOK: usize = 60;

fn file(files: &Files, path: &str) -> std::result::Result<(String, Arc<str>), String> {
    match files.find(path) {
        Found::File(name, text) => Ok((name, text)),
        Found::Folder => Err(format!("read {path}: is a directory")),
        Found::Nothing(words) => Err(format!("open {path}: {words}")),
    }
}

struct Modules {
    files: Rc<Files>,
    // In the order of the numbers of their chunks.
    compiled: RefCell<Vec<Compiled>>,
}

/// A maker, or the error of the compiler.
type Compiled = std::result::Result<Function, String>;

/// The most spellings of one file's name that are told apart; further spellings go by the file's own name.
const SPELLINGS: usize = 4;

/// The instructions that compiling a file may take, as for all other code of the configuration.
pub(super) const COMPILATION: u64 = 100_000_000;

pub(super) const TOO_LONG: &str = "the script takes too long to compile: it has thousands of `elseif`, `and`, `or`, `break` or `goto` in one statement or \
     function, or of names in functions within functions; split it";

impl Modules {
    fn load(&self, lua: &Lua, path: &str) -> Compiled {
        let (name, text) = file(&self.files, path)?;
        let chunks = FileChunks::of(lua);
        let written = if chunks.number(path).is_some() || chunks.spellings(&name) < SPELLINGS { path } else { &name };
        if let Some(number) = chunks.number(written) {
            let compiled = self.compiled.borrow().get(number).cloned();
            return compiled.unwrap_or_else(|| Err(TOO_LONG.to_owned()));
        }
        chunks.add(written, &name);
        let compiled = compile(lua, written, &text);
        self.compiled.borrow_mut().push(compiled.clone());
        compiled
    }
}

/// Compiles a file as work of the configuration: the script that is the first to load it does not pay.
fn compile(lua: &Lua, written: &str, text: &str) -> Compiled {
    let chunk = FileChunks::chunk_name(written);
    // If the first line begins with `#`, it is for a shell: gopher-lua leaves it out, except for its line end.
    let code = match text.strip_prefix('#') {
        Some(rest) => rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default(),
        None => text,
    };
    let limits = RunLimits { instructions: COMPILATION, ..RunLimits::default() };
    let complaint_of = |code: &str| maker(lua, &chunk, code).err().map(|error| error_text(&error));
    let (compiled, exceeded) = budget::aside(lua, limits, || {
        maker(lua, &chunk, code).map_err(|error| complaint(written, code, &error_text(&error), &complaint_of))
    });
    match exceeded {
        Some(_) => Err(TOO_LONG.replacen("the script", written, 1)),
        None => compiled,
    }
}
