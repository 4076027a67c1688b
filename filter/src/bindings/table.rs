//! `luaTable` and `luaNil`: JSON objects and JSON null as scripts hold them, by reference.

use super::LuaList;
use super::arguments::{Arguments, Given, Method};
use super::convert::{FIELD_BYTES, ITEM_BYTES, to_data, to_lua, to_text};
use crate::data::{Str, Table};
use crate::lua::{keep, work};
use mlua::{Lua, Value};

/// A JSON object in a script's hand.
pub(super) struct LuaTable(pub(super) Table);

/// JSON null in a script's hand: truthy, equal to nothing, as in KrakenD.
pub(super) struct LuaNil;

pub(super) const METHODS: [(&str, Method); 6] =
    [("get", get), ("set", set), ("len", len), ("del", del), ("keys", keys), ("keyExists", key_exists)];

impl LuaTable {
    pub(super) fn give(lua: &Lua, table: Table) -> Given {
        super::object::give(lua, LuaTable(table))
    }
}

/// `luaTable.new()`
pub(super) fn new(lua: &Lua, _: &Arguments) -> Given {
    LuaTable::give(lua, Table::new())
}

/// `luaNil.new()`
pub(super) fn new_nil(lua: &Lua, _: &Arguments) -> Given {
    super::object::give(lua, LuaNil)
}

// KrakenD names no table here (decorator/luatable.go).
const EXPECTED: &str = "response expected";

fn table(args: &Arguments) -> Result<Table, super::arguments::MethodError> {
    args.look(EXPECTED, |table: &LuaTable| table.0.clone())
}

fn get(lua: &Lua, args: &Arguments) -> Given {
    args.exactly(2)?;
    let table = table(args)?;
    let key = args.string(2)?;
    match table.get(&key.as_bytes()) {
        Some(value) => to_lua(lua, &value).map(Some),
        None if *key.as_bytes() == *b"name" => error_name(lua, &table),
        None => Ok(None),
    }
}

// KrakenD: an error of a backend has a name for scripts that is not part of its JSON (decorator/luatable.go).
fn error_name(lua: &Lua, table: &Table) -> Given {
    let response = super::scope::scope_of(lua)?.response.borrow().clone();
    let name = response.and_then(|response| {
        let named = &response.try_borrow().ok()?.named_errors;
        named.iter().find(|(error, _)| error.is_same(table)).map(|(_, name)| name.clone())
    });
    Ok(name.map(|name| to_text(lua, name.as_bytes())).transpose()?)
}

fn set(lua: &Lua, args: &Arguments) -> Given {
    args.exactly(3)?;
    let table = table(args)?;
    let key = Str::from(args.bytes(2)?);
    keep(FIELD_BYTES.saturating_add(key.len()))?;
    if let Some(value) = to_data(args.any(3)?)? {
        let holds = value.is_container();
        table.set(key, value);
        if holds {
            super::scope::scope_of(lua)?.cycles.borrow_mut().note_table(&table);
        }
    }
    Ok(None)
}

fn len(_: &Lua, args: &Arguments) -> Given {
    Ok(Some(Value::Number(table(args)?.len() as f64)))
}

fn del(_: &Lua, args: &Arguments) -> Given {
    args.exactly(2)?;
    table(args)?.remove(&args.string(2)?.as_bytes());
    Ok(None)
}

fn keys(lua: &Lua, args: &Arguments) -> Given {
    let table = table(args)?;
    work(table.len())?;
    keep(table.len().saturating_mul(ITEM_BYTES))?;
    LuaList::give(lua, table.key_list())
}

fn key_exists(_: &Lua, args: &Arguments) -> Given {
    args.exactly(2)?;
    let found = table(args)?.contains(&args.string(2)?.as_bytes());
    Ok(Some(Value::Boolean(found)))
}
