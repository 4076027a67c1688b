//! `ctx:claims()` and `request:claims()`: what the verified token of the request says, as a `luaTable`. Beyond KrakenD, whose scripts
//! decode the token themselves. Knows no token: the claims are JSON that somebody has verified.

use std::rc::Rc;

use mlua::{Lua, Value};

use super::arguments::{Arguments, MethodError, MethodResult};
use super::containers::LuaTable;
use super::kept;
use super::message_methods::{Message, with_message};
use crate::data::{Value as Data, parse};
use crate::lua::work;

/// A message that came with a token.
pub(super) trait Bearer: Message {
    /// The claims, as JSON; none where the endpoint asks for no token.
    fn claims(&self) -> Option<&Rc<[u8]>>;
}

// What a parsed document takes, roughly, for each of its bytes.
const PARSED: usize = 4;

/// `claims()`: a table of the script's own, each time; nil where there is no token.
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
