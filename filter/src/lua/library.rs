//! The library as scripts see it, open and closed, and the environments that are made from it. All environments of a state
//! share the functions, which no script can change, and each has its own tables. Does not know what a script is for.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Instant;

use mlua::{
    AnyUserData, BString, Function, IntoLua, Lua, LuaString, MultiValue, Result, StdLib, Table, UserData,
    UserDataMethods, Value, Variadic,
};

use super::current::CurrentGlobals;
use super::error::error_value_text;
use super::files::Files;
use super::world::{Chunk, Code, Environment, Ready, World};
use super::{dialect, letters, loading, modules};

const SOURCE: &str = include_str!("library.lua");
const MODULES: &str = include_str!("modules.lua");
const IO: &str = include_str!("io.lua");

/// Names through which a script can reach globals that its text does not mention.
const REACH_ANYTHING: [&str; 12] = [
    "_G",
    "_ENV",
    "getfenv",
    "setfenv",
    "load",
    "loadstring",
    "loadfile",
    "dofile",
    "module",
    "package",
    "require",
    "debug",
];

/// The parts of a state's library that the host gives.
pub struct Given {
    /// Called with each line that scripts print.
    pub print: Function,
    /// Called, with the function and the name, when a script asked for a file that does not exist.
    pub missing: Function,
    /// The files that scripts reach by name.
    pub files: Rc<Files>,
    /// The variables that `os.getenv` gives.
    pub variables: Rc<Variables>,
}

/// Environment variables.
pub type Variables = Vec<(String, Vec<u8>)>;

/// Lua's library for one state, adapted for scripts.
pub(super) struct Library {
    template: Function,
    token: Value,
    pack: Function,
    copy: Function,
    current: CurrentGlobals,
    // Either all environments of the state have methods of strings, or none has.
    open: bool,
}

#[cfg(test)]
impl Given {
    /// A library that prints, with no files and no variables.
    pub(super) fn printing(print: Function) -> Self {
        Self { missing: print.clone(), print, files: Rc::default(), variables: Rc::default() }
    }
}

impl Library {
    /// Prepares a state. `open` is KrakenD's `allow_open_libs`.
    /// After this call strings have methods only while an environment with such methods is entered.
    pub(super) fn new(lua: &Lua, open: bool, given: Given) -> Result<Self> {
        let Given { print, missing, files, variables } = given;
        lua.load_std_libs(StdLib::TABLE | StdLib::STRING | StdLib::MATH | StdLib::OS | StdLib::COROUTINE)?;
        letters::install(lua)?;
        let current = CurrentGlobals::default();
        let host = lua.create_table()?;
        let started = Instant::now();
        host.raw_set("clock", lua.create_function(move |_, ()| Ok(started.elapsed().as_secs_f64()))?)?;
        host.raw_set(
            "error_value",
            lua.create_function(|lua, error: Value| match error {
                Value::Error(_) => error_value_text(&error).unwrap_or_default().into_lua(lua),
                thrown => Ok(thrown),
            })?,
        )?;
        host.raw_set("stream", lua.create_userdata(OutputStream(print.clone()))?)?;
        host.raw_set("print", print)?;
        host.raw_set("missing", missing)?;
        let variable = move |lua: &Lua, name: LuaString| {
            let found = variables.iter().find(|(known, _)| *name.as_bytes() == *known.as_bytes());
            found.map(|(_, value)| lua.create_string(value)).transpose()
        };
        host.raw_set("getenv", lua.create_function(variable)?)?;
        modules::install(lua, &host, &files)?;
        host.raw_set(
            "part",
            lua.create_function(|lua, (name, given): (LuaString, MultiValue)| {
                part(lua, if *name.as_bytes() == *b"io" { IO } else { MODULES })?.call::<MultiValue>(given)
            })?,
        )?;
        let (template, token, pack, copy): (Function, Value, Function, Function) =
            part(lua, SOURCE)?.call((lua.globals(), &host, open))?;
        loading::install(lua, &host, &current, &pack)?;
        host.raw_set("pack", &pack)?;
        lua.set_type_metatable::<LuaString>(None);
        Ok(Self { template, token, pack, copy, current, open })
    }

    /// Prepares environments in which this code will run. Globals that its texts cannot name are left out, and cost nothing.
    /// `extra` are globals of the host, and `later` those that the late chunks find besides; tables among them are copied for
    /// each environment, unless the code only calls their functions. `names` are the globals that the host may put into an
    /// environment.
    pub(super) fn world<'a>(
        &self,
        lua: &Lua,
        Code { texts, early, late }: Code<'a, impl IntoIterator<Item = &'a str>>,
        extra: &Table,
        later: &Table,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Result<World> {
        let mentioned: BTreeSet<&str> = texts.into_iter().flat_map(dialect::names).collect();
        let reaches_all = REACH_ANYTHING.iter().any(|name| mentioned.contains(name));
        // `getmetatable` finds the global of an object's kind.
        let finds_kinds = reaches_all || mentioned.contains("getmetatable");
        let reached: Box<[_]> = names.into_iter().filter(|name| finds_kinds || mentioned.contains(name)).collect();
        let mentions = if reaches_all {
            None
        } else {
            Some(lua.create_table_from(mentioned.into_iter().map(|name| (name, true)))?)
        };
        let uses = self.uses(lua, early.iter().chain(&late))?;
        let (make, lends, before, after, strings): (_, Table, Option<Table>, Option<Table>, Option<Table>) =
            self.template.call((mentions, extra, uses, later))?;
        let lent = reached.iter().filter(|name| lends.contains_key(**name).unwrap_or(false)).copied().collect();
        let mut ready = Vec::new();
        for (chunks, globals) in [(early, before), (late, after)] {
            let Some(globals) = globals.filter(|_| !chunks.is_empty()) else { continue };
            let environment = Rc::new(Environment { globals, strings: strings.clone() });
            for chunk in chunks {
                let function = chunk.maker.call((&environment.globals, &self.pack))?;
                ready.push((chunk, Rc::new(Ready { function, environment: Rc::clone(&environment) })));
            }
        }
        Ok(World { make, reached, lent, ready })
    }

    /// Notes about what chunks do with their globals (lua_uses.h); `None` without any chunk.
    fn uses<'c>(&self, lua: &Lua, chunks: impl Iterator<Item = &'c Chunk>) -> Result<Option<Table>> {
        let mut chunks = chunks.peekable();
        if chunks.peek().is_none() {
            return Ok(None);
        }
        let notes = lua.create_table_from([("fields", lua.create_table()?), ("taken", lua.create_table()?)])?;
        let uses: Function = lua.globals().get::<Table>("lua_modifier")?.get("uses")?;
        chunks.try_for_each(|chunk| uses.call::<()>((&*chunk.maker, &notes)))?;
        Ok(Some(notes))
    }

    /// Must be called before every start or resumption of a script: gives strings the environment's methods.
    pub(super) fn enter(&self, lua: &Lua, environment: &Environment) {
        if self.open {
            lua.set_type_metatable::<LuaString>(environment.strings.clone());
        }
        self.current.enter(&environment.globals);
    }

    /// Must be called when no script runs: forgets the last environment, so that it can be collected.
    pub(super) fn leave(&self, lua: &Lua) {
        if self.open {
            lua.set_type_metatable::<LuaString>(None);
        }
        self.current.leave();
    }

    /// The first value that the host's functions yield when they wait. It is passed outward through all coroutines that scripts
    /// made, and the answer is passed back in. No script can get it.
    pub(super) fn token(&self) -> &Value {
        &self.token
    }

    /// `table.pack`, the second argument of a maker (see [`dialect::Translation::wrapped`]).
    pub(super) fn pack(&self) -> &Function {
        &self.pack
    }

    /// A copy of a table, one level deep: the cheapest way to put a helper table back.
    pub(super) fn copy(&self, table: &Table) -> Result<Table> {
        self.copy.call(table)
    }
}

fn part(lua: &Lua, source: &str) -> Result<Function> {
    lua.load(source).set_name("=library").set_environment(lua.create_table()?).into_function()
}

/// `io.stdout` and `io.stderr`: text that is written to them becomes a line of the log.
struct OutputStream(Function);

impl UserData for OutputStream {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_function("write", |_, (stream, texts): (AnyUserData, Variadic<LuaString>)| {
            let line: Vec<u8> = texts.iter().flat_map(|text| text.as_bytes().to_vec()).collect();
            let print = stream.borrow::<Self>()?.0.clone();
            print.call::<()>(BString::from(line))?;
            Ok(stream)
        });
        for name in ["flush", "close", "setvbuf"] {
            methods.add_method(name, |_, _, _: MultiValue| Ok(true));
        }
    }
}
