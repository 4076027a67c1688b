//! placeholder
use mlua::{Function, Lua, Table, Value};
pub(super) struct Library {
    token: Value,
    meta: Table,
}
impl Library {
    pub(super) fn new(lua: &Lua, _open: bool, print: Function) -> mlua::Result<Library> {
        let meta = lua.create_table()?;
        lua.globals().set("print", print)?;
        meta.set("__index", lua.globals())?;
        Ok(Library { token: Value::Table(lua.create_table()?), meta })
    }
    pub(super) fn token(&self) -> &Value {
        &self.token
    }
    pub(super) fn environment(&self, lua: &Lua) -> mlua::Result<Table> {
        let env = lua.create_table()?;
        env.set_metatable(Some(self.meta.clone()))?;
        env.raw_set("_G", &env)?;
        Ok(env)
    }
}
