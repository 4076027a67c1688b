//! `response`: what a backend said, or all of them together, in the `post` of `modifier/lua-proxy` and `modifier/lua-backend`.

use super::arguments::{Arguments, Given, Method, MethodError};
use super::message::{Handle, Message, body, header_list, headers, with};
use super::{LuaTable, Payload};
use crate::data::Table;
use crate::http::Headers;
use mlua::{Lua, Value};
use std::cell::RefCell;

/// A backend's response, or the merge of several.
#[derive(Clone, Debug)]
pub struct ProxyResponse {
    /// The decoded body; empty where the encoding is no-op.
    pub data: Table,
    /// Did everything come that was asked for?
    pub complete: bool,
    /// The status; 0 unless the encoding is no-op. A script may set any number.
    pub status: i64,
    /// The upstream's headers where the encoding is no-op; what scripts set.
    pub headers: Headers,
    /// The body where the encoding is no-op.
    pub payload: Payload,
    /// Bytes of the body that the data was read from.
    pub size: usize,
    /// The errors of backends in the data (`return_error_details`) and their names, which scripts can read and clients cannot.
    pub named_errors: Vec<(Table, String)>,
}

impl ProxyResponse {
    /// Nothing: what `skip_next` leaves to `post`.
    pub fn empty() -> ProxyResponse {
        let (data, headers, payload) = (Table::new(), Headers::new(), Payload::absent());
        ProxyResponse { data, complete: false, status: 0, headers, payload, size: 0, named_errors: Vec::new() }
    }
}

/// Takes a response out of a stage that has ended. Its size stays behind: the stage's objects may still hold the data.
pub fn take(response: &RefCell<ProxyResponse>) -> ProxyResponse {
    let size = response.borrow().size;
    response.replace(ProxyResponse { size, ..ProxyResponse::empty() })
}

impl Message for ProxyResponse {
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

pub(super) const METHODS: [(&str, Method); 5] = [
    ("isComplete", is_complete),
    ("statusCode", status_code),
    ("data", data),
    ("headers", headers::<ProxyResponse>),
    ("headerList", header_list::<ProxyResponse>),
];

pub(super) const BODY: Method = body::<ProxyResponse>;

pub(super) fn load(lua: &Lua, _: &Arguments) -> Given {
    let scope = super::scope::scope_of(lua)?;
    let response = scope.response.borrow().clone().ok_or_else(|| MethodError::new("response is not available here"))?;
    super::object::give(lua, Handle(response))
}

fn is_complete(_: &Lua, args: &Arguments) -> Given {
    with::<ProxyResponse, _>(args, |response| {
        if args.count() == 1 {
            return Ok(Some(Value::Boolean(response.complete)));
        }
        response.complete = args.boolean(2)?;
        Ok(None)
    })
}

fn status_code(_: &Lua, args: &Arguments) -> Given {
    with::<ProxyResponse, _>(args, |response| {
        if args.count() == 1 {
            return Ok(Some(Value::Number(response.status as f64)));
        }
        response.status = args.number(2)? as i64;
        Ok(None)
    })
}

// Whatever the page says, this is no setter: further arguments are ignored (proxy/response.go).
fn data(lua: &Lua, args: &Arguments) -> Given {
    let data = with::<ProxyResponse, _>(args, |response| Ok(response.data.clone()))?;
    LuaTable::give(lua, data)
}
