//! What `ctx`, `request` and `response` share: headers, header lists and the body of a message.

use super::arguments::{Arguments, Given, MethodError};
use super::convert::{FIELD_BYTES, to_table, to_text};
use super::{LuaList, LuaTable};
use crate::data::{List, Str, Table, Value as Data};
use crate::http::{Body, Headers, canonical};
use crate::lua::{Exceeded, exceed, keep};
use mlua::{Lua, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// A body on its way through the stages, and whether a script put another one in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// What is known of it.
    pub body: Body,
    /// Was it written by a script?
    pub replaced: bool,
}

impl Payload {
    /// A body that came over the wire.
    pub fn new(body: Body) -> Payload {
        Payload { body, replaced: false }
    }

    /// No body.
    pub fn absent() -> Payload {
        Payload::new(Body::Absent)
    }

    /// Puts a script's body in.
    pub fn replace(&mut self, bytes: Vec<u8>) {
        *self = Payload { body: Body::Bytes(bytes), replaced: true };
    }
}

/// A message with headers and a body that scripts may read and change.
pub(super) trait Message: 'static {
    /// What KrakenD says to another object in the place of this one.
    const EXPECTED: &'static str;
    /// What it says to another object in the place of this one's header list.
    const LIST_EXPECTED: &'static str = Self::EXPECTED;
    // KrakenD: only response:headers(name) takes the name as it is written (proxy/response.go).
    const READS_EXACT_NAMES: bool = false;
    fn headers(&mut self) -> &mut Headers;
    fn payload(&mut self) -> &mut Payload;
}

/// The object that scripts hold: the message itself belongs to the exchange.
pub(super) struct Handle<M>(pub(super) Rc<RefCell<M>>);

/// Lets `act` work on the message behind the first argument.
pub(super) fn with<M: Message, R>(
    args: &Arguments,
    act: impl FnOnce(&mut M) -> Result<R, MethodError>,
) -> Result<R, MethodError> {
    let handle = args.look(M::EXPECTED, |handle: &Handle<M>| Rc::clone(&handle.0))?;
    let mut message = handle.try_borrow_mut().map_err(|_| MethodError::new("the message is in use"))?;
    act(&mut message)
}

/// `headers()`, `headers(name)`, `headers(name, value)`.
pub(super) fn headers<M: Message>(lua: &Lua, args: &Arguments) -> Given {
    match args.count() {
        1 => {
            let table = with::<M, _>(args, |message| listed(message.headers()))?;
            LuaTable::give(lua, table)
        }
        2 => {
            let found = with::<M, _>(args, |message| {
                let name = args.text(2)?;
                let hidden = M::READS_EXACT_NAMES && canonical(&name) != name;
                Ok(message.headers().get(&name).filter(|_| !hidden).map(<[u8]>::to_vec).unwrap_or_default())
            })?;
            Ok(Some(to_text(lua, &found)?))
        }
        3 => with::<M, _>(args, |message| {
            let name = args.text(2)?;
            match args.any(3)? {
                Value::Nil => message.headers().remove(&name),
                _ => {
                    let value = args.bytes(3)?;
                    keep(FIELD_BYTES.saturating_add(value.len()))?;
                    message.headers().set(&name, value);
                    not_too_many(message.headers())?;
                }
            }
            Ok(None)
        }),
        _ => with::<M, _>(args, |_| Ok(None)),
    }
}

/// `headerList(name)`, `headerList(name, list)`.
pub(super) fn header_list<M: Message>(lua: &Lua, args: &Arguments) -> Given {
    args.look(M::LIST_EXPECTED, |_: &Handle<M>| ())?;
    match args.count() {
        1 => Err(MethodError::new("need arguments")),
        2 => {
            let list = with::<M, _>(args, |message| {
                let name = args.text(2)?;
                list_of(message.headers().get_all(&name))
            })?;
            LuaList::give(lua, list)
        }
        3 => with::<M, _>(args, |message| {
            let name = args.text(2)?;
            let list = match args.any(3)? {
                Value::UserData(data) => data.borrow::<LuaList>().ok().map(|list| list.list()),
                _ => None,
            };
            let list = list.ok_or_else(|| MethodError::new("invalid header value, must be a luaList"))?;
            let values: Vec<Vec<u8>> =
                list.items().iter().take(MAX_HEADERS.saturating_add(1)).map(header_value).collect();
            keep(values.iter().map(|value| FIELD_BYTES.saturating_add(value.len())).sum())?;
            message.headers().set_all(&name, values);
            not_too_many(message.headers())?;
            Ok(None)
        }),
        _ => Ok(None),
    }
}

/// Is `body(self)` asked of a body that is still on the wire? Then the script waits for it.
pub(super) fn body_is_unread<M: Message>(args: &Arguments) -> Result<bool, MethodError> {
    if args.count() != 1 {
        return Ok(false);
    }
    with::<M, _>(args, |message| Ok(message.payload().body == Body::Unread))
}

/// `body()`, `body(value)`.
pub(super) fn body<M: Message>(lua: &Lua, args: &Arguments) -> Given {
    with::<M, _>(args, |message| {
        if args.count() == 2 {
            let limit = super::scope::scope_of(lua)?.body_limit;
            if args.string(2)?.as_bytes().len() > limit {
                return Err(exceed(Exceeded::Body(limit)).into());
            }
            message.payload().replace(args.bytes(2)?);
            return Ok(None);
        }
        Ok(Some(to_text(lua, message.payload().body.bytes())?))
    })
}

// Go's Sprintf("%s"), but for what it writes of values that are no text.
fn header_value(item: &Data) -> Vec<u8> {
    match item {
        Data::String(text) => text.as_bytes().to_vec(),
        other => crate::data::write(other, MAX_HEADER).unwrap_or_default(),
    }
}

const MAX_HEADER: usize = 65_536;

/// Envoy takes no more, and the work that headers make grows with the square of their number.
const MAX_HEADERS: usize = 1000;

fn not_too_many(headers: &Headers) -> Result<(), MethodError> {
    if headers.len() <= MAX_HEADERS {
        return Ok(());
    }
    Err(MethodError::new(format_args!("a message has at most {MAX_HEADERS} headers")))
}

fn listed(headers: &Headers) -> Result<Table, MethodError> {
    let groups = headers.grouped();
    let fields =
        groups.into_iter().map(|(name, values)| Ok((canonical(name), Data::List(list_of(values.into_iter())?))));
    Ok(to_table(fields.collect::<Result<Vec<_>, MethodError>>()?))
}

// A copy, which lives for as long as the script holds it.
fn list_of<'a>(values: impl Iterator<Item = &'a [u8]>) -> Result<List, MethodError> {
    let copy = |value: &[u8]| {
        keep(FIELD_BYTES.saturating_add(value.len()))?;
        Ok(Data::String(Str::from(value.to_vec())))
    };
    Ok(values.map(copy).collect::<Result<Vec<_>, MethodError>>()?.into())
}
