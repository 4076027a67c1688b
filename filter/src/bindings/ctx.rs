//! `ctx`: the client's request as `modifier/lua-endpoint` sees it, before the gateway makes its own request of it.

use std::rc::Rc;

use mlua::Lua;

use super::arguments::{Arguments, MethodError, MethodResult};
use super::claims::{Bearer, claims};
use super::containers::LuaTable;
use super::convert::to_text;
use super::message_methods::{Handle, Message, asked, body, header_list, headers, name, quick_headers, with_message};
use super::messages::{Context, Payload};
use super::object::Callable::{self, Hurries, Runs};
use super::scope::{Scope, scope_of, shown_line};
use super::{kept, object};
use crate::http::{Headers, Query, UrlError, parse_url, without_credentials};
use crate::lua::{Answer, Call, quick_function, quick_method, work};

impl Message for Context {
    const NUMBER: i64 = 4;
    const EXPECTED: &'static str = "ginContext expected";
    fn headers(&mut self) -> &mut Headers {
        &mut self.headers
    }
    fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }
}

impl Bearer for Context {
    fn claims(&self) -> Option<&Rc<[u8]>> {
        self.claims.as_ref()
    }
}

pub(super) const FUNCTIONS: [(&str, Callable); 1] =
    [("load", Hurries(load, |lua, slow| quick_function(lua, slow, quick_load)))];

pub(super) const METHODS: [(&str, Callable); 9] = [
    ("method", Hurries(method, |lua, slow| quick_method(lua, slow, quick_method_name))),
    ("url", Runs(url)),
    ("host", Hurries(host, |lua, slow| quick_method(lua, slow, quick_host))),
    ("query", Hurries(query, |lua, slow| quick_method(lua, slow, quick_query))),
    ("params", Hurries(params, |lua, slow| quick_method(lua, slow, quick_params))),
    ("headers", Hurries(headers::<Context>, |lua, slow| quick_method(lua, slow, quick_headers::<Context>))),
    ("headerList", Runs(header_list::<Context>)),
    ("claims", Runs(claims::<Context>)),
    ("body", body::<Context>()),
];

fn load(lua: &Lua, _: &Arguments) -> MethodResult {
    let scope = scope_of(lua)?;
    let context = scope.context.clone().ok_or_else(|| MethodError::new("ctx is not available here"))?;
    object::give(lua, Handle(context))
}

fn quick_load(call: Call) -> Option<Answer> {
    let context = Scope::current()?.context.clone()?;
    Some(call.give_object(Handle(context)))
}

fn method(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<Context, _>(args, |ctx| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, ctx.method.as_bytes())?));
        }
        ctx.method = args.text(2)?.into();
        Ok(None)
    })
}

fn quick_method_name(ctx: &Handle<Context>, call: Call) -> Option<Answer> {
    call.give_bytes(asked(ctx, &call, 1)?.method.as_bytes())
}

fn url(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<Context, _>(args, |ctx| {
        if args.count() == 1 {
            let url = ctx.url.as_ref().ok_or_else(url_is_none)?;
            return Ok(Some(to_text(lua, url.written().as_bytes())?));
        }
        match parse_url(&args.text(2)?) {
            Ok(url) => ctx.url = Some(url),
            Err(error) => {
                ctx.url = None;
                ctx.faults.get_or_insert_default().no_url = no_url("ctx", args, &error, lua)?;
            }
        }
        Ok(None)
    })
}

fn host(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<Context, _>(args, |ctx| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, ctx.host.as_bytes())?));
        }
        ctx.host = args.bytes(2)?.into();
        Ok(None)
    })
}

fn quick_host(ctx: &Handle<Context>, call: Call) -> Option<Answer> {
    call.give_bytes(asked(ctx, &call, 1)?.host.as_bytes())
}

fn query(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<Context, _>(args, |ctx| match args.count() {
        1 => Err(MethodError::new("need arguments")),
        2 => {
            let name = args.bytes(2)?;
            if ctx.query_as_read.is_none() {
                ctx.query_as_read = Some(parsed_query(ctx)?);
            }
            let found = ctx.query_as_read.as_ref().and_then(|query| query.get(&name));
            Ok(Some(to_text(lua, found.unwrap_or_default())?))
        }
        3 => {
            let (name, value) = (args.bytes(2)?, args.field(3)?);
            let mut query = parsed_query(ctx)?;
            query.set(&name, &value);
            ctx.url.as_mut().ok_or_else(url_is_none)?.query = Some(query.encode());
            Ok(None)
        }
        _ => Ok(None),
    })
}

// The first call of a script reads the query.
fn quick_query(ctx: &Handle<Context>, call: Call) -> Option<Answer> {
    let ctx = asked(ctx, &call, 2)?;
    let query = ctx.query_as_read.as_ref()?;
    call.give_bytes(query.get(name(&call, 2)?.as_bytes()).unwrap_or_default())
}

// KrakenD dereferences a nil URL here and fails with Go's words.
fn url_is_none() -> MethodError {
    MethodError::new("the url that was set is not valid")
}

/// The log's words about a URL that is not valid, when KrakenD's gateway would panic at it.
pub(super) fn no_url(object: &str, args: &Arguments, error: &UrlError, lua: &Lua) -> Result<String, MethodError> {
    let (text, line) = (args.text(2)?, shown_line(lua)?);
    Ok(format!("{object}:url({:?}): {}{line}", without_credentials(&text), error.reason))
}

fn parsed_query(ctx: &Context) -> Result<Query, MethodError> {
    let raw = ctx.url.as_ref().and_then(|url| url.query.as_deref()).unwrap_or_default();
    work(raw.len())?;
    Ok(Query::parse(raw.as_bytes()))
}

fn params(lua: &Lua, args: &Arguments) -> MethodResult {
    if args.count() == 1 {
        let table = with_message::<Context, _>(args, |ctx| Ok(kept::table(ctx.param_pairs())?))?;
        return LuaTable::give(lua, table);
    }
    with_message::<Context, _>(args, |ctx| {
        if args.count() > 3 {
            return Ok(None);
        }
        let key = args.text(2)?;
        let known = ctx.params.iter_mut().find(|(name, _)| *name == key);
        match (args.count(), known) {
            (2, known) => {
                let value = known.map(|(_, value)| value.as_slice()).unwrap_or_default();
                Ok(Some(to_text(lua, value)?))
            }
            (3, Some((_, value))) => {
                *value = args.bytes(3)?;
                Ok(None)
            }
            (3, None) => {
                work(ctx.params.len())?;
                if key.is_empty() {
                    ctx.faults.get_or_insert_default().no_name =
                        Some(format!("ctx:params(\"\", ...): a parameter without a name{}", shown_line(lua)?));
                }
                ctx.params.push((key, args.field(3)?));
                Ok(None)
            }
            _ => Ok(None),
        }
    })
}

fn quick_params(ctx: &Handle<Context>, call: Call) -> Option<Answer> {
    let (ctx, wanted) = (asked(ctx, &call, 2)?, name(&call, 2)?);
    let found = ctx.params.iter().find(|(name, _)| name == wanted);
    call.give_bytes(found.map(|(_, value)| value.as_slice()).unwrap_or_default())
}
