//! `url`: parts of URLs, encoded and decoded, and queries as tables.

use mlua::{Lua, Table, Value};

use super::price::{Pace, charge};
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::to_text;
use crate::bindings::kept;
use crate::http::{Query, decode_component, encode_component};
use crate::lua::{Exceeded, check_growth, work};

pub(super) const FUNCTIONS: [(&str, Method); 3] =
    [("url.encode", encode), ("url.decode", decode), ("url.query", query)];

/// `url.encode(text)`: the result fits into any part of a URL.
fn encode(lua: &Lua, args: &Arguments) -> MethodResult {
    let encoded = args.with_bytes(1, |text| {
        charge(lua, text.len(), Pace::Sums, text.len().saturating_mul(3))?;
        Ok::<_, Exceeded>(encode_component(text))
    })??;
    Ok(Some(to_text(lua, encoded.as_bytes())?))
}

/// `url.decode(text)`: `+` is a space.
fn decode(lua: &Lua, args: &Arguments) -> MethodResult {
    let decoded = args.with_bytes(1, |text| {
        charge(lua, text.len(), Pace::Sums, text.len())?;
        decode_component(text).ok_or_else(|| {
            MethodError::of("url.decode", "a % needs two hexadecimal digits behind it (%25 is one itself)")
        })
    })??;
    Ok(Some(to_text(lua, &decoded)?))
}

/// `url.query(text)` gives a table, `url.query(table)` a text.
fn query(lua: &Lua, args: &Arguments) -> MethodResult {
    match args.value(1) {
        Some(Value::Table(table)) => {
            let query = collected(lua, table)?.encode();
            charge(lua, query.len(), Pace::Sums, query.len())?;
            Ok(Some(to_text(lua, query.as_bytes())?))
        }
        _ => {
            let query = args.with_bytes(1, |text| {
                let text = text.strip_prefix(b"?").unwrap_or(text);
                let pairs = text.iter().filter(|byte| **byte == b'&').count().saturating_add(1);
                charge(lua, text.len(), Pace::Sums, text.len())?;
                work(pairs)?;
                check_growth(lua, pairs.saturating_mul(PAIR))?;
                Ok::<_, Exceeded>(Query::parse(text))
            })??;
            Ok(Some(Value::Table(listed(lua, &query)?)))
        }
    }
}

/// The bytes that a pair takes here and in Lua, roughly, without its texts.
const PAIR: usize = 256;

/// A name with one value gets a text; a name with several values gets a list of them, in their order.
fn listed(lua: &Lua, query: &Query) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (name, values) in query.pairs() {
        let value = match values {
            [value] => to_text(lua, value)?,
            values => {
                let texts = values.iter().map(|value| lua.create_string(value)).collect::<mlua::Result<Vec<_>>>()?;
                Value::Table(lua.create_sequence_from(texts)?)
            }
        };
        table.raw_set(to_text(lua, name)?, value)?;
    }
    Ok(table)
}

fn collected(lua: &Lua, table: &Table) -> Result<Query, MethodError> {
    let mut query = Query::default();
    for pair in table.pairs::<Value, Value>() {
        let (name, value) = pair?;
        work(1)?;
        let bytes = |value: &Value| text(lua, value, &name);
        match &value {
            Value::Table(list) => {
                for item in list.sequence_values::<Value>() {
                    query.add(bytes(&name)?, bytes(&item?)?);
                }
            }
            one => query.add(bytes(&name)?, bytes(one)?),
        }
    }
    Ok(query)
}

fn text(lua: &Lua, value: &Value, of: &Value) -> Result<Vec<u8>, MethodError> {
    let text = match value {
        Value::Boolean(true) => return Ok(kept::field(b"true")?),
        Value::Boolean(false) => return Ok(kept::field(b"false")?),
        other => lua.coerce_string(other.clone())?,
    };
    match text {
        Some(text) => Ok(kept::field(&text.as_bytes())?),
        None => {
            let of = of.to_string().unwrap_or_default();
            let kind = value.type_name();
            Err(MethodError::of(
                "url.query",
                format_args!("the value of {of:?} is neither text nor number, but a {kind}"),
            ))
        }
    }
}
