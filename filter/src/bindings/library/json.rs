//! `json`: converts between JSON text and the values of scripts. The functions are those of KrakenD's Enterprise edition, whose
//! output is assumed to be compact.

use mlua::{Lua, Value};

use super::price::{Pace, charge, charge_tree};
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::{to_lua, to_text, to_written};
use crate::bindings::scope::scope_of;
use crate::data::{ParseErrorOf, Value as Data, parse_whole, write};
use crate::lua::{Exceeded, exceed};

pub(super) const FUNCTIONS: [(&str, Method); 2] = [("json.marshal", marshal), ("json.unmarshal", unmarshal)];

/// `json.marshal(value)`
fn marshal(lua: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(1)?;
    let value = args.required(1)?;
    let data = to_written(value).map_err(|error| match error {
        MethodError::Says(words) => MethodError::of("json.marshal", words),
        other => other,
    })?;
    let Some(data) = data else {
        let kind = if let Value::UserData(_) = value { "message" } else { value.type_name() };
        return Err(MethodError::of("json.marshal", format_args!("a {kind} cannot be written as JSON")));
    };
    let limit = scope_of(lua)?.body_limit;
    let text = write(&data, limit).map_err(|error| match error.is_too_large() {
        true => exceed(Exceeded::Body(limit)).into(),
        false => MethodError::of("json.marshal", error),
    })?;
    charge(lua, text.len(), Pace::Letters, text.len())?;
    Ok(Some(to_text(lua, &text)?))
}

/// `json.unmarshal(text)`
fn unmarshal(lua: &Lua, args: &Arguments) -> MethodResult {
    args.exactly(1)?;
    let value = args.with_bytes(1, |text| {
        charge_tree(lua, text)?;
        parse_whole(text).map_err(|error| MethodError::of("json.unmarshal", ParseErrorOf("text", error)))
    })??;
    match value {
        // As in krakend-lua: null is no value at all (proxy/json.go of November 2024).
        Data::Null => Ok(None),
        value => to_lua(lua, &value).map(Some),
    }
}
