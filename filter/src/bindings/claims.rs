//! `ctx:claims()` and `request:claims()`: the claims in the verified token of the request, as a `luaTable`. KrakenD has no such
//! method; its scripts decode the token themselves. Knows no token: the claims are JSON that was verified elsewhere.

use std::rc::Rc;

use mlua::{Lua, Value};

use super::arguments::{Arguments, MethodError, MethodResult};
use super::containers::LuaTable;
use super::kept;
use super::message_methods::{Message, with_message};
use crate::data::{Value as Data, parse};
use crate::lua::work;

/// A message that may have a token.
pub(super) trait Bearer: Message {
    /// The claims, as JSON; `None` if the endpoint asks for no token.
    fn claims(&self) -> Option<&Rc<[u8]>>;
}

// The memory that a parsed document takes for each of its bytes, roughly.
const PARSED: usize = 4;

/// `claims()`: gives a new table at each call; nil if there is no token.
pub(super) fn claims<M: Bearer>(lua: &Lua, args: &Arguments) -> MethodResult {
    let Some(json) = with_message::<M, _>(args, |message| Ok(message.claims().cloned()))? else {
        return Ok(Some(Value::Nil));
    };
    work(json.len())?;
    kept::tree(json.len().saturating_mul(PARSED))?;
    match parse(&*json) {
        Ok(Data::Table(table)) => LuaTable::give(lua, table),
        _ => Err(MethodError::new("the claims of the token are no JSON object")),
    }
}
