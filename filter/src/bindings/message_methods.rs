//! The methods that `ctx`, `request` and `response` share: headers, header lists and the body of a message.

use std::cell::{Ref, RefCell};
use std::ffi::c_int;
use std::rc::Rc;

use mlua::{Lua, Value};

use super::arguments::{Arguments, MethodError, MethodResult};
use super::containers::{LuaList, LuaTable};
use super::convert::to_text;
use super::kept;
use super::messages::Payload;
use super::object::Callable;
use super::scope::{Wait, scope_of};
use crate::data::{Str, Table, Value as Data, write};
use crate::http::{Body, Headers, canonical};
use crate::lua::{Answer, Call, Exceeded, Kind, exceed, object, quick_method};

/// A message with headers and a body that scripts may read and change.
pub(super) trait Message: 'static {
    /// The number of its kind (see [`Kind`]).
    const NUMBER: i64;
    /// KrakenD's words about another object in the place of this one.
    const EXPECTED: &'static str;
    /// KrakenD's words about another object in the place of this one, for its header list.
    const LIST_EXPECTED: &'static str = Self::EXPECTED;
    // KrakenD: only response:headers(name) takes the name as it is written (proxy/response.go).
    const READS_EXACT_NAMES: bool = false;
    fn headers(&mut self) -> &mut Headers;
    fn payload(&mut self) -> &mut Payload;
}

/// The object that scripts hold; the message itself belongs to the exchange.
pub(super) struct Handle<M>(pub(super) Rc<RefCell<M>>);

impl<M: Message> Kind for Handle<M> {
    const NUMBER: i64 = M::NUMBER;
}

/// Lets `act` work on the message behind the first argument.
pub(super) fn with_message<M: Message, R>(
    args: &Arguments,
    act: impl FnOnce(&mut M) -> Result<R, MethodError>,
) -> Result<R, MethodError> {
    let handle = args.object::<Handle<M>>(M::EXPECTED)?;
    let mut message = handle.0.try_borrow_mut().map_err(|_| MethodError::new("the message is in use"))?;
    act(&mut message)
}

/// The message of a quick call with this many arguments, the object itself included: getters have one less than setters.
pub(super) fn asked<'a, M: Message>(handle: &'a Handle<M>, call: &Call, arguments: usize) -> Option<Ref<'a, M>> {
    if call.count() == arguments { handle.0.try_borrow().ok() } else { None }
}

/// A short name among the arguments of a quick call.
pub(super) fn name(call: &Call, number: c_int) -> Option<&str> {
    str::from_utf8(call.bytes(number)?).ok().filter(|name| kept::is_free(name.len()))
}

/// `headers()`, `headers(name)`, `headers(name, value)`.
pub(super) fn headers<M: Message>(lua: &Lua, args: &Arguments) -> MethodResult {
    match args.count() {
        1 => {
            let table = with_message::<M, _>(args, |message| listed(message.headers()))?;
            LuaTable::give(lua, table)
        }
        2 => with_message::<M, _>(args, |message| {
            let name = args.text(2)?;
            let hidden = M::READS_EXACT_NAMES && canonical(&name) != name;
            let found = message.headers().get(&name).filter(|_| !hidden);
            Ok(Some(to_text(lua, found.unwrap_or_default())?))
        }),
        3 => with_message::<M, _>(args, |message| {
            let name = args.text(2)?;
            match args.required(3)? {
                Value::Nil => message.headers().remove(&name),
                _ => {
                    message.headers().set(&name, args.field(3)?);
                    not_too_many(message.headers())?;
                }
            }
            Ok(None)
        }),
        _ => with_message::<M, _>(args, |_| Ok(None)),
    }
}

/// The same by the quick way, for short texts.
pub(super) fn quick_headers<M: Message>(Handle(message): &Handle<M>, call: Call) -> Option<Answer> {
    let mut message = message.try_borrow_mut().ok()?;
    let name = name(&call, 2)?;
    match call.count() {
        2 if !M::READS_EXACT_NAMES => call.give_bytes(message.headers().get(name).unwrap_or_default()),
        3 if message.headers().len() < MAX_HEADERS => {
            let value = call.bytes(3).filter(|value| kept::is_free(value.len()))?;
            kept::fields(1, value.len()).ok()?;
            message.headers().set(name, value);
            Some(call.give_nothing())
        }
        _ => None,
    }
}

/// `headerList(name)`, `headerList(name, list)`.
pub(super) fn header_list<M: Message>(lua: &Lua, args: &Arguments) -> MethodResult {
    args.object::<Handle<M>>(M::LIST_EXPECTED)?;
    match args.count() {
        1 => Err(MethodError::new("need arguments")),
        2 => {
            let list = with_message::<M, _>(args, |message| {
                let name = args.text(2)?;
                Ok(kept::list(message.headers().get_all(&name))?)
            })?;
            LuaList::give(lua, list)
        }
        3 => with_message::<M, _>(args, |message| {
            let name = args.text(2)?;
            let list = match args.required(3)? {
                Value::UserData(data) => object::<LuaList>(data).map(LuaList::list),
                _ => None,
            };
            let list = list.ok_or_else(|| MethodError::new("invalid header value, must be a luaList"))?;
            let items = list.items();
            let values = items.iter().take(MAX_HEADERS.saturating_add(1)).map(header_value);
            let values = values.collect::<Result<Vec<_>, Exceeded>>()?;
            message.headers().set_all(&name, values);
            not_too_many(message.headers())?;
            Ok(None)
        }),
        _ => Ok(None),
    }
}

/// `body()`, `body(value)`: waits for a body that has not arrived completely.
pub(super) const fn body<M: Message>() -> Callable {
    Callable::WaitsQuickly(
        (body_is_unread::<M>, |lua, slow| quick_method(lua, slow, quick_body_is_unread::<M>)),
        (body_itself::<M>, |lua, slow| quick_method(lua, slow, quick_body_itself::<M>)),
    )
}

// Whether `body()` asks for a body that has not arrived completely.
fn body_is_unread<M: Message>(lua: &Lua, args: &Arguments) -> MethodResult {
    let unread = args.count() == 1 && with_message::<M, _>(args, |message| Ok(message.payload().body == Body::Unread))?;
    if unread {
        scope_of(lua)?.wait.replace(Some(Wait::Body));
    }
    Ok(Some(Value::Boolean(unread)))
}

fn quick_body_is_unread<M: Message>(Handle(message): &Handle<M>, call: Call) -> Option<Answer> {
    let is_read = call.count() != 1 || message.try_borrow_mut().ok()?.payload().body != Body::Unread;
    is_read.then(|| call.give_boolean(false))
}

fn body_itself<M: Message>(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<M, _>(args, |message| {
        if args.count() == 2 {
            let limit = scope_of(lua)?.body_limit;
            if args.length(2)? > limit {
                return Err(exceed(Exceeded::Body(limit)).into());
            }
            message.payload().replace(args.bytes(2)?);
            return Ok(None);
        }
        Ok(Some(to_text(lua, message.payload().body.bytes())?))
    })
}

fn quick_body_itself<M: Message>(Handle(message): &Handle<M>, call: Call) -> Option<Answer> {
    let mut message = message.try_borrow_mut().ok().filter(|_| call.count() == 1)?;
    call.give_bytes(message.payload().body.bytes())
}

// Writes a value as Go's Sprintf("%s") does, except for values that are not text.
fn header_value(item: &Data) -> Result<Vec<u8>, Exceeded> {
    match item {
        Data::String(text) => kept::field(text.as_bytes()),
        other => kept::field(&write(other, MAX_HEADER).unwrap_or_default()),
    }
}

const MAX_HEADER: usize = 65_536;

/// The most headers of a message. Envoy accepts no more, and the work for headers grows with the square of their number.
const MAX_HEADERS: usize = 1000;

fn not_too_many(headers: &Headers) -> Result<(), MethodError> {
    if headers.len() <= MAX_HEADERS {
        return Ok(());
    }
    Err(MethodError::new(format_args!("a message has at most {MAX_HEADERS} headers")))
}

/// A copy of all headers: each name with the list of its values.
pub(super) fn listed(headers: &Headers) -> Result<Table, MethodError> {
    let groups = headers.grouped().into_iter();
    let fields =
        groups.map(|(name, values)| Ok((Str::from(canonical(name)), Data::List(kept::list(values.into_iter())?))));
    Ok(fields.collect::<Result<Vec<_>, Exceeded>>()?.into_iter().collect())
}
