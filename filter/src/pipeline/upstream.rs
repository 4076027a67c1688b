//! One backend's side of an exchange: the request that leaves for it, and what its response means.

use super::decode::decode;
use super::failure::Failure;
use super::port::Routed;
use super::program::BackendPlan;
use super::router::{CLUSTER_HEADER, frames_the_body, is_envoys_own};
use crate::bindings::{Payload, ProxyRequest, ProxyResponse};
use crate::config::{Backend, Encoding, Piece, Plugin, UrlPattern, cluster_for};
use crate::data::{Number, Str, Table, Value};
use crate::http::{Body, Headers, Query, Request, Response, Url, is_token, parse_url};
use std::borrow::Cow;
use std::rc::Rc;

/// A request that is ready to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) cluster: String,
    pub(super) method: String,
    pub(super) url: Rc<Url>,
    pub(super) headers: Headers,
}

/// Makes the request the backend's own: path of `url_pattern`, the backend's method, the URL of the host whose turn it is.
pub(super) fn address(request: &mut ProxyRequest, backend: &Backend, plan: &BackendPlan) -> Result<(), Failure> {
    let query = match &backend.input_query_strings {
        Some(keys) if !request.query.is_empty() => Cow::Owned(request.query.only(keys)),
        _ => Cow::Borrowed(&request.query),
    };
    let path = fill(&backend.url_pattern, request);
    let turn = plan.next_host(backend.hosts.len());
    let url = match plan.targets.get(turn) {
        Some(target) if query.is_empty() => Rc::clone(target),
        Some(target) => with_query(Url::clone(target), &query),
        None => {
            let host = backend.hosts.get(turn).map(crate::config::Host::url).unwrap_or_default();
            let text = format!("{host}{}", String::from_utf8_lossy(&path));
            let wrong = |error: crate::http::UrlError| Failure::Upstream {
                message: format!("parse {text:?}: {}", error.reason),
            };
            with_query(parse_url(&text).map_err(wrong)?, &query)
        }
    };
    request.path = path;
    request.method.clone_from(&backend.method);
    request.url = Some(url);
    if let Some(names) = &backend.input_headers {
        request.headers.retain(|name, _| names.iter().any(|listed| listed == "*" || listed.eq_ignore_ascii_case(name)));
    }
    Ok(())
}

/// The URLs of a backend whose pattern has no parameters, one for each host: nothing in them depends on a request.
pub(super) fn targets(backend: &Backend) -> Vec<Rc<Url>> {
    let mut path = String::new();
    for piece in &backend.url_pattern.pieces {
        let Piece::Literal(text) = piece else { return Vec::new() };
        path.push_str(text);
    }
    let urls = backend.hosts.iter().map(|host| parse_url(&(host.url() + &path)).map(Rc::new));
    // What is no URL fails with each request, as in KrakenD.
    urls.collect::<Result<_, _>>().unwrap_or_default()
}

fn with_query(mut url: Url, query: &Query) -> Rc<Url> {
    if !query.is_empty() {
        url.query = match url.query.filter(|own| !own.is_empty()) {
            Some(own) => Some(format!("{own}&{}", query.encode())),
            None => Some(query.encode()),
        };
    }
    Rc::new(url)
}

fn fill(pattern: &UrlPattern, request: &ProxyRequest) -> Vec<u8> {
    let mut path = Vec::new();
    for piece in &pattern.pieces {
        match piece {
            Piece::Literal(text) => path.extend_from_slice(text.as_bytes()),
            Piece::Param(key) | Piece::Response { key, .. } => match request.params.get(key) {
                Some(value) => path.extend_from_slice(value),
                // KrakenD leaves what it does not know as it is written.
                None => path.extend_from_slice(format!("{{{{.{key}}}}}").as_bytes()),
            },
        }
    }
    path
}

/// What is sent for a request after the backend's scripts have seen it.
pub(super) fn outgoing(request: &ProxyRequest, backend: &Backend, plugin: &Plugin) -> Result<Outgoing, Failure> {
    let fail = |message: String| Failure::Upstream { message };
    let is_upper = request.method.bytes().all(|byte| byte.is_ascii_uppercase());
    let method = if is_upper { request.method.clone() } else { request.method.to_uppercase() };
    let Some(url) = &request.url else { return Err(fail("the url that was set is not valid".to_owned())) };
    if !is_token(&method) {
        return Err(fail(format!("net/http: invalid method {method:?}")));
    }
    if !matches!(url.scheme.as_str(), "http" | "https") {
        return Err(fail(verb_error(&method, url, &format!("unsupported protocol scheme {:?}", url.scheme))));
    }
    if url.authority.is_empty() {
        return Err(fail(verb_error(&method, url, "http: no Host in request URL")));
    }
    if let Some(why) = request.headers.fault() {
        return Err(fail(verb_error(&method, url, &why)));
    }
    // Like Go's client, which sends the host of the URL, whatever the headers say.
    let headers = request.headers.only(|name| name != "host" && !is_envoys_own(name));
    let own = backend.hosts.iter().find(|host| host.scheme == url.scheme && host.authority == url.authority);
    let cluster = match own {
        Some(host) => host.cluster.clone(),
        None => cluster_for(plugin, &url.scheme, &url.authority),
    };
    Ok(Outgoing { cluster, method, url: Rc::clone(url), headers })
}

const REQUEST_ID: &str = "x-request-id";

/// The client's request, turned into the backend's: what frames the body and what is Envoy's own stays.
pub(super) fn routed(client: &Request, outgoing: Outgoing, payload: Payload, encoding: Encoding) -> Routed {
    let replaced = payload.replaced && client.body != Body::Absent;
    let Outgoing { cluster, method, url, mut headers } = outgoing;
    // The body will be read here: compressing it would only cost both sides time.
    let is_read = encoding != Encoding::NoOp;
    headers.retain(|name, _| !(frames_the_body(name) || is_read && name == "accept-encoding"));
    // Envoy's own name for the request, which its traces and logs go by.
    let unnamed = !headers.contains(REQUEST_ID);
    headers.extend_from(&client.headers, |name| unnamed && name == REQUEST_ID);
    headers.extend_from(&client.headers, |name| {
        (is_envoys_own(name) && name != CLUSTER_HEADER) || (frames_the_body(name) && !replaced)
    });
    let body = match payload.body {
        body if replaced => body,
        _ if client.body == Body::Absent => Body::Absent,
        _ => Body::Unread,
    };
    let (authority, path) = (url.authority.clone(), url.path_and_query());
    let request = Request { method, authority, path, headers, body, peer: String::new() };
    Routed { request, cluster: Some(cluster), timeout: None }
}

/// `Get "http://host/b": connection refused`
pub(super) fn verb_error(method: &str, url: &Url, why: &str) -> String {
    let mut letters = method.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let verb: String = first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect();
    format!("{verb} \"{url}\": {why}")
}

/// Is the body of this response needed before anything can be said of it?
pub(super) fn needs_body(backend: &Backend, response: &Response) -> bool {
    backend.encoding != Encoding::NoOp && response.body == Body::Unread
}

/// What a response means to KrakenD: data, an error, or, with no-op, itself.
pub(super) fn receive(
    response: Response,
    url: &Url,
    backend: &Backend,
    plan: &BackendPlan,
    limit: u64,
) -> Result<ProxyResponse, Failure> {
    if u64::try_from(response.body.bytes().len()).is_ok_and(|length| length > limit) {
        return Err(Failure::TooLarge { of_request: false, limit });
    }
    if backend.encoding == Encoding::NoOp {
        let payload = Payload::new(response.body);
        let status = i64::from(response.status);
        let headers = response.headers;
        return Ok(ProxyResponse { complete: true, status, headers, payload, ..ProxyResponse::empty() });
    }
    if !matches!(response.status, 200 | 201) {
        return unexpected_status(&response, url, backend);
    }
    let body = super::gzip::inflate(response, limit)?;
    let size = body.len();
    let data = decode(backend.encoding, backend.is_collection, body)
        .map_err(|error| Failure::Upstream { message: error.to_string() })?;
    Ok(ProxyResponse { data: plan.formatter.apply(data), complete: true, size, ..ProxyResponse::empty() })
}

fn unexpected_status(response: &Response, url: &Url, backend: &Backend) -> Result<ProxyResponse, Failure> {
    let body = String::from_utf8_lossy(response.body.bytes()).into_owned();
    let content_type = response.headers.get_str("content-type").unwrap_or_default().to_owned();
    if let Some(name) = &backend.return_error_details {
        let error = Table::new();
        let text = |text: &str| Value::String(Str::from(text));
        error.set(Str::from("http_status_code"), Value::Number(Number::Int(i64::from(response.status))));
        if !body.is_empty() {
            error.set(Str::from("http_body"), text(&body));
        }
        if !content_type.is_empty() {
            error.set(Str::from("http_body_encoding"), text(&content_type));
        }
        let data = Table::new();
        data.set(Str::from(format!("error_{name}")), Value::Table(error.clone()));
        let named_errors = vec![(error, name.clone())];
        return Ok(ProxyResponse { data, status: i64::from(response.status), named_errors, ..ProxyResponse::empty() });
    }
    if backend.return_error_code {
        return Err(Failure::Returned { status: response.status, body, content_type });
    }
    let (status, method, pattern) = (response.status, &backend.method, &backend.url_pattern.printed);
    Err(Failure::Status { message: format!("invalid status code {status} [{method} {pattern}]: {url}") })
}
