//! Messages as an observer gets them: everything that scripts can see of `ctx`, `request` and `response`, at one moment.

use std::cell::RefCell;
use std::rc::Rc;

use super::document::{list, number, object, text};
use crate::bindings::{Context, Payload, ProxyRequest, ProxyResponse};
use crate::data::{Str, Value};
use crate::http::{Body, Headers, Response, Url, canonical};
use crate::pipeline::messages::Messages;

/// The messages that the scripts of a stage see.
pub(super) fn messages(seen: &Messages, response: Option<&Rc<RefCell<ProxyResponse>>>) -> Value {
    let context = seen.context.as_ref().map(|context| ("ctx", of_context(&context.borrow())));
    let request = seen.request.as_ref().map(|request| ("request", of_request(&request.borrow())));
    let response = response.map(|response| ("response", of_response(&response.borrow())));
    Value::Table(object([context, request, response].into_iter().flatten()))
}

/// A request on its way to a backend.
pub(crate) fn leaving(method: &str, to: &Url, host: &str, all: &Headers, payload: &Payload) -> Value {
    let fields = [("method", text(method)), ("url", url(Some(to))), ("host", text(host)), ("headers", headers(all))];
    let request = object(fields.into_iter().chain(body(&payload.body)));
    Value::Table(object([("request", Value::Table(request))]))
}

/// A response on its way back.
pub(crate) fn returning(response: &Response) -> Value {
    let fields = [("status", number(i64::from(response.status))), ("headers", headers(&response.headers))];
    let response = object(fields.into_iter().chain(body(&response.body)));
    Value::Table(object([("response", Value::Table(response))]))
}

fn of_context(context: &Context) -> Value {
    let fields = [
        ("method", text(&context.method)),
        ("url", url(context.url.as_ref())),
        ("host", bytes(context.host.as_bytes())),
        ("params", Value::Table(context.param_pairs().collect())),
        ("headers", headers(&context.headers)),
    ];
    Value::Table(object(fields.into_iter().chain(body(&context.payload.body))))
}

fn of_request(request: &ProxyRequest) -> Value {
    let fields = [
        ("method", text(&request.method)),
        ("path", bytes(&request.path)),
        ("query", text(&request.query.encode())),
        ("url", url(request.url.as_deref())),
        ("params", Value::Table(request.param_pairs().collect())),
        ("headers", headers(&request.headers)),
    ];
    Value::Table(object(fields.into_iter().chain(body(&request.payload.body))))
}

fn of_response(response: &ProxyResponse) -> Value {
    let fields = [
        ("status", number(response.status)),
        ("complete", response.complete.into()),
        ("headers", headers(&response.headers)),
        ("data", Value::Table(response.data.table().clone())),
    ];
    Value::Table(object(fields.into_iter().chain(body(&response.payload.body))))
}

fn headers(headers: &Headers) -> Value {
    let groups = headers.grouped().into_iter();
    Value::Table(
        groups.map(|(name, values)| (Str::from(canonical(name)), list(values.into_iter().map(bytes)))).collect(),
    )
}

// A body that has not been read is left out.
fn body(body: &Body) -> Option<(&'static str, Value)> {
    match body {
        Body::Bytes(body) => Some(("body", bytes(body))),
        Body::Absent | Body::Unread => None,
    }
}

fn url(url: Option<&Url>) -> Value {
    url.map_or(Value::Null, |url| text(&url.to_string()))
}

fn bytes(bytes: &[u8]) -> Value {
    Value::String(Str::from(bytes))
}
