//! `jwt`: the content of a token, read and not verified. A script that must trust a token needs Envoy to verify it before.

use mlua::Lua;

use super::base64::decode_url;
use super::price::{Pace, charge, charge_tree};
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::containers::LuaTable;
use crate::data::{ParseErrorOf, Str, Table, Value as Data, parse_whole};

pub(super) const FUNCTIONS: [(&str, Method); 1] = [("jwt.decode_unverified", decode_unverified)];

const NAME: &str = "jwt.decode_unverified";

/// `jwt.decode_unverified(token)`: a table of `header`, `payload` and `signature`. A `Bearer` in front of the token is skipped.
fn decode_unverified(lua: &Lua, args: &Arguments) -> MethodResult {
    let token = args.with_bytes(1, |token| {
        charge(lua, token.len(), Pace::Letters, token.len())?;
        let (header, payload, signature) =
            parts(token).ok_or_else(|| MethodError::of(NAME, "a token has three parts with dots between them"))?;
        let table = Table::new();
        table.set(Str::from("header"), part(lua, "header", header)?);
        table.set(Str::from("payload"), part(lua, "payload", payload)?);
        table.set(Str::from("signature"), Data::String(Str::from(signature)));
        Ok::<_, MethodError>(table)
    })??;
    LuaTable::give(lua, token)
}

fn parts(token: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let token = token.trim_ascii();
    let token = match token.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest.trim_ascii_start(),
        _ => token,
    };
    let mut parts = token.split(|byte| *byte == b'.');
    let three = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(three)
}

const SCHEME: &[u8] = b"bearer ";

fn part(lua: &Lua, which: &str, text: &[u8]) -> Result<Data, MethodError> {
    let fails = |why: &dyn std::fmt::Display| MethodError::of(NAME, format_args!("the {which} is no base64url: {why}"));
    let json = decode_url(text).map_err(|why| fails(&why))?;
    charge_tree(lua, &json)?;
    match parse_whole(json).map_err(|error| MethodError::of(NAME, ParseErrorOf(which, error)))? {
        object @ Data::Table(_) => Ok(object),
        other => {
            Err(MethodError::of(NAME, format_args!("the {which} is no JSON object, but of type {}", other.kind())))
        }
    }
}
