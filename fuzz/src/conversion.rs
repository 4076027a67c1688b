//! Any JSON through Lua and back: a script takes a backend's data apart, to the last value, and puts a copy beside it. Copy and
//! data come out alike, but for what a number looks like.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use lua_modifier::http::{Body, Headers, Request, Response};
use lua_modifier::pipeline::{Exchange, Input, Output, Program};
use serde_json::{Value, json};

const COPY: &str = "
local function copy(value)
  if type(value) ~= 'userdata' then return value end
  local is_table, keys = pcall(function() return value:keys() end)
  if is_table then
    local other = luaTable.new()
    for i = 0, keys:len() - 1 do other:set(keys:get(i), copy(value:get(keys:get(i)))) end
    return other
  end
  local is_list, length = pcall(function() return value:len() end)
  if not is_list then return luaNil.new() end
  local other = luaList.new()
  for i = 0, length - 1 do other:set(i, copy(value:get(i))) end
  return other
end
local data = response.load():data()
data:set('copy', copy(data:get('data')))";

thread_local! {
    static PROGRAM: OnceCell<Rc<Program>> = const { OnceCell::new() };
}

pub(crate) fn run(data: &[u8]) {
    let Some(answer) = copied(data.to_vec()) else { return };
    if answer.status != 200 {
        return;
    }
    let body: Value = serde_json::from_slice(answer.body.bytes()).unwrap();
    assert!(same(&body["data"], &body["copy"]), "{body}");
}

fn same(data: &Value, copy: &Value) -> bool {
    match (data, copy) {
        (Value::Number(one), Value::Number(two)) => one.as_f64() == two.as_f64(),
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len() && one.iter().all(|(key, one)| two.get(key).is_some_and(|two| same(one, two)))
        }
        (one, two) => one == two,
    }
}

fn copied(body: Vec<u8>) -> Option<Response> {
    let program = PROGRAM.with(|program| Rc::clone(program.get_or_init(|| Rc::new(one_backend()))));
    let mut exchange = Exchange::new(&program);
    let request = Request {
        method: "GET".into(),
        authority: "gateway".into(),
        path: "/".into(),
        headers: Headers::new(),
        body: Body::Absent,
        peer: String::new(),
    };
    exchange.handle(Duration::ZERO, Input::Request(request));
    let headers = Headers::from_iter([("content-type", "application/json")]);
    let response = Response { status: 200, headers, body: Body::Unread };
    assert_eq!(exchange.handle(Duration::ZERO, Input::Response(Ok(response))), Output::ReadBody);
    match exchange.handle(Duration::ZERO, Input::Body(body)) {
        Output::Deliver(response) | Output::Answer(response) => Some(response),
        other => panic!("{other:?}"),
    }
}

fn one_backend() -> Program {
    let config = json!({
        "version": 3,
        "endpoints": [{
            "endpoint": "/", "backend": [{"host": ["a"], "url_pattern": "/", "group": "data"}],
            "extra_config": {"modifier/lua-proxy": {"post": COPY}},
        }],
    });
    Program::load(config.to_string().as_bytes()).unwrap()
}
