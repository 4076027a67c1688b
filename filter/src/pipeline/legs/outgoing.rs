//! The request that leaves for a backend: the URL of the host whose turn it is, the backend's method, and the headers that go
//! along, by Envoy's route or by a call.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use smol_str::SmolStr;

use crate::bindings::{Payload, ProxyRequest};
use crate::config::{
    Backend, Encoding, Endpoint, Listener, Piece, Plugin, ResponseParam, ServiceHost, UrlPattern, cluster_for,
};
use crate::http::{
    Body, Call, DecodedPath, Headers, NameClasses, Query, Request, Url, UrlError, authorize, is_token, names,
    parse_url, without_credentials,
};
use crate::pipeline::basis::Basis;
use crate::pipeline::envoy_headers::{GO_ON, OTHERS};
use crate::pipeline::failure::Failure;
use crate::pipeline::format::go_text::request_error;
use crate::pipeline::port::Routed;
use crate::pipeline::program::BackendPlan;

/// A request that is ready to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) cluster: SmolStr,
    pub(super) method: SmolStr,
    pub(super) url: Rc<Url>,
    pub(super) headers: Headers,
    /// The `Host`, if it is not the URL's.
    pub(super) host: Option<String>,
    /// Has `modifier/martian` edited the request? Then its `x-forwarded-proto` wins over Envoy's own.
    pub(super) is_edited: bool,
}

impl Outgoing {
    /// Adds the `Authorization` of the URL's credentials, and the mark of a request to the gateway itself.
    pub(super) fn authorize(&mut self, basis: &Basis) {
        authorize(&mut self.headers, self.url.user.as_deref());
        basis.mark(&self.url, &mut self.headers);
    }
}

/// Makes the request the backend's own: the path of `url_pattern`, the backend's method, and the URL of the host whose turn it
/// is.
pub(super) fn address(request: &mut ProxyRequest, backend: &Backend, plan: &BackendPlan) -> Result<(), Failure> {
    let query = match &backend.input_query_strings {
        Some(keys) if !request.query.is_empty() => Cow::Owned(request.query.only(keys)),
        _ => Cow::Borrowed(&request.query),
    };
    let path = fill(&backend.url_pattern, request)?;
    let host = plan.next_host(backend.hosts.len());
    let url = match plan.targets.get(host) {
        Some(target) if query.is_empty() => Rc::clone(target),
        Some(target) => with_query(Url::clone(target), &query),
        None => {
            let host = backend.hosts.get(host).map(ServiceHost::url).unwrap_or_default();
            let text = host + &readable(&path);
            let wrong = |error: UrlError| Failure::Upstream {
                message: format!("parse {:?}: {}", without_credentials(&text), error.reason),
            };
            with_query(parse_url(&text).map_err(wrong)?, &query)
        }
    };
    request.path = path;
    request.method = backend.method.clone();
    request.url = Some(url);
    if let Some(names) = &backend.input_headers {
        // KrakenD: `*` is a name like any other here (proxy/headers_filter.go).
        request.headers.retain(|name, _| names.iter().any(|listed| listed.eq_ignore_ascii_case(name)));
    }
    Ok(())
}

// Bytes that are not UTF-8 are percent-encoded, so that they leave as they came.
fn readable(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("%{byte:02X}")));
    }
    text
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

/// The longest path in bytes: parameters may have any length, and can stand in a pattern any number of times.
const LONGEST_PATH: usize = 64 << 10;

fn fill(pattern: &UrlPattern, request: &ProxyRequest) -> Result<DecodedPath, Failure> {
    if let [Piece::Literal(text)] = pattern.pieces.as_slice()
        && text.len() <= LONGEST_PATH
    {
        return Ok(text.clone().into());
    }
    let mut path = Vec::new();
    for piece in &pattern.pieces {
        if path.len() > LONGEST_PATH {
            break;
        }
        match piece {
            Piece::Literal(text) => path.extend_from_slice(text.as_bytes()),
            Piece::Param(key) | Piece::Response(ResponseParam { key, .. }) => match request.params.get(key) {
                Some(value) => path.extend_from_slice(value),
                // KrakenD leaves an unknown parameter as it is written.
                None => path.extend_from_slice(format!("{{{{.{key}}}}}").as_bytes()),
            },
        }
    }
    if path.len() > LONGEST_PATH {
        let message = format!("the path of {} is longer than {LONGEST_PATH} bytes", pattern.printed);
        return Err(Failure::Upstream { message });
    }
    Ok(path.into())
}

/// The request to send, after the backend's scripts have seen it.
pub(super) fn outgoing(request: &ProxyRequest, backend: &Backend, plugin: &Plugin) -> Result<Outgoing, Failure> {
    let fail = |message: String| Failure::Upstream { message };
    let is_upper = request.method.bytes().all(|byte| byte.is_ascii_uppercase());
    let method = if is_upper { request.method.clone() } else { request.method.to_uppercase().into() };
    let Some(url) = &request.url else {
        let message = request.faults.as_ref().map(|faults| faults.no_url.clone()).unwrap_or_default();
        return Err(Failure::Panic { message });
    };
    if !is_token(&method) {
        return Err(fail(format!("net/http: invalid method {method:?}")));
    }
    if !matches!(url.scheme.as_str(), "http" | "https") {
        return Err(fail(request_error(&method, url, &format!("unsupported protocol scheme {:?}", url.scheme))));
    }
    if url.authority.is_empty() {
        return Err(fail(request_error(&method, url, "http: no Host in request URL")));
    }
    if let Some(why) = request.headers.fault() {
        return Err(fail(request_error(&method, url, &why)));
    }
    // Go's client sends the URL's host, whatever the headers say.
    let mut headers = request.headers.only(OTHERS.but(NameClasses::HOST));
    // A message of an agent does not name the gateway. In KrakenD, Go's client adds its own name after all scripts.
    if plugin.listener == Listener::Agents && !headers.contains(names::USER_AGENT) {
        headers.set(names::USER_AGENT, plugin.user_agent.as_bytes());
    }
    let own = backend.hosts.iter().find(|host| host.scheme == url.scheme && host.authority == url.authority);
    let cluster = match own {
        Some(host) => host.cluster.clone(),
        None => cluster_for(plugin, &url.scheme, &url.authority).into(),
    };
    Ok(Outgoing { cluster, method, url: Rc::clone(url), headers, host: None, is_edited: false })
}

/// Turns the client's request into the backend's: the body's framing and Envoy's own headers stay.
pub(super) fn routed(
    client: &Request,
    outgoing: Outgoing,
    payload: Payload,
    encoding: Encoding,
    timeout: Duration,
) -> Routed {
    let replaced = payload.replaced && client.body != Body::Absent;
    let Outgoing { cluster, method, url, mut headers, host, is_edited } = outgoing;
    // The body will be read here: compressing it would only cost time on both sides.
    let is_read = encoding != Encoding::NoOp;
    let lost = if is_read { NameClasses::FRAMING.and(NameClasses::ACCEPT_ENCODING) } else { NameClasses::FRAMING };
    headers.keep(NameClasses::ALL.but(lost));
    // Envoy's own name for the request, which its traces and logs use.
    let mut added = GO_ON;
    if !headers.have(NameClasses::REQUEST_ID) {
        added = added.and(NameClasses::REQUEST_ID);
    }
    if is_edited && headers.contains(names::FORWARDED_PROTO) {
        added = added.but(NameClasses::SCHEME);
    }
    if !replaced {
        added = added.and(NameClasses::FRAMING);
    }
    headers.extend_from(&client.headers, added);
    let body = match payload.body {
        body if replaced => body,
        _ if client.body == Body::Absent => Body::Absent,
        _ => Body::Unread,
    };
    let authority = host.map_or_else(|| url.authority.clone(), SmolStr::from);
    let path = url.path_and_query();
    let request = Request { method, authority, path, headers, body, peer: SmolStr::default() };
    Routed { request, cluster: Some(cluster), timeout: Some(timeout) }
}

/// In KrakenD, a sequence of safe requests hands one map of headers and one of parameters from backend to backend: what one
/// backend's script sets, the next one sees.
pub(super) fn hand_on(request: &ProxyRequest, shared: &RefCell<ProxyRequest>, endpoint: &Endpoint, backend: &Backend) {
    if endpoint.is_sequence() && are_safe(&endpoint.backends) && backend.input_headers.is_none() {
        let mut shared = shared.borrow_mut();
        shared.headers = request.headers.clone();
        shared.params = request.params.clone();
    }
}

/// The time that a call may take. KrakenD gives several backends 85 % of the endpoint's time, so that some time is left for the
/// answer, and several calls of one backend 75 %. A shadow has a time of its own, and gets at most this share of the endpoint's
/// time.
pub(super) fn time_for(endpoint: &Endpoint, basis: &Basis) -> Duration {
    let share = match (endpoint.concurrent_calls, endpoint.backends.len()) {
        (1, 1) => return basis.time_left(),
        (1, _) => 0.85,
        _ => 0.75,
    };
    if basis.is_shadow {
        basis.time_left().min(endpoint.timeout.mul_f64(share))
    } else {
        basis.time_left().mul_f64(share)
    }
}

/// Turns the same request into a call of the host.
pub(super) fn call(outgoing: Outgoing, payload: &Payload, timeout: Duration) -> Call {
    let Outgoing { cluster, method, url, mut headers, host, .. } = outgoing;
    headers.keep(NameClasses::ALL.but(NameClasses::FRAMING));
    if let Some(host) = host {
        headers.set(names::HOST, host);
    }
    Call { cluster, method, url: Url::clone(&url), headers, body: payload.body.bytes().to_vec(), timeout }
}

/// Do all of them only read, by their methods?
pub(super) fn are_safe(backends: &[Backend]) -> bool {
    backends.iter().all(|backend| matches!(backend.method.as_str(), "GET" | "HEAD"))
}
