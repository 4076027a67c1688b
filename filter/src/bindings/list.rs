//! `luaList`: JSON arrays as scripts hold them. Indexes start at 0, as in KrakenD and unlike Lua.

use mlua::{Lua, Value};

use super::arguments::{Arguments, MethodError, MethodResult, index};
use super::containers::LuaList;
use super::convert::{to_data, to_lua};
use super::object::Callable::{self, Hurries, Runs};
use super::scope::scope_of;
use super::{convert, kept};
use crate::data::List;
use crate::lua::{Answer, Call, Exceeded, Plain, exceed, quick_method, work};

/// `luaList.new()`
pub(super) const FUNCTIONS: [(&str, Callable); 1] = [("new", Runs(new))];

pub(super) const METHODS: [(&str, Callable); 4] = [
    ("get", Hurries(get, |lua, slow| quick_method(lua, slow, quick_get))),
    ("set", Runs(set)),
    ("len", Hurries(len, |lua, slow| quick_method(lua, slow, quick_len))),
    ("del", Runs(del)),
];

fn new(lua: &Lua, _: &Arguments) -> MethodResult {
    LuaList::give(lua, List::new())
}

const EXPECTED: &str = "response expected";

fn get(lua: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(2)?;
    let list = args.object::<LuaList>(EXPECTED)?;
    // KrakenD: reading past the end gives no value at all, not an error (decorator/lualist.go).
    let item = args.index(2)?.and_then(|index| list.0.borrow().get(index));
    item.map(|item| to_lua(lua, &item)).transpose()
}

fn quick_get(LuaList(list): &LuaList, call: Call) -> Option<Answer> {
    let index = match call.plain(2).filter(|_| call.count() == 2)? {
        Plain::Whole(number) => usize::try_from(number).ok()?,
        Plain::Number(number) => index(number)?,
        Plain::Text(_) | Plain::Boolean(_) => return None,
    };
    let item = list.borrow().get(index)?;
    convert::answer(call, item)
}

fn set(lua: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(3)?;
    let list = args.object::<LuaList>(EXPECTED)?;
    let Some(index) = args.index(2)? else { return Ok(None) };
    let scope = scope_of(lua)?;
    // This happens before the list is borrowed, because the value may be the list itself.
    let value = to_data(args.required(3)?)?;
    let mut list = list.0.borrow_mut();
    if index >= list.len() && list.is_shared() {
        work(list.len())?;
    }
    let grows = index.saturating_add(1).saturating_sub(list.len()).min(scope.body_limit);
    kept::places_of_items(grows)?;
    let too_long = |error| {
        exceed(Exceeded::Body(scope.body_limit));
        MethodError::new(format_args!("{error} (limits.body_bytes)"))
    };
    match value {
        Some(value) => {
            let holds = value.is_container();
            list.set(index, value, scope.body_limit).map_err(too_long)?;
            if holds {
                scope.cycles.borrow_mut().note_list(&list);
            }
        }
        // A value that cannot be stored is left out, but the list has grown by then.
        None => list.grow(index.saturating_add(1), scope.body_limit).map_err(too_long)?,
    }
    Ok(None)
}

fn len(_: &Lua, args: &Arguments) -> MethodResult {
    let length = args.object::<LuaList>(EXPECTED)?.0.borrow().len();
    Ok(Some(Value::Number(length as f64)))
}

fn quick_len(LuaList(list): &LuaList, call: Call) -> Option<Answer> {
    let length = list.try_borrow().ok()?.len();
    Some(call.give_number(length as f64))
}

/// The number of items that move up in the time of one instruction.
const MOVED_AT_ONCE: usize = 8;

fn del(_: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(2)?;
    let list = args.object::<LuaList>(EXPECTED)?;
    if let Some(index) = args.index(2)? {
        work(list.0.borrow().len().saturating_sub(index) / MOVED_AT_ONCE)?;
        list.0.borrow_mut().del(index);
    }
    Ok(None)
}
