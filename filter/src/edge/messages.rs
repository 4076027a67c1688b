//! Envoy's header maps as requests and responses, and the way back.

use super::hostcalls::{self, Map, Refused};
use crate::http::{Body, Call, CallError, Edit, FieldValue, Headers, Request, Response};
use bytes::Bytes;
use std::time::Duration;

// Envoy counts a call's time in whole milliseconds, and takes none for no end.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// The request whose headers have just come.
pub(super) fn request(ends: bool) -> Result<Request, Refused> {
    let pairs = hostcalls::headers(Map::Request)?;
    let mut request = Request {
        method: String::new(),
        authority: String::new(),
        path: String::new(),
        headers: Headers::with_capacity(pairs.len()),
        body: if ends { Body::Absent } else { Body::Unread },
        peer: String::new(),
    };
    for (name, value) in pairs {
        let text = |value: Bytes| String::from_utf8_lossy(&value).into_owned();
        match &*name {
            b":method" => request.method = text(value),
            b":authority" => request.authority = text(value),
            b":path" => request.path = text(value),
            [b':', ..] => {}
            _ => request.headers.append(&String::from_utf8_lossy(&name), FieldValue::from_wire(value)),
        }
    }
    // The peer is asked for only where no proxy in front has named the client already.
    if !request.headers.contains("x-forwarded-for") {
        let address = hostcalls::property(&["source", "address"]).unwrap_or_default();
        let address = String::from_utf8_lossy(&address).into_owned();
        request.peer =
            address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host).trim_matches(['[', ']']).to_owned();
    }
    Ok(request)
}

/// The response whose headers are in a map.
pub(super) fn response(map: Map, body: Body) -> Result<Response, Refused> {
    let pairs = hostcalls::headers(map)?;
    let mut response = Response { status: 0, headers: Headers::with_capacity(pairs.len()), body };
    for (name, value) in pairs {
        match &*name {
            b":status" => {
                response.status = std::str::from_utf8(&value).ok().and_then(|status| status.parse().ok()).unwrap_or(0);
            }
            [b':', ..] => {}
            _ => response.headers.append(&String::from_utf8_lossy(&name), FieldValue::from_wire(value)),
        }
    }
    Ok(response)
}

/// Turns the headers of the held message into others. What the host refuses is said once and left as it was.
pub(super) fn edit(map: Map, before: &Headers, after: &Headers) {
    for edit in before.edits(after) {
        let (name, done) = match &edit {
            Edit::Remove(name) => (name, hostcalls::remove_header(map, name)),
            Edit::Set(name, value) => (name, hostcalls::set_header(map, name, value)),
            Edit::Add(name, value) => (name, hostcalls::add_header(map, name, value)),
        };
        if let Err(refused) = done {
            log::error!("Envoy refused to change the header {name}: {refused}");
        }
    }
}

/// Changes a pseudo-header.
pub(super) fn edit_pseudo(map: Map, name: &str, after: &str) {
    if let Err(refused) = hostcalls::set_header(map, name, after.as_bytes()) {
        log::error!("Envoy refused to change {name}: {refused}");
    }
}

/// Sends a call; the token names its reply.
pub(super) fn dispatch(call: &Call) -> Result<u32, CallError> {
    let path = call.url.path_and_query();
    let values: Vec<(&str, String)> =
        call.headers.iter().map(|(name, value)| (name, String::from_utf8_lossy(value).into_owned())).collect();
    let mut headers = vec![
        (":method", call.method.as_str()),
        (":path", path.as_str()),
        (":authority", call.url.authority.as_str()),
        (":scheme", call.url.scheme.as_str()),
    ];
    headers.extend(values.iter().map(|(name, value)| (*name, value.as_str())));
    let timeout = call.timeout.clamp(SHORTEST, LONGEST);
    let body = (!call.body.is_empty()).then_some(call.body.as_slice());
    proxy_wasm::hostcalls::dispatch_http_call(&call.cluster, headers, body, vec![], timeout)
        .map_err(|_| CallError::Refused(format!("Envoy has no cluster {:?}, or none of its hosts is up", call.cluster)))
}

/// The reply to a call; Envoy's own answers in the place of one that did not come are told by their bodies.
pub(super) fn reply(headers: usize) -> Result<Response, CallError> {
    if headers == 0 {
        return Err(CallError::Lost);
    }
    let failed = |refused: Refused| CallError::Failed(format!("Envoy did not hand over the reply: {refused}"));
    let body = hostcalls::buffer(hostcalls::Buffer::CallReplyBody).map_err(failed)?;
    let response = response(Map::CallReply, Body::Bytes(body)).map_err(failed)?;
    let body = response.body.bytes();
    let by_envoy = !response.headers.contains("date") && !response.headers.contains("x-envoy-upstream-service-time");
    match response.status {
        504 if by_envoy && body == b"upstream request timeout" => Err(CallError::Timeout),
        502 | 503 if by_envoy && (body.starts_with(b"upstream connect error") || body == b"no healthy upstream") => {
            Err(CallError::Failed(String::from_utf8_lossy(body).into_owned()))
        }
        _ => Ok(response),
    }
}

/// Why there is no response from the upstream, where Envoy made one itself. `cluster` is where the request was sent.
pub(super) fn local_failure(cluster: &str) -> Option<CallError> {
    let details = hostcalls::property(&["response", "code_details"]).ok()?;
    let details = String::from_utf8_lossy(&details).into_owned();
    match details.as_str() {
        "" | "via_upstream" => None,
        // The client left.
        text if text.starts_with("downstream_") => None,
        "cluster_not_found" => Some(CallError::Refused(format!("Envoy has no cluster {cluster:?}"))),
        "no_healthy_upstream" => Some(CallError::Failed(format!("no host of the cluster {cluster:?} is up"))),
        "response_payload_too_large" => Some(CallError::Failed(
            "the body is larger than Envoy may hold (per_connection_buffer_limit_bytes)".to_owned(),
        )),
        text if text.contains("timeout") && !text.contains("connect") => Some(CallError::Timeout),
        text => Some(CallError::Failed(text.to_owned())),
    }
}
