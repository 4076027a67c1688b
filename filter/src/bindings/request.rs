//! `request`: the gateway's own request, in `modifier/lua-proxy` and `modifier/lua-backend`.

use std::rc::Rc;

use mlua::Lua;

use super::arguments::{Arguments, MethodError, MethodResult};
use super::claims::{Bearer, claims};
use super::containers::LuaTable;
use super::convert::to_text;
use super::ctx::no_url;
use super::message_methods::{Handle, Message, asked, body, header_list, headers, name, quick_headers, with_message};
use super::messages::{Payload, ProxyRequest};
use super::object::Callable::{self, Hurries, Runs};
use super::scope::{Scope, scope_of};
use super::{kept, object};
use crate::http::{Headers, Query, parse_url};
use crate::lua::{Answer, Call, quick_function, quick_method, work};

impl Message for ProxyRequest {
    const NUMBER: i64 = 5;
    const EXPECTED: &'static str = "request expected";
    fn headers(&mut self) -> &mut Headers {
        &mut self.headers
    }
    fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }
}

impl Bearer for ProxyRequest {
    fn claims(&self) -> Option<&Rc<[u8]>> {
        self.claims.as_ref()
    }
}

pub(super) const FUNCTIONS: [(&str, Callable); 1] =
    [("load", Hurries(load, |lua, slow| quick_function(lua, slow, quick_load)))];

pub(super) const METHODS: [(&str, Callable); 9] = [
    ("method", Hurries(method, |lua, slow| quick_method(lua, slow, quick_method_name))),
    ("path", Hurries(path, |lua, slow| quick_method(lua, slow, quick_path))),
    ("query", Runs(query)),
    ("url", Runs(url)),
    ("params", Hurries(params, |lua, slow| quick_method(lua, slow, quick_params))),
    ("headers", Hurries(headers::<ProxyRequest>, |lua, slow| quick_method(lua, slow, quick_headers::<ProxyRequest>))),
    ("headerList", Runs(header_list::<ProxyRequest>)),
    ("claims", Runs(claims::<ProxyRequest>)),
    ("body", body::<ProxyRequest>()),
];

fn load(lua: &Lua, _: &Arguments) -> MethodResult {
    let scope = scope_of(lua)?;
    let request = scope.request.clone().ok_or_else(|| MethodError::new("request is not available here"))?;
    object::give(lua, Handle(request))
}

fn quick_load(call: Call) -> Option<Answer> {
    let request = Scope::current()?.request.clone()?;
    Some(call.give_object(Handle(request)))
}

fn method(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<ProxyRequest, _>(args, |request| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, request.method.as_bytes())?));
        }
        request.method = args.text(2)?.into();
        Ok(None)
    })
}

fn quick_method_name(request: &Handle<ProxyRequest>, call: Call) -> Option<Answer> {
    call.give_bytes(asked(request, &call, 1)?.method.as_bytes())
}

fn path(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<ProxyRequest, _>(args, |request| {
        if args.count() == 1 {
            return Ok(Some(to_text(lua, &request.path)?));
        }
        request.path = args.bytes(2)?.into();
        Ok(None)
    })
}

fn quick_path(request: &Handle<ProxyRequest>, call: Call) -> Option<Answer> {
    call.give_bytes(&asked(request, &call, 1)?.path)
}

fn query(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<ProxyRequest, _>(args, |request| {
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

fn url(lua: &Lua, args: &Arguments) -> MethodResult {
    with_message::<ProxyRequest, _>(args, |request| {
        if args.count() > 1 {
            match parse_url(&args.text(2)?) {
                Ok(url) => request.url = Some(Rc::new(url)),
                Err(error) => {
                    request.url = None;
                    request.faults.get_or_insert_default().no_url = no_url("request", args, &error, lua)?;
                }
            }
            return Ok(None);
        }
        let url = request.url.as_ref().map(|url| url.written()).unwrap_or_default();
        Ok(Some(to_text(lua, url.as_bytes())?))
    })
}

fn params(lua: &Lua, args: &Arguments) -> MethodResult {
    if args.count() == 1 {
        let table = with_message::<ProxyRequest, _>(args, |request| Ok(kept::table(request.param_pairs())?))?;
        return LuaTable::give(lua, table);
    }
    with_message::<ProxyRequest, _>(args, |request| match args.count() {
        2 => {
            let found = request.params.get(&args.text(2)?);
            Ok(Some(to_text(lua, found.map(Vec::as_slice).unwrap_or_default())?))
        }
        3 => {
            request.params.insert(args.text(2)?, args.field(3)?);
            Ok(None)
        }
        _ => Ok(None),
    })
}

fn quick_params(request: &Handle<ProxyRequest>, call: Call) -> Option<Answer> {
    let request = asked(request, &call, 2)?;
    let found = request.params.get(name(&call, 2)?);
    call.give_bytes(found.map(Vec::as_slice).unwrap_or_default())
}
