//! Gives objects their functions and methods. One table of methods serves every object of a kind. If a script adds a method
//! (`luaTable.__index.hello = ...`), the method goes into a table of its stage, where it is looked up last.

use mlua::{Function, Lua, MultiValue, Table, Value};

use super::arguments::{Method, MethodError, MethodResult, call};
use super::scope::scope_of;
use crate::lua::{self, Kind, Vm};

/// What happens when a script calls a function or a method.
#[derive(Clone, Copy)]
pub(super) enum Callable {
    /// A function that has its result at once.
    Runs(Method),
    /// The first function says whether the script must wait for the host; the second gives the result, once it need not wait.
    Waits(Method, Method),
    /// A function that has its result at once, and its quick way.
    Hurries(Method, Quicken),
    /// As [`Callable::Waits`], with the quick ways of both functions.
    WaitsQuickly((Method, Quicken), (Method, Quicken)),
}

/// Wraps a function so that it takes a quick way where it can.
type Quicken = fn(&Lua, Function) -> mlua::Result<Function>;

/// Wraps a Rust value for a script.
pub(super) fn value<T: Kind>(lua: &Lua, value: T) -> Result<Value, MethodError> {
    Ok(Value::UserData(lua::create(lua, value)?))
}

/// Wraps a Rust value as the result of a method.
pub(super) fn give<T: Kind>(lua: &Lua, inner: T) -> MethodResult {
    value(lua, inner).map(Some)
}

/// Makes a Lua function of a Rust one; `name` stands in its error messages when another function of ours calls it.
pub(super) fn function(lua: &Lua, name: Option<&'static str>, body: Method) -> mlua::Result<Function> {
    lua.create_function(move |lua, values: MultiValue| call(lua, name, values, body))
}

/// Puts functions into a table, by their names.
pub(super) fn fill(vm: &Vm, functions: &Table, list: &[(&'static str, Callable)]) -> mlua::Result<()> {
    let lua = vm.lua();
    for (name, entry) in list {
        let function = match *entry {
            Callable::Runs(body) => function(lua, None, body)?,
            Callable::Hurries(body, quicken) => quicken(lua, function(lua, None, body)?)?,
            Callable::Waits(ask, finish) => {
                let name = Some(*name);
                vm.waiting(function(lua, name, ask)?, function(lua, name, finish)?)?
            }
            Callable::WaitsQuickly((ask, quicken_ask), (finish, quicken_finish)) => {
                let name = Some(*name);
                let ask = quicken_ask(lua, function(lua, name, ask)?)?;
                vm.waiting(ask, quicken_finish(lua, function(lua, name, finish)?)?)?
            }
        };
        functions.raw_set(*name, function)?;
    }
    Ok(())
}

/// A table of functions under their last names; each is given by its whole name (`base64.encode`), which its error messages
/// show.
pub(super) fn library(lua: &Lua, list: &[(&'static str, Method)]) -> mlua::Result<Table> {
    let functions = lua.create_table_with_capacity(0, list.len())?;
    for (whole, body) in list {
        let name = whole.rsplit('.').next().unwrap_or(whole);
        functions.raw_set(name, function(lua, Some(*whole), *body)?)?;
    }
    Ok(functions)
}

/// A table for this many methods of one kind of object; `name` is the global that scripts know it by.
pub(super) fn methods(lua: &Lua, name: &'static str, count: usize) -> mlua::Result<Table> {
    let methods = lua.create_table_with_capacity(0, count.saturating_add(1))?;
    let fallback = lua.create_table_with_capacity(0, 1)?;
    let added = lua.create_function(move |lua, (_, key): (Value, Value)| {
        additions(lua, name).map_or(Ok(Value::Nil), |additions| additions.raw_get(key))
    })?;
    fallback.raw_set("__index", added)?;
    methods.set_metatable(Some(fallback))?;
    Ok(methods)
}

/// The table that scripts see as `luaTable.__index`. All stages share it, so methods that a script adds are kept with the
/// stage.
pub(super) fn extensible(lua: &Lua, name: &'static str, methods: &Table) -> mlua::Result<Table> {
    let add = lua.create_function(move |lua, (_, key, value): (Value, Value, Value)| {
        let scope = scope_of(lua).map_err(|_| mlua::Error::runtime("no stage is running"))?;
        let mut added = scope.added_methods.borrow_mut();
        let additions = match added.get(name) {
            Some(additions) => additions.clone(),
            None => added.entry(name).or_insert(lua.create_table()?).clone(),
        };
        additions.raw_set(key, value)
    })?;
    let metatable = lua.create_table_with_capacity(0, 2)?;
    metatable.raw_set("__index", methods)?;
    metatable.raw_set("__newindex", add)?;
    metatable.raw_set("__metatable", false)?;
    let index = lua.create_table()?;
    index.set_metatable(Some(metatable))?;
    Ok(index)
}

fn additions(lua: &Lua, name: &str) -> Option<Table> {
    scope_of(lua).ok()?.added_methods.borrow().get(name).cloned()
}
