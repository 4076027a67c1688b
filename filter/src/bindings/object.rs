//! How objects get their methods. One table of methods serves every object of a kind; a script that adds a method of its own
//! (`luaTable.__index.hello = ...`) adds it to its stage's own table, where it is looked up last.

use super::arguments::{Fault, Given, Method, call};
use super::scope::scope_of;
use mlua::{Function, Lua, Table, UserDataRegistry, Value, Variadic};

/// Wraps a Rust value for a script.
pub(super) fn value<T: 'static>(lua: &Lua, value: T) -> Result<Value, Fault> {
    Ok(Value::UserData(lua.create_any_userdata(value)?))
}

/// Wraps a Rust value as the result of a method.
pub(super) fn give<T: 'static>(lua: &Lua, inner: T) -> Given {
    value(lua, inner).map(Some)
}

/// Lets objects of a type find these methods.
pub(super) fn register<T: 'static>(lua: &Lua, methods: &Table) -> mlua::Result<()> {
    let methods = methods.clone();
    lua.register_userdata_type::<T>(|registry: &mut UserDataRegistry<T>| {
        use mlua::UserDataFields;
        registry.add_meta_field("__name", "userdata");
        registry.add_meta_field_with("__index", move |_| Ok(methods.clone()));
    })
}

/// A Lua function of a Rust one.
pub(super) fn function(lua: &Lua, name: &'static str, body: Method) -> mlua::Result<Function> {
    lua.create_function(move |lua, values: Variadic<Value>| call(lua, name, values, body))
}

/// The methods of one kind of object; `name` is the global that scripts know it by.
pub(super) fn methods(lua: &Lua, name: &'static str, list: &[(&'static str, Method)]) -> mlua::Result<Table> {
    let methods = lua.create_table_with_capacity(0, list.len().saturating_add(1))?;
    for (method, body) in list {
        methods.raw_set(*method, function(lua, method, *body)?)?;
    }
    let fallback = lua.create_table_with_capacity(0, 1)?;
    let added = lua
        .create_function(move |lua, (_, key): (Value, Value)| Ok(added_method(lua, name, key).unwrap_or(Value::Nil)))?;
    fallback.raw_set("__index", added)?;
    methods.set_metatable(Some(fallback))?;
    Ok(methods)
}

fn added_method(lua: &Lua, name: &str, key: Value) -> Option<Value> {
    let scope = scope_of(lua).ok()?;
    let environment = scope.environment.borrow().clone()?;
    let global: Table = environment.globals().raw_get(name).ok()?;
    let index: Table = global.raw_get("__index").ok()?;
    index.raw_get(key).ok()
}
