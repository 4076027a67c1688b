//! `ctx`: the client's request as `modifier/lua-endpoint` sees it, before the gateway has made its own of it.

use super::arguments::{Arguments, Given, Method, MethodError};
use super::convert::{FIELD_BYTES, to_table, to_text};
use super::message::{Handle, Message, body, header_list, headers, with};
use super::{LuaTable, Payload};
use crate::data::{Str, Value as Data};
use crate::http::{Headers, Query, Url, parse_url};
use crate::lua::{keep, work};
use mlua::Lua;

/// The client's request.
#[derive(Clone, Debug)]
pub struct Context {
    /// As the client sent it, or as a script set it: only scripts see a change.
    pub method: String,
    /// Path and query; `None` after a script set what is no URL.
    pub url: Option<Url>,
    /// The `Host` of the client.
    pub host: Vec<u8>,
    /// The parameters of the endpoint, by their names as declared, decoded.
    pub params: Vec<(String, Vec<u8>)>,
    /// All headers of the client.
    pub headers: Headers,
    /// The client's body.
    pub payload: Payload,
}

impl Message for Context {
    const EXPECTED: &'static str = "ginContext expected";
    fn headers(&mut self) -> &mut Headers {
        &mut self.headers
    }
    fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }
}

pub(super) const METHODS: [(&str, Method); 7] = [
    ("method", method),
    ("url", url),
    ("host", host),
    ("query", query),
    ("params", params),
    ("headers", headers::<Context>),
    ("headerList", header_list::<Context>),
];

pub(super) const BODY: Method = body::<Context>;

pub(super) fn load(lua: &Lua, _: &Arguments) -> Given {
    let scope = super::scope::scope_of(lua)?;
    let context = scope.context.clone().ok_or_else(|| MethodError::new("ctx is not available here"))?;
    super::object::give(lua, Handle(context))
}

fn method(lua: &Lua, args: &Arguments) -> Given {
    with::<Context, _>(args, |ctx| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, ctx.method.as_bytes())?));
        }
        ctx.method = args.text(2)?;
        Ok(None)
    })
}

fn url(lua: &Lua, args: &Arguments) -> Given {
    with::<Context, _>(args, |ctx| {
        if args.count() == 1 {
            // KrakenD dereferences a nil URL here and fails with Go's words.
            let url = ctx.url.as_ref().ok_or_else(|| MethodError::new("the url that was set is not valid"))?;
            return Ok(Some(to_text(lua, url.to_string().as_bytes())?));
        }
        ctx.url = parse_url(&args.text(2)?).ok();
        Ok(None)
    })
}

fn host(lua: &Lua, args: &Arguments) -> Given {
    with::<Context, _>(args, |ctx| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, &ctx.host)?));
        }
        ctx.host = args.bytes(2)?;
        Ok(None)
    })
}

fn query(lua: &Lua, args: &Arguments) -> Given {
    with::<Context, _>(args, |ctx| {
        work(ctx.url.as_ref().and_then(|url| url.query.as_deref()).map_or(0, str::len))?;
        let raw = ctx.url.as_ref().and_then(|url| url.query.clone()).unwrap_or_default();
        match args.count() {
            1 => Err(MethodError::new("need arguments")),
            2 => {
                let query = Query::parse(raw.as_bytes());
                Ok(Some(to_text(lua, query.get(&args.bytes(2)?).unwrap_or_default())?))
            }
            3 => {
                let mut query = Query::parse(raw.as_bytes());
                query.set(&args.bytes(2)?, &args.bytes(3)?);
                if let Some(url) = &mut ctx.url {
                    url.query = Some(query.encode());
                    keep(FIELD_BYTES)?;
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    })
}

fn params(lua: &Lua, args: &Arguments) -> Given {
    if args.count() == 1 {
        let field = |(name, value): &(String, Vec<u8>)| (name.clone(), Data::String(Str::from(value.clone())));
        let table = with::<Context, _>(args, |ctx| {
            keep(
                ctx.params
                    .iter()
                    .map(|(name, value)| FIELD_BYTES.saturating_add(name.len()).saturating_add(value.len()))
                    .sum(),
            )?;
            Ok(to_table(ctx.params.iter().map(field)))
        })?;
        return LuaTable::give(lua, table);
    }
    with::<Context, _>(args, |ctx| {
        let key = args.text(2)?;
        let known = ctx.params.iter_mut().find(|(name, _)| *name == key);
        match (args.count(), known) {
            (2, known) => {
                let value = known.map(|(_, value)| value.clone()).unwrap_or_default();
                Ok(Some(to_text(lua, &value)?))
            }
            (3, Some((_, value))) => {
                *value = args.bytes(3)?;
                Ok(None)
            }
            (3, None) => {
                keep(FIELD_BYTES)?;
                work(ctx.params.len())?;
                ctx.params.push((key, args.bytes(3)?));
                Ok(None)
            }
            _ => Ok(None),
        }
    })
}
