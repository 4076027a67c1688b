//! Chunks that scripts compile themselves, and the environments of functions: the host's part of `loadstring`, `getfenv`,
//! `setfenv` and `debug`. Gives failures as values; `library.lua` makes errors of them, with a position.

use mlua::chunk::ChunkMode;
use mlua::{Error, Function, Lua, LuaString, Result, Table, Value};

use super::budget;
use super::current::CurrentGlobals;
use super::dialect::Translation;
use super::frames::FileChunks;

/// The calls between a function of this file and the script: the function itself, and its caller in `library.lua`.
const OWN_LEVELS: usize = 1;

/// The most levels of the stack that are searched for a script's function.
const SEARCHED_LEVELS: usize = 64;

/// The number of copies of the source that are made before Lua sees it. Lua's own memory for it is checked as it grows.
const COPIES: usize = 4;

/// The cost of compiling even a short text. Lua reads the text twice, and we read it once before.
const SHORTEST: usize = 300;

const UNCHANGEABLE: &str = "cannot change the environment of given object";

/// Adds the functions to the host's table.
pub(super) fn install(lua: &Lua, host: &Table, current: &CurrentGlobals, pack: &Function) -> Result<()> {
    let (now, pack) = (current.clone(), pack.clone());
    let compile = move |lua: &Lua, (text, name, env): (LuaString, Option<LuaString>, Option<Table>)| {
        let env = env.or_else(|| caller(lua, &now));
        Ok(match compile(lua, &text, name, env, &pack) {
            Ok(function) => (Some(function), None),
            Err(Error::SyntaxError { message, .. }) => (None, Some(message)),
            Err(error) => return Err(error),
        })
    };
    host.raw_set("compile", lua.create_function(compile)?)?;

    let now = current.clone();
    host.raw_set("caller", lua.create_function(move |lua, ()| Ok(caller(lua, &now)))?)?;
    let now = current.clone();
    host.raw_set("globals", lua.create_function(move |_, ()| Ok(now.get()))?)?;
    let now = current.clone();
    host.raw_set("getfenv", lua.create_function(move |lua, of: Value| Ok(environment_of(lua, of, &now)))?)?;
    host.raw_set(
        "setfenv",
        lua.create_function(|lua, (of, env): (Value, Table)| {
            let Some(function) = function_at(lua, of) else {
                return Ok((None, Some(UNCHANGEABLE)));
            };
            if own_environment(lua, &function).is_some() {
                function.set_environment(env)?;
            } else if FileChunks::of(lua).text(function.info().source.as_deref()).is_none() {
                // Functions that all environments share have no environment, or the state's own. A script's function has none
                // if it names no global; then it needs none.
                return Ok((None, Some(UNCHANGEABLE)));
            }
            Ok((Some(function), None))
        })?,
    )?;
    host.raw_set(
        "traceback",
        lua.create_function(|lua, (message, level): (Option<LuaString>, usize)| {
            let message = message.map(|message| message.to_string_lossy());
            lua.traceback(message.as_deref(), level.saturating_add(OWN_LEVELS))
        })?,
    )?;
    host.raw_set("getinfo", lua.create_function(info)?)
}

fn compile(
    lua: &Lua,
    text: &LuaString,
    name: Option<LuaString>,
    env: Option<Table>,
    pack: &Function,
) -> Result<Function> {
    let length = text.as_bytes().len();
    let (planned, steps) = (length.saturating_mul(COPIES), length.saturating_add(SHORTEST));
    budget::check_growth(lua, planned).and_then(|()| budget::work(steps)).map_err(Error::runtime)?;
    // Lua's names end at a NUL. Names that begin with `@` are of files.
    let name = match name.map(|name| name.to_string_lossy().split('\0').next().unwrap_or_default().to_owned()) {
        Some(name) => format!("={}", name.strip_prefix(['=', '@']).unwrap_or(&name)),
        None => "=<string>".to_owned(),
    };
    let bytes = text.as_bytes();
    let Ok(text) = std::str::from_utf8(&bytes) else {
        // Such text is rare, and seldom needs translation: it is compiled as it is.
        let chunk = lua.load(bytes.as_ref()).set_name(name).set_mode(ChunkMode::Text);
        return match env {
            Some(env) => chunk.set_environment(env).into_function(),
            None => chunk.into_function(),
        };
    };
    maker(lua, &name, text)?.call((env, pack))
}

/// Compiles a chunk of this name: a maker of functions that run in an environment.
pub(super) fn maker(lua: &Lua, name: &str, code: &str) -> Result<Function> {
    let translation = Translation::of(code);
    let load = |code: &str| lua.load(code).set_name(name).set_mode(ChunkMode::Text).into_function();
    // The code is compiled alone first: inside the wrapper a stray `end` would close the wrapper.
    load(translation.code())?;
    load(&translation.wrapped())?.call(())
}

/// The environment of a script's function; `None` for functions of ours, which have the state's globals or no environment.
fn own_environment(lua: &Lua, function: &Function) -> Option<Table> {
    function.environment().filter(|table| *table != lua.globals())
}

/// The environment of the function that called into the library: the nearest function that has an environment.
fn caller(lua: &Lua, current: &CurrentGlobals) -> Option<Table> {
    (OWN_LEVELS..SEARCHED_LEVELS)
        .map_while(|level| lua.inspect_stack(level, |debug| debug.function()))
        .find_map(|function| own_environment(lua, &function))
        .or_else(|| current.get())
}

/// A level of the stack as scripts count; if the value is not a level, one that is out of reach.
fn level(of: &Value) -> Option<usize> {
    match of {
        Value::Integer(level) => usize::try_from(*level).ok(),
        Value::Number(level) if *level >= 0.0 && *level < 1e6 => Some(*level as usize),
        _ => None,
    }
}

fn function_at(lua: &Lua, of: Value) -> Option<Function> {
    match of {
        Value::Function(function) => Some(function),
        other => {
            let level = level(&other).filter(|level| *level > 0)?;
            lua.inspect_stack(level.saturating_add(OWN_LEVELS), |debug| debug.function())
        }
    }
}

fn environment_of(lua: &Lua, of: Value, current: &CurrentGlobals) -> Option<Table> {
    function_at(lua, of).and_then(|function| own_environment(lua, &function)).or_else(|| current.get())
}

/// Writes what gopher-lua says of a function's source: its own functions have none, other functions have the name as it was
/// given.
fn name_source(table: &Table, what: &str, source: Option<&str>) -> Result<()> {
    let of_script = what != "C" && source != Some("=library");
    table.set("what", if of_script { what } else { "G" })?;
    let name = source.filter(|_| of_script).unwrap_or_default();
    table.set("source", name.strip_prefix(['=', '@']).unwrap_or(name))
}

/// `debug.getinfo`, without the functions themselves: those on the stack may be the host's.
fn info(lua: &Lua, of: Value) -> Result<Option<Table>> {
    let table = lua.create_table()?;
    if let Value::Function(function) = of {
        let info = function.info();
        name_source(&table, info.what, info.source.as_deref())?;
        table.set("linedefined", info.line_defined)?;
        table.set("lastlinedefined", info.last_line_defined)?;
        table.set("currentline", -1)?;
        return Ok(Some(table));
    }
    let Some(level) = level(&of) else {
        return Ok(None);
    };
    let filled = lua.inspect_stack(level.saturating_add(OWN_LEVELS), |debug| {
        let (names, source) = (debug.names(), debug.source());
        table.set("name", names.name)?;
        table.set("namewhat", names.name_what.unwrap_or(""))?;
        name_source(&table, source.what, source.source.as_deref())?;
        table.set("linedefined", source.line_defined)?;
        table.set("lastlinedefined", source.last_line_defined)?;
        table.set("currentline", debug.current_line().and_then(|line| i64::try_from(line).ok()).unwrap_or(-1))
    });
    filled.transpose().map(|filled| filled.map(|()| table))
}
