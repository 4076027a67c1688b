//! `http_response`: side requests. For the script `new` looks blocking, but only the script sleeps, not the worker.

use std::cell::{Ref, RefCell};

use mlua::{Lua, Table, Value};
use smol_str::SmolStr;

use super::arguments::{Arguments, MethodError, MethodResult};
use super::containers::LuaList;
use super::convert::to_text;
use super::message_methods::name;
use super::object::Callable::{self, Hurries, Runs, Waits, WaitsQuickly};
use super::scope::{Scope, Wait, scope_of};
use super::side_request::{SideRequest, WebResponse};
use super::{kept, object};
use crate::http::Headers;
use crate::lua::{Answer, Call, Exceeded, Kind, exceed, quick_function, quick_method};

pub(super) struct LuaResponse(RefCell<State>);

struct State {
    response: WebResponse,
    closed: bool,
    body_was_read: bool,
}

pub(super) const FUNCTIONS: [(&str, Callable); 2] = [
    (
        "new",
        WaitsQuickly(
            (ask, |lua, slow| quick_function(lua, slow, quick_ask)),
            (answer, |lua, slow| quick_function(lua, slow, quick_answer)),
        ),
    ),
    ("all", Waits(ask_all, answer_all)),
];

pub(super) const METHODS: [(&str, Callable); 5] = [
    ("statusCode", Hurries(status_code, |lua, slow| quick_method(lua, slow, quick_status_code))),
    ("headers", Hurries(headers, |lua, slow| quick_method(lua, slow, quick_headers))),
    ("headerList", Runs(header_list)),
    ("body", Hurries(body, |lua, slow| quick_method(lua, slow, quick_body))),
    ("close", Hurries(close, |lua, slow| quick_method(lua, slow, quick_close))),
];

/// `http_response.new(url)`, `(url, method, body)`, `(url, method, body, headers)`: notes the request, and waits.
fn ask(lua: &Lua, args: &Arguments) -> MethodResult {
    let values = (1..=args.count()).filter_map(|number| args.value(number).cloned());
    let request = side_request(lua, "new", &values.collect::<Vec<_>>())?;
    wait_for(&*scope_of(lua)?, vec![request])
}

fn quick_ask(call: Call) -> Option<Answer> {
    let url = name(&call, 1).filter(|_| call.count() == 1)?;
    let scope = Scope::current().filter(|scope| scope.calls_left.get() > 0)?;
    wait_for(&scope, vec![get(url.to_owned())]).ok()?;
    Some(call.give_boolean(true))
}

/// The answer of `new`.
fn answer(lua: &Lua, _: &Arguments) -> MethodResult {
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

// A stage holds what it gets by the quick way as long as it runs: large replies are left to the collector.
fn quick_answer(call: Call) -> Option<Answer> {
    let scope = Scope::current()?;
    let mut replies = scope.replies.borrow_mut();
    if replies.last()?.as_ref().ok()?.body.len() > LARGE_REPLY {
        return None;
    }
    let response = replies.pop()?.ok()?;
    Some(call.give_object(LuaResponse::new(response)))
}

/// The bytes of a reply that is large.
const LARGE_REPLY: usize = 16_384;

/// `http_response.all{ {url}, {url, method, body, headers}, … }`: all at once.
fn ask_all(lua: &Lua, args: &Arguments) -> MethodResult {
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
    wait_for(&*scope_of(lua)?, requests)
}

const MAX_ARGUMENTS: i64 = 4;

/// The most requests that are read from one table, whatever the limit is.
const MAX_REQUESTS: usize = 10_000;

/// The answers of `all`, in order: a response, or `{error = why}` in the place of a response that failed.
fn answer_all(lua: &Lua, _: &Arguments) -> MethodResult {
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

fn wait_for(scope: &Scope, requests: Vec<SideRequest>) -> MethodResult {
    let wanted = u32::try_from(requests.len()).unwrap_or(u32::MAX);
    let left = scope.calls_left.get().checked_sub(wanted).ok_or_else(|| exceed(Exceeded::Calls(scope.calls_limit)))?;
    scope.calls_left.set(left);
    scope.wait.replace(Some(Wait::Calls(requests)));
    Ok(Some(Value::Boolean(true)))
}

fn get(url: String) -> SideRequest {
    SideRequest { method: SmolStr::new_static("GET"), url, headers: Headers::new(), body: Vec::new() }
}

fn side_request(lua: &Lua, method: &'static str, values: &[Value]) -> Result<SideRequest, MethodError> {
    if matches!(values.len(), 0 | 2) {
        return Err(MethodError::new("need 1, 3 or 4 arguments"));
    }
    let args = Arguments::new(lua, method, values.iter().cloned().collect());
    let url = args.text(1)?;
    if values.len() == 1 {
        return Ok(get(url));
    }
    let limit = scope_of(lua)?.body_limit;
    if args.length(3)? > limit {
        return Err(exceed(Exceeded::Body(limit)).into());
    }
    let (verb, body) = (args.text(2)?, args.bytes(3)?);
    // KrakenD reads the headers only if there are exactly four arguments (decorator/http.go).
    let headers = match args.value(4).filter(|_| args.count() == 4) {
        Some(Value::Table(table)) => header_table(lua, table)?,
        _ => Headers::new(),
    };
    Ok(SideRequest { method: verb.into(), url, headers, body })
}

// KrakenD takes text and lists of text as values, and leaves everything else out (decorator/http.go).
fn header_table(lua: &Lua, table: &Table) -> Result<Headers, MethodError> {
    let text = |value: &Value| -> Result<Option<Vec<u8>>, MethodError> {
        let Some(text) = lua.coerce_string(value.clone())? else { return Ok(None) };
        Ok(Some(kept::field(&text.as_bytes())?))
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

impl Kind for LuaResponse {
    const NUMBER: i64 = 7;
}

impl LuaResponse {
    fn new(response: WebResponse) -> Self {
        Self(RefCell::new(State { response, closed: false, body_was_read: false }))
    }

    // The state of a response that is open.
    fn open(&self) -> Option<Ref<'_, State>> {
        self.0.try_borrow().ok().filter(|state| !state.closed)
    }

    /// Lets `see` look at the response, even if it was closed.
    pub(super) fn with<R>(&self, see: impl FnOnce(&WebResponse) -> R) -> R {
        see(&self.0.borrow().response)
    }
}

fn with_open<R>(
    args: &Arguments,
    method: &str,
    act: impl FnOnce(&mut State) -> Result<R, MethodError>,
) -> Result<R, MethodError> {
    let response = args.object::<LuaResponse>("response expected")?;
    let mut state = response.0.borrow_mut();
    if state.closed && !(method == "body" && state.body_was_read) {
        // KrakenD: the first read fails (a Go panic inside sync.Once), and later reads find nothing (types.go, Body).
        if method == "body" {
            state.body_was_read = true;
            state.response.body.clear();
        }
        return Err(MethodError::new(format_args!("{method}() of a response that was closed")));
    }
    act(&mut state)
}

fn status_code(_: &Lua, args: &Arguments) -> MethodResult {
    with_open(args, "statusCode", |state| Ok(Some(Value::Number(f64::from(state.response.status)))))
}

fn quick_status_code(response: &LuaResponse, call: Call) -> Option<Answer> {
    let status = response.open()?.response.status;
    Some(call.give_number(f64::from(status)))
}

fn headers(lua: &Lua, args: &Arguments) -> MethodResult {
    with_open(args, "headers", |state| {
        args.exactly(2)?;
        Ok(Some(to_text(lua, state.response.headers.get(&args.text(2)?).unwrap_or_default())?))
    })
}

fn quick_headers(response: &LuaResponse, call: Call) -> Option<Answer> {
    let name = name(&call, 2).filter(|_| call.count() == 2)?;
    call.give_bytes(response.open()?.response.headers.get(name).unwrap_or_default())
}

fn header_list(lua: &Lua, args: &Arguments) -> MethodResult {
    let list = with_open(args, "headerList", |state| {
        args.exactly(2)?;
        let name = args.text(2)?;
        Ok(kept::list(state.response.headers.get_all(&name))?)
    })?;
    LuaList::give(lua, list)
}

fn body(lua: &Lua, args: &Arguments) -> MethodResult {
    with_open(args, "body", |state| {
        state.body_was_read = true;
        Ok(Some(to_text(lua, &state.response.body)?))
    })
}

fn quick_body(response: &LuaResponse, call: Call) -> Option<Answer> {
    let mut state = response.0.try_borrow_mut().ok().filter(|state| !state.closed)?;
    let answer = call.give_bytes(&state.response.body)?;
    state.body_was_read = true;
    Some(answer)
}

// A body that was read can still be read afterwards, as in KrakenD.
fn close(_: &Lua, args: &Arguments) -> MethodResult {
    let response = args.object::<LuaResponse>("response expected")?;
    response.0.borrow_mut().closed = true;
    Ok(None)
}

fn quick_close(response: &LuaResponse, call: Call) -> Option<Answer> {
    response.0.try_borrow_mut().ok()?.closed = true;
    Some(call.give_nothing())
}
