//! The library as scripts see it, open and closed, and environments made of it. All environments of a state share the
//! functions, which nobody can change, and each has its own tables. Knows nothing of what a script is for.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Instant;

use mlua::{
    Function, Lua, LuaString, MultiValue, Result, StdLib, Table, UserData, UserDataMethods, Value,
    Variadic,
};

use super::{dialect, letters, loading};

const SOURCE: &str = include_str!("library.lua");

/// Names by which a script can reach globals that its text does not mention.
const REACH_ANYTHING: [&str; 9] = [
    "_G",
    "_ENV",
    "getfenv",
    "setfenv",
    "load",
    "loadstring",
    "module",
    "package",
    "debug",
];

/// The globals of the script that runs. Shared with the functions that need to know.
pub(super) type Current = Rc<Cell<Option<Table>>>;

/// Lua's library for one state, mended for scripts.
pub struct Library {
    template: Function,
    wait: Function,
    token: Function,
    pack: Function,
    copy: Function,
    current: Current,
}

/// A maker of environments for scripts whose sources are known.
pub struct Template {
    make: Function,
}

/// The world of one stage of one exchange.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The script's globals.
    pub globals: Table,
    /// The metatable of strings while this script runs; none in closed environments.
    strings: Option<Table>,
}

impl Library {
    /// Prepares a state. `open` is KrakenD's `allow_open_libs`; `print` gets what scripts print, one line each.
    /// From here on strings have methods only while an environment is entered that gives them some.
    pub fn new(lua: &Lua, open: bool, print: impl Fn(&Lua, &[u8]) + 'static) -> Result<Self> {
        lua.load_std_libs(
            StdLib::TABLE | StdLib::STRING | StdLib::MATH | StdLib::OS | StdLib::COROUTINE,
        )?;
        letters::install(lua)?;
        let current = Current::default();
        let print = Rc::new(print);
        let host = lua.create_table()?;
        let started = Instant::now();
        host.raw_set(
            "clock",
            lua.create_function(move |_, ()| Ok(started.elapsed().as_secs_f64()))?,
        )?;
        host.raw_set(
            "newproxy",
            lua.create_function(|lua, ()| lua.create_any_userdata(Proxy))?,
        )?;
        host.raw_set("stream", lua.create_userdata(Stream(print.clone()))?)?;
        host.raw_set(
            "print",
            lua.create_function(move |lua, text: LuaString| {
                print(lua, &text.as_bytes());
                Ok(())
            })?,
        )?;
        let arguments = (lua.globals(), host.clone(), open);
        let chunk = lua
            .load(SOURCE)
            .set_name("=library")
            .set_environment(lua.create_table()?);
        let (template, wait, token, pack, copy): (
            Function,
            Function,
            Function,
            Function,
            Function,
        ) = chunk.call(arguments)?;
        loading::install(lua, &host, &current, &pack)?;
        lua.set_type_metatable::<LuaString>(None);
        Ok(Library {
            template,
            wait,
            token,
            pack,
            copy,
            current,
        })
    }

    /// A maker of environments in which these sources will run. Globals that they have no way to name are left out, and
    /// cost nothing. `extra` are globals of the host's; tables among them are copied for each environment.
    pub fn template<'a>(
        &self,
        lua: &Lua,
        sources: impl IntoIterator<Item = &'a str>,
        extra: &Table,
    ) -> Result<Template> {
        let names: BTreeSet<&str> = sources.into_iter().flat_map(dialect::names).collect();
        let mentions = if REACH_ANYTHING.iter().any(|name| names.contains(name)) {
            None
        } else {
            Some(lua.create_table_from(names.into_iter().map(|name| (name, true)))?)
        };
        Ok(Template {
            make: self.template.call((mentions, extra))?,
        })
    }

    /// To be called before every start or resumption of a script: gives strings the environment's methods.
    pub fn enter(&self, lua: &Lua, environment: &Environment) {
        lua.set_type_metatable::<LuaString>(environment.strings.clone());
        self.current.set(Some(environment.globals.clone()));
    }

    /// To be called when no script runs: forgets the environment entered last, so that it can be collected.
    pub fn leave(&self, lua: &Lua) {
        lua.set_type_metatable::<LuaString>(None);
        self.current.set(None);
    }

    /// A Lua function that yields its arguments out of the outermost coroutine, through all that scripts made, and
    /// returns what it is resumed with. Never hand it to a script itself: call it from the host's own functions.
    pub fn wait(&self) -> &Function {
        &self.wait
    }

    /// What `wait` was called with, if this is what it yielded; a script cannot forge that.
    pub fn awaited(&self, mut yielded: MultiValue) -> Option<MultiValue> {
        let first = yielded.pop_front()?;
        matches!(&first, Value::Function(function) if *function == self.token).then_some(yielded)
    }

    /// `table.pack`, the second argument of a maker (see [`dialect::Translation::wrapped`]).
    pub fn pack(&self) -> &Function {
        &self.pack
    }

    /// A copy of a table, one level deep: the cheapest way to put a helper table back.
    pub fn copy(&self, table: &Table) -> Result<Table> {
        self.copy.call(table)
    }
}

impl Template {
    /// A fresh environment.
    pub fn environment(&self) -> Result<Environment> {
        let (globals, strings) = self.make.call(())?;
        Ok(Environment { globals, strings })
    }
}

/// What `newproxy` makes.
struct Proxy;

/// `io.stdout` and `io.stderr`: what is written becomes a line of the log.
struct Stream<P>(Rc<P>);

impl<P: Fn(&Lua, &[u8]) + 'static> UserData for Stream<P> {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_function(
            "write",
            |lua, (stream, texts): (mlua::AnyUserData, Variadic<LuaString>)| {
                let line: Vec<u8> = texts
                    .iter()
                    .flat_map(|text| text.as_bytes().to_vec())
                    .collect();
                (stream.borrow::<Self>()?.0)(lua, &line);
                Ok(stream)
            },
        );
        for name in ["flush", "close", "setvbuf"] {
            methods.add_method(name, |_, _, _: MultiValue| Ok(true));
        }
    }
}

#[cfg(test)]
mod contents;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod waiting;
#[cfg(test)]
mod world;
