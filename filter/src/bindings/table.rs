//! `luaTable` and `luaNil`: JSON objects and JSON null as scripts hold them, by reference.

use mlua::{Lua, Value};

use super::arguments::{Arguments, MethodError, MethodResult};
use super::containers::{LuaList, LuaNil, LuaTable};
use super::convert::{to_data, to_lua, to_text};
use super::object::Callable::{self, Hurries, Runs};
use super::plain::Stored;
use super::scope::{Scope, scope_of};
use super::{convert, kept, object};
use crate::data::{Str, Table};
use crate::lua::{Answer, Call, quick_method, work};

/// `luaTable.new()`
pub(super) const FUNCTIONS: [(&str, Callable); 1] = [("new", Runs(new))];

pub(super) const METHODS: [(&str, Callable); 6] = [
    ("get", Hurries(get, |lua, slow| quick_method(lua, slow, quick_get))),
    ("set", Hurries(set, |lua, slow| quick_method(lua, slow, quick_set))),
    ("len", Hurries(len, |lua, slow| quick_method(lua, slow, quick_len))),
    ("del", Hurries(del, |lua, slow| quick_method(lua, slow, quick_del))),
    ("keys", Runs(keys)),
    ("keyExists", Hurries(key_exists, |lua, slow| quick_method(lua, slow, quick_key_exists))),
];

/// `luaNil.new()`
pub(super) const NIL_FUNCTIONS: [(&str, Callable); 1] = [("new", Runs(new_nil))];

fn new(lua: &Lua, _: &Arguments) -> MethodResult {
    LuaTable::give(lua, Table::new())
}

fn new_nil(lua: &Lua, _: &Arguments) -> MethodResult {
    object::give(lua, LuaNil)
}

// KrakenD does not name a table here (decorator/luatable.go).
const EXPECTED: &str = "response expected";

fn table(args: &Arguments) -> Result<Table, MethodError> {
    args.object::<LuaTable>(EXPECTED).map(|table| table.0.clone())
}

fn get(lua: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(2)?;
    let table = table(args)?;
    let (value, is_name) = args.with_bytes(2, |key| (table.get(key), key == b"name"))?;
    match value {
        Some(value) => to_lua(lua, &value).map(Some),
        None if is_name => error_name(lua, &table),
        None => Ok(None),
    }
}

fn quick_get(LuaTable(table): &LuaTable, call: Call) -> Option<Answer> {
    let value = table.get(call.bytes(2).filter(|_| call.count() == 2)?)?;
    convert::answer(call, value)
}

// KrakenD: scripts can read the name of a backend's error, which is not part of its JSON (decorator/luatable.go).
fn error_name(lua: &Lua, table: &Table) -> MethodResult {
    let response = scope_of(lua)?.response.borrow().clone();
    let name = response.and_then(|response| {
        let named = &response.try_borrow().ok()?.named_errors;
        named.iter().find(|(error, _)| error.is_same(table)).map(|(_, name)| name.clone())
    });
    Ok(name.map(|name| to_text(lua, name.as_bytes())).transpose()?)
}

fn set(lua: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(3)?;
    let table = table(args)?;
    let key = Str::from(args.field(2)?);
    if let Some(value) = to_data(args.required(3)?)? {
        let holds = value.is_container();
        table.set(key, value);
        if holds {
            scope_of(lua)?.cycles.borrow_mut().note_table(&table);
        }
    }
    Ok(None)
}

fn quick_set(LuaTable(table): &LuaTable, call: Call) -> Option<Answer> {
    let key = call.bytes(2).filter(|key| call.count() == 3 && kept::is_free(key.len()))?;
    let (value, scope) = (Stored::of(&call, 3)?, Scope::current()?);
    kept::fields(value.fields().saturating_add(1), value.texts().saturating_add(key.len())).ok()?;
    let (key, value) = (Str::from(key), value.data());
    let holds = value.is_container();
    table.set(key, value);
    if holds {
        scope.cycles.borrow_mut().note_table(table);
    }
    Some(call.give_nothing())
}

fn len(_: &Lua, args: &Arguments) -> MethodResult {
    Ok(Some(Value::Number(table(args)?.len() as f64)))
}

fn quick_len(LuaTable(table): &LuaTable, call: Call) -> Option<Answer> {
    Some(call.give_number(table.len() as f64))
}

fn del(_: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(2)?;
    let table = table(args)?;
    args.with_bytes(2, |key| table.remove(key))?;
    Ok(None)
}

fn quick_del(LuaTable(table): &LuaTable, call: Call) -> Option<Answer> {
    table.remove(call.bytes(2).filter(|_| call.count() == 2)?);
    Some(call.give_nothing())
}

fn keys(lua: &Lua, args: &Arguments) -> MethodResult {
    let table = table(args)?;
    work(table.len())?;
    kept::places_of_items(table.len())?;
    LuaList::give(lua, table.key_list())
}

fn key_exists(_: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(2)?;
    let table = table(args)?;
    let found = args.with_bytes(2, |key| table.contains(key))?;
    Ok(Some(Value::Boolean(found)))
}

fn quick_key_exists(LuaTable(table): &LuaTable, call: Call) -> Option<Answer> {
    let found = table.contains(call.bytes(2).filter(|_| call.count() == 2)?);
    Some(call.give_boolean(found))
}
