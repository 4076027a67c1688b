//! `http_response`: side requests. `new` looks blocking to the script, but the script sleeps and the worker does not.

use super::arguments::{Arguments, Given, Method, MethodError};
use super::convert::{FIELD_BYTES, to_text};
use super::scope::{SideRequest, Wait, scope_of};
use super::{LuaList, object};
use crate::data::{Str, Value as Data};
use crate::http::Headers;
use crate::lua::{Exceeded, exceed, keep};
use mlua::{Lua, Table, Value};
use std::cell::RefCell;

/// What a side request brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebResponse {
    /// The status.
    pub status: u16,
    /// All headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}

pub(super) struct LuaResponse(RefCell<State>);

struct State {
    response: WebResponse,
    closed: bool,
    body_was_read: bool,
}

pub(super) const METHODS: [(&str, Method); 5] =
    [("statusCode", status_code), ("headers", headers), ("headerList", header_list), ("body", body), ("close", close)];

/// `http_response.new(url)`, `(url, method, body)`, `(url, method, body, headers)`: notes what to ask, and waits.
pub(super) fn ask(lua: &Lua, args: &Arguments) -> Given {
    let values = (1..=args.count()).filter_map(|number| args.value(number).cloned());
    let request = side_request(lua, "new", &values.collect::<Vec<_>>())?;
    wait_for(lua, vec![request])
}

/// The answer of `new`.
pub(super) fn answer(lua: &Lua, _: &Arguments) -> Given {
    let scope = scope_of(lua)?;
    let reply = scope.replies.borrow_mut().pop();
    match reply {
        Some(Ok(response)) => object::give(lua, LuaResponse::new(response)),
        Some(Err(why)) => {
            scope.call_error.replace(Some(why.clone()));
            Err(MethodError::new(why))
        }
        None => Err(MethodError::new("the side request has no reply")),
    }
}

/// `http_response.all{ {url}, {url, method, body, headers}, … }`: all at once.
pub(super) fn ask_all(lua: &Lua, args: &Arguments) -> Given {
    let Some(Value::Table(list)) = args.value(1) else { return Err(MethodError::new("need a table of requests")) };
    let mut requests = Vec::new();
    for item in list.sequence_values::<Value>() {
        let values = match item? {
            Value::Table(request) => {
                (1..=MAX_ARGUMENTS).map(|at| request.raw_get(at)).collect::<mlua::Result<Vec<Value>>>()?
            }
            url => vec![url],
        };
        if requests.len() > MAX_REQUESTS {
            return Err(exceed(Exceeded::Calls(scope_of(lua)?.calls_limit)).into());
        }
        let given = values.iter().rposition(|value| !value.is_nil()).map_or(0, |last| last.saturating_add(1));
        requests.push(side_request(lua, "all", values.get(..given).unwrap_or_default())?);
    }
    if requests.is_empty() {
        return Err(MethodError::new("need at least one request"));
    }
    wait_for(lua, requests)
}

const MAX_ARGUMENTS: i64 = 4;

/// More at once are read from no table, whatever the limit.
const MAX_REQUESTS: usize = 10_000;

/// The answers of `all`, in order: a response, or `{error = why}` in the place of one that failed.
pub(super) fn answer_all(lua: &Lua, _: &Arguments) -> Given {
    let replies = std::mem::take(&mut *scope_of(lua)?.replies.borrow_mut());
    let list = lua.create_table_with_capacity(replies.len(), 0)?;
    for reply in replies {
        match reply {
            Ok(response) => list.raw_push(object::value(lua, LuaResponse::new(response))?)?,
            Err(why) => list.raw_push(lua.create_table_from([("error", why)])?)?,
        }
    }
    Ok(Some(Value::Table(list)))
}

fn wait_for(lua: &Lua, requests: Vec<SideRequest>) -> Given {
    let scope = scope_of(lua)?;
    let wanted = u32::try_from(requests.len()).unwrap_or(u32::MAX);
    let left = scope.calls_left.get().checked_sub(wanted).ok_or_else(|| exceed(Exceeded::Calls(scope.calls_limit)))?;
    scope.calls_left.set(left);
    scope.wait.replace(Some(Wait::Calls(requests)));
    Ok(Some(Value::Boolean(true)))
}

fn side_request(lua: &Lua, method: &'static str, values: &[Value]) -> Result<SideRequest, MethodError> {
    if matches!(values.len(), 0 | 2) {
        return Err(MethodError::new("need 1, 3 or 4 arguments"));
    }
    let args = Arguments::new(lua, method, values.iter().cloned().collect());
    let url = args.text(1)?;
    if values.len() == 1 {
        return Ok(SideRequest { method: "GET".to_owned(), url, headers: Headers::new(), body: Vec::new() });
    }
    let limit = scope_of(lua)?.body_limit;
    if args.string(3)?.as_bytes().len() > limit {
        return Err(exceed(Exceeded::Body(limit)).into());
    }
    let (verb, body) = (args.text(2)?, args.bytes(3)?);
    let headers = match args.value(4) {
        Some(Value::Table(table)) => header_table(lua, table)?,
        _ => Headers::new(),
    };
    Ok(SideRequest { method: verb, url, headers, body })
}

// KrakenD takes text and lists of text as values, and leaves everything else out (decorator/http.go).
fn header_table(lua: &Lua, table: &Table) -> Result<Headers, MethodError> {
    let text = |value: &Value| -> Result<Option<Vec<u8>>, MethodError> {
        let Some(text) = lua.coerce_string(value.clone())? else { return Ok(None) };
        keep(FIELD_BYTES.saturating_add(text.as_bytes().len()))?;
        Ok(Some(text.as_bytes().to_vec()))
    };
    let mut headers = Headers::new();
    for pair in table.pairs::<Value, Value>() {
        let (name, value) = pair?;
        let Some(name) = text(&name)? else { continue };
        let name = String::from_utf8_lossy(&name).into_owned();
        match &value {
            Value::String(_) => {
                if let Some(one) = text(&value)? {
                    headers.append(&name, one);
                }
            }
            Value::Table(list) => {
                for one in list.sequence_values::<Value>() {
                    if let Some(one) = text(&one?)? {
                        headers.append(&name, one);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(headers)
}

impl LuaResponse {
    fn new(response: WebResponse) -> LuaResponse {
        LuaResponse(RefCell::new(State { response, closed: false, body_was_read: false }))
    }
}

fn open<R>(
    args: &Arguments,
    method: &str,
    look: impl FnOnce(&mut State) -> Result<R, MethodError>,
) -> Result<R, MethodError> {
    let response = args.object::<LuaResponse>("response expected")?;
    let mut state = response.0.borrow_mut();
    if state.closed && !(method == "body" && state.body_was_read) {
        return Err(MethodError::new(format_args!("{method}() of a response that was closed")));
    }
    look(&mut state)
}

fn status_code(_: &Lua, args: &Arguments) -> Given {
    open(args, "statusCode", |state| Ok(Some(Value::Number(f64::from(state.response.status)))))
}

fn headers(lua: &Lua, args: &Arguments) -> Given {
    open(args, "headers", |state| {
        args.exactly(2)?;
        Ok(Some(to_text(lua, state.response.headers.get(&args.text(2)?).unwrap_or_default())?))
    })
}

fn header_list(lua: &Lua, args: &Arguments) -> Given {
    let list = open(args, "headerList", |state| {
        args.exactly(2)?;
        let name = args.text(2)?;
        Ok(state
            .response
            .headers
            .get_all(&name)
            .map(|value| {
                keep(FIELD_BYTES.saturating_add(value.len()))?;
                Ok(Data::String(Str::from(value.to_vec())))
            })
            .collect::<Result<Vec<_>, MethodError>>()?
            .into())
    })?;
    LuaList::give(lua, list)
}

fn body(lua: &Lua, args: &Arguments) -> Given {
    open(args, "body", |state| {
        state.body_was_read = true;
        Ok(Some(to_text(lua, &state.response.body)?))
    })
}

// A body that was read can still be read afterwards, as in KrakenD.
fn close(_: &Lua, args: &Arguments) -> Given {
    let response = args.object::<LuaResponse>("response expected")?;
    response.0.borrow_mut().closed = true;
    Ok(None)
}
