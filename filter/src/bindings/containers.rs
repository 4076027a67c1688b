//! JSON's containers as scripts hold them: the content of `luaTable`, `luaList` and `luaNil`. Their methods are in `table` and
//! `list`; `convert` converts between them and Lua's own values.

use std::cell::RefCell;

use mlua::Lua;

use super::arguments::MethodResult;
use super::object;
use crate::data::{List, Table};
use crate::lua::Kind;

/// A JSON object that a script holds.
pub(super) struct LuaTable(pub(super) Table);

/// A JSON array that a script holds. Its length is its own; its items are shared with every other view of the same array.
pub(super) struct LuaList(pub(super) RefCell<List>);

/// JSON null that a script holds: truthy, and equal to nothing, as in KrakenD.
pub(super) struct LuaNil;

impl Kind for LuaTable {
    const NUMBER: i64 = 1;
}

impl Kind for LuaList {
    const NUMBER: i64 = 2;
}

impl Kind for LuaNil {
    const NUMBER: i64 = 3;
}

impl LuaTable {
    pub(super) fn give(lua: &Lua, table: Table) -> MethodResult {
        object::give(lua, Self(table))
    }
}

impl LuaList {
    pub(super) fn give(lua: &Lua, list: List) -> MethodResult {
        object::give(lua, Self::of(list))
    }

    pub(super) fn of(list: List) -> Self {
        Self(RefCell::new(list))
    }

    pub(super) fn list(&self) -> List {
        self.0.borrow().clone()
    }
}
