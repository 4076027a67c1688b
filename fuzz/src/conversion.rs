//! Any JSON through Lua and back: a script takes a backend's data apart, down to the last value, and puts a copy beside it.
//! Copy and data must come out the same, except for the spelling of numbers.

use serde_json::{Value, json};

use crate::one_backend::OneBackend;

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
    static COPIES: OneBackend = OneBackend::new(
        json!({"extra_config": {"modifier/lua-proxy": {"post": COPY}}}), json!({"group": "data"}), &json!({}),
    );
}

pub(crate) fn run(data: &[u8]) {
    let answer = COPIES.with(|copies| copies.answer(&[("content-type", "application/json")], data.to_vec()));
    if answer.status != 200 {
        return;
    }
    let body: Value = serde_json::from_slice(answer.body.bytes()).unwrap();
    // The body `null` is Go's nil map: scripts see an empty table, and clients get null.
    let is_nil = body["data"].is_null() && body["copy"] == json!({});
    assert!(is_nil || same(&body["data"], &body["copy"]), "{body}");
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
