//! `response`: the response of one backend, or of all of them together, in the `post` of `modifier/lua-proxy` and
//! `modifier/lua-backend`.

use mlua::{Lua, Value};

use super::arguments::{Arguments, MethodError, MethodResult};
use super::containers::LuaTable;
use super::message_methods::{Handle, Message, asked, body, header_list, headers, quick_headers, with_message};
use super::messages::{Payload, ProxyResponse};
use super::object;
use super::object::Callable::{self, Hurries, Runs};
use super::scope::{Scope, scope_of};
use crate::http::Headers;
use crate::lua::{Answer, Call, quick_function, quick_method};

impl Message for ProxyResponse {
    const NUMBER: i64 = 6;
    const EXPECTED: &'static str = "response expected";
    // KrakenD says so (proxy/response.go, headerList).
    const LIST_EXPECTED: &'static str = "request expected";
    const READS_EXACT_NAMES: bool = true;
    fn headers(&mut self) -> &mut Headers {
        &mut self.headers
    }
    fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }
}

pub(super) const FUNCTIONS: [(&str, Callable); 1] =
    [("load", Hurries(load, |lua, slow| quick_function(lua, slow, quick_load)))];

pub(super) const METHODS: [(&str, Callable); 6] = [
    ("isComplete", Hurries(is_complete, |lua, slow| quick_method(lua, slow, quick_is_complete))),
    ("statusCode", Hurries(status_code, |lua, slow| quick_method(lua, slow, quick_status_code))),
    ("data", Hurries(data, |lua, slow| quick_method(lua, slow, quick_data))),
    ("headers", Hurries(headers::<ProxyResponse>, |lua, slow| quick_method(lua, slow, quick_headers::<ProxyResponse>))),
    ("headerList", Runs(header_list::<ProxyResponse>)),
    ("body", body::<ProxyResponse>()),
];

fn load(lua: &Lua, _: &Arguments) -> MethodResult {
    let scope = scope_of(lua)?;
    let response = scope.response.borrow().clone().ok_or_else(|| MethodError::new("response is not available here"))?;
    object::give(lua, Handle(response))
}

fn quick_load(call: Call) -> Option<Answer> {
    let response = Scope::current()?.response.borrow().clone()?;
    Some(call.give_object(Handle(response)))
}

fn is_complete(_: &Lua, args: &Arguments) -> MethodResult {
    with_message::<ProxyResponse, _>(args, |response| {
        if args.count() == 1 {
            return Ok(Some(Value::Boolean(response.complete)));
        }
        response.complete = args.boolean(2)?;
        Ok(None)
    })
}

fn quick_is_complete(response: &Handle<ProxyResponse>, call: Call) -> Option<Answer> {
    let complete = asked(response, &call, 1)?.complete;
    Some(call.give_boolean(complete))
}

fn status_code(_: &Lua, args: &Arguments) -> MethodResult {
    with_message::<ProxyResponse, _>(args, |response| {
        if args.count() == 1 {
            return Ok(Some(Value::Number(response.status as f64)));
        }
        response.status = args.whole(2)?;
        Ok(None)
    })
}

fn quick_status_code(response: &Handle<ProxyResponse>, call: Call) -> Option<Answer> {
    let status = asked(response, &call, 1)?.status;
    Some(call.give_number(status as f64))
}

// KrakenD's documentation calls this a setter, but it is none: further arguments are ignored (proxy/response.go).
fn data(lua: &Lua, args: &Arguments) -> MethodResult {
    let data = with_message::<ProxyResponse, _>(args, |response| Ok(response.data.table().clone()))?;
    LuaTable::give(lua, data)
}

fn quick_data(Handle(response): &Handle<ProxyResponse>, call: Call) -> Option<Answer> {
    let data = response.try_borrow().ok()?.data.table().clone();
    Some(call.give_object(LuaTable(data)))
}
