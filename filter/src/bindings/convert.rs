//! Converts between Lua's values and the data tree, with KrakenD's rules for native tables (types.go): a table at the top
//! becomes an object whatever its keys are; a nested table becomes an array if all its keys look like integers. JSON that
//! scripts write themselves has another rule.

use std::collections::BTreeMap;

use mlua::{Lua, Value};

use super::arguments::MethodError;
use super::containers::{LuaList, LuaNil, LuaTable};
use super::{kept, object};
use crate::data::{List, MAX_DEPTH, Number, Str, Table, Value as Data};
use crate::lua::{Answer, Call, Exceeded, object as object_of, work};

/// A Lua string of bytes.
pub(super) fn to_text(lua: &Lua, bytes: &[u8]) -> mlua::Result<Value> {
    lua.create_string(bytes).map(Value::String)
}

/// The value that `get` gives to a script.
pub(super) fn to_lua(lua: &Lua, value: &Data) -> Result<Value, MethodError> {
    Ok(match value {
        Data::Null => return object::value(lua, LuaNil),
        Data::Bool(value) => Value::Boolean(*value),
        // A float64 in any case, as in KrakenD, whatever its spelling.
        Data::Number(number) => Value::Number(number.as_f64()),
        Data::String(text) => to_text(lua, text.as_bytes())?,
        Data::List(list) => return object::value(lua, LuaList::of(list.clone())),
        Data::Table(table) => return object::value(lua, LuaTable(table.clone())),
    })
}

/// The same for a call by the quick way.
pub(super) fn answer(call: Call, value: Data) -> Option<Answer> {
    Some(match value {
        Data::Null => call.give_object(LuaNil),
        Data::Bool(value) => call.give_boolean(value),
        Data::Number(number) => call.give_number(number.as_f64()),
        Data::String(text) => return call.give_bytes(text.as_bytes()),
        Data::List(list) => call.give_object(LuaList::of(list)),
        Data::Table(table) => call.give_object(LuaTable(table)),
    })
}

/// The rules by which native tables become data.
#[derive(Clone, Copy)]
enum Rules {
    /// KrakenD's rules, by which `set` stores tables.
    Stored,
    /// The rules for JSON that scripts write: keys from 1 on without a gap make an array, other keys make an object, and a
    /// table without keys is an empty object.
    Written,
}

/// The data that `json.marshal` writes; `None` for values that JSON cannot express: functions, coroutines, messages. Within
/// tables these are left out.
pub(super) fn to_written(value: &Value) -> Result<Option<Data>, MethodError> {
    match value {
        Value::Nil => Ok(Some(Data::Null)),
        Value::Table(table) => nested(table, 0, Rules::Written).map(Some),
        other => scalar(other),
    }
}

/// The data that `set` stores; `None` for values that KrakenD silently leaves out: nil, functions, foreign objects.
pub(super) fn to_data(value: &Value) -> Result<Option<Data>, MethodError> {
    match value {
        Value::Table(table) => Ok(Some(Data::Table(fields(table, 0, Rules::Stored)?.into_iter().collect()))),
        other => scalar(other),
    }
}

fn scalar(value: &Value) -> Result<Option<Data>, MethodError> {
    Ok(Some(match value {
        Value::String(text) => Data::String(kept::string(&text.as_bytes())?),
        Value::Integer(number) => Data::Number(Number::Float(*number as f64)),
        Value::Number(number) => Data::Number(Number::Float(*number)),
        Value::Boolean(value) => Data::Bool(*value),
        Value::UserData(data) => {
            if let Some(table) = object_of::<LuaTable>(data) {
                Data::Table(table.0.clone())
            } else if let Some(list) = object_of::<LuaList>(data) {
                Data::List(list.list())
            } else if object_of::<LuaNil>(data).is_some() || data.type_id().is_none() {
                // An object that `newproxy` made holds nothing, like null.
                Data::Null
            } else {
                return Ok(None);
            }
        }
        _ => return Ok(None),
    }))
}

fn fields(table: &mlua::Table, depth: usize, rules: Rules) -> Result<Vec<(Str, Data)>, MethodError> {
    if depth >= MAX_DEPTH {
        return Err(too_deep());
    }
    let (mut fields, inner) = walked(table, rules)?;
    for (position, table) in inner {
        let data = nested(&table, depth.saturating_add(1), rules)?;
        if let Some((_, place)) = fields.get_mut(position) {
            *place = data;
        }
    }
    Ok(fields)
}

#[cold]
fn too_deep() -> MethodError {
    MethodError::new(format_args!("a table is nested more than {MAX_DEPTH} levels deep, or contains itself"))
}

/// The fields of a table, and the tables among these fields with their places.
type Walked = (Vec<(Str, Data)>, Vec<(usize, mlua::Table)>);

// Not inlined: this may be nested for a thousand levels of tables, and the stack is small.
#[inline(never)]
fn walked(table: &mlua::Table, rules: Rules) -> Result<Walked, MethodError> {
    let mut fields = Vec::new();
    // Inner tables are walked after this walk: Lua counts a walk within a walk as nested calls, and allows few of them.
    let mut inner = Vec::new();
    let mut fault = None;
    let walked = table.for_each(|key: Value, value: Value| match field(&key, &value) {
        Ok(None) => Ok(()),
        Ok(Some(field)) => {
            if let Value::Table(table) = value {
                inner.push((fields.len(), table));
            }
            fields.push(field);
            Ok(())
        }
        Err(why) => {
            fault = Some(why);
            Err(mlua::Error::runtime("a field that cannot be stored"))
        }
    });
    fault.map_or(Ok(()), Err)?;
    walked?;
    if let Rules::Written = rules {
        work(fields.len())?;
    }
    Ok((fields, inner))
}

// A key and its value. A table gets its place here, and is walked later.
fn field(key: &Value, value: &Value) -> Result<Option<(Str, Data)>, MethodError> {
    kept::place_of_field()?;
    let data = match value {
        Value::Table(_) => Some(Data::Null),
        // KrakenD makes whole numbers in native tables Go ints (types.go, ParseToTable).
        Value::Integer(number) => Some(Data::Number(Number::Int(*number))),
        Value::Number(number) if is_whole(*number) => Some(Data::Number(Number::Int(*number as i64))),
        other => scalar(other)?,
    };
    data.map(|data| Ok((key_text(key)?, data))).transpose()
}

/// Whether KrakenD makes a Go int of this number in native tables.
pub(super) fn is_whole(number: f64) -> bool {
    // The range of an int64: from -2^63 to below 2^63.
    number.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number)
}

fn nested(table: &mlua::Table, depth: usize, rules: Rules) -> Result<Data, MethodError> {
    Ok(shaped(fields(table, depth, rules)?, rules))
}

// Not inlined, as `walked`.
#[inline(never)]
fn shaped(fields: Vec<(Str, Data)>, rules: Rules) -> Data {
    if fields.is_empty() {
        return match rules {
            // KrakenD: a nested empty table is a nil slice, which is written as null (types.go, tryConvertToSlice).
            Rules::Stored => Data::List(List::nil()),
            Rules::Written => Data::Table(Table::new()),
        };
    }
    let numbered: Option<BTreeMap<i64, &Data>> =
        fields.iter().map(|(key, value)| Some((integer(key)?, value))).collect();
    let is_array = |items: &BTreeMap<i64, &Data>| match rules {
        Rules::Stored => true,
        Rules::Written => items.len() == fields.len() && items.keys().zip(1..).all(|(key, place)| *key == place),
    };
    match numbered.filter(is_array) {
        Some(items) => Data::List(List::from(items.into_values().cloned().collect::<Vec<_>>())),
        None => Data::Table(fields.into_iter().collect()),
    }
}

// Go's strconv.Atoi: digits with an optional sign.
fn integer(key: &Str) -> Option<i64> {
    std::str::from_utf8(key.as_bytes()).ok().and_then(|text| text.parse().ok())
}

fn key_text(key: &Value) -> Result<Str, Exceeded> {
    match key {
        Value::String(text) => kept::string(&text.as_bytes()),
        // A number is short: the charge for the field's place covers it.
        Value::Integer(_) | Value::Number(_) => Ok(Str::from(key.to_string().unwrap_or_default())),
        other => kept::string(other.to_string().unwrap_or_default().as_bytes()),
    }
}
