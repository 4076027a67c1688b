//! `request`: the gateway's own request, in `modifier/lua-proxy` and `modifier/lua-backend`.

use super::arguments::{Arguments, Given, Method, MethodError};
use super::convert::{FIELD_BYTES, to_table, to_text};
use super::message::{Handle, Message, body, header_list, headers, with};
use super::{LuaTable, Payload};
use crate::data::{Str, Value as Data};
use crate::http::{Headers, Query, Url, parse_url};
use crate::lua::{keep, work};
use mlua::Lua;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The request that the gateway makes of the client's.
#[derive(Clone, Debug)]
pub struct ProxyRequest {
    /// The client's at the proxy; the backend's own at the backend.
    pub method: String,
    /// Not there before a backend's host is chosen; `None` also after a script set what is no URL.
    pub url: Option<Rc<Url>>,
    /// What `input_query_strings` let through.
    pub query: Query,
    /// Decoded. The client's at the proxy; made of `url_pattern` at the backend.
    pub path: Vec<u8>,
    /// The parameters of the endpoint, their names with a capital letter.
    pub params: BTreeMap<String, Vec<u8>>,
    /// What `input_headers` let through, and what the gateway adds.
    pub headers: Headers,
    /// The client's body.
    pub payload: Payload,
}

impl Message for ProxyRequest {
    const EXPECTED: &'static str = "request expected";
    fn headers(&mut self) -> &mut Headers {
        &mut self.headers
    }
    fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }
}

pub(super) const METHODS: [(&str, Method); 7] = [
    ("method", method),
    ("path", path),
    ("query", query),
    ("url", url),
    ("params", params),
    ("headers", headers::<ProxyRequest>),
    ("headerList", header_list::<ProxyRequest>),
];

pub(super) const BODY: Method = body::<ProxyRequest>;

pub(super) fn load(lua: &Lua, _: &Arguments) -> Given {
    let scope = super::scope::scope_of(lua)?;
    let request = scope.request.clone().ok_or_else(|| MethodError::new("request is not available here"))?;
    super::object::give(lua, Handle(request))
}

fn method(lua: &Lua, args: &Arguments) -> Given {
    with::<ProxyRequest, _>(args, |request| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, request.method.as_bytes())?));
        }
        request.method = args.text(2)?;
        Ok(None)
    })
}

fn path(lua: &Lua, args: &Arguments) -> Given {
    with::<ProxyRequest, _>(args, |request| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, &request.path)?));
        }
        request.path = args.bytes(2)?;
        Ok(None)
    })
}

fn query(lua: &Lua, args: &Arguments) -> Given {
    with::<ProxyRequest, _>(args, |request| {
        if args.count() == 1 {
            let query = request.query.encode();
            work(query.len())?;
            return Ok(Some(to_text(lua, query.as_bytes())?));
        }
        // A leading question mark becomes part of the first key, as in KrakenD.
        request.query = Query::parse(&args.bytes(2)?);
        Ok(None)
    })
}

fn url(lua: &Lua, args: &Arguments) -> Given {
    with::<ProxyRequest, _>(args, |request| {
        if args.count() > 1 {
            request.url = parse_url(&args.text(2)?).ok().map(Rc::new);
            return Ok(None);
        }
        let url = request.url.as_ref().map(|url| url.to_string()).unwrap_or_default();
        Ok(Some(to_text(lua, url.as_bytes())?))
    })
}

fn params(lua: &Lua, args: &Arguments) -> Given {
    if args.count() == 1 {
        let field = |(name, value): (&String, &Vec<u8>)| (name.clone(), Data::String(Str::from(value.clone())));
        let table = with::<ProxyRequest, _>(args, |request| {
            keep(
                request
                    .params
                    .iter()
                    .map(|(name, value)| FIELD_BYTES.saturating_add(name.len()).saturating_add(value.len()))
                    .sum(),
            )?;
            Ok(to_table(request.params.iter().map(field)))
        })?;
        return LuaTable::give(lua, table);
    }
    with::<ProxyRequest, _>(args, |request| match args.count() {
        2 => {
            let found = request.params.get(&args.text(2)?);
            Ok(Some(to_text(lua, found.map(Vec::as_slice).unwrap_or_default())?))
        }
        3 => {
            keep(FIELD_BYTES)?;
            request.params.insert(args.text(2)?, args.bytes(3)?);
            Ok(None)
        }
        _ => Ok(None),
    })
}
