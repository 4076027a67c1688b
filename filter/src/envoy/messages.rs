//! Turns a host's header pairs into requests and responses; turns changes back into edits of held headers, and sends calls.

use std::time::Duration;

use smol_str::SmolStr;

use super::header_pairs::HeaderPairs;
use super::host::{Caller, Direction, Refusal, StreamAccess};
use crate::http::{Body, Call, CallError, Edit, Headers, Request, Response, names};

// Envoy counts a call's time in whole milliseconds, and 0 would mean that the call never times out.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// The reply to a call, as the host brings it.
pub struct RawReply {
    /// Its headers.
    pub headers: HeaderPairs,
    /// All of its body.
    pub body: Vec<u8>,
}

/// The request whose headers have just come.
pub(super) fn request(host: &impl StreamAccess, ends: bool) -> Result<Request, Refusal> {
    let pairs = host.headers(Direction::Request)?;
    let mut request = Request {
        method: SmolStr::default(),
        authority: SmolStr::default(),
        path: SmolStr::default(),
        headers: Headers::with_capacity(pairs.len()),
        body: if ends { Body::Absent } else { Body::Unread },
        peer: SmolStr::default(),
    };
    for pair in pairs.iter() {
        match pair.name {
            b":method" => request.method = text(pair.value),
            b":authority" => request.authority = text(pair.value),
            b":path" => request.path = text(pair.value),
            [b':', ..] => {}
            name => request.headers.append_from_wire(name, pair.shared_value()),
        }
    }
    request.headers.share();
    // A request for another protocol has no body either: a websocket's bytes are not a body.
    if request.method == "GET" && request.headers.contains(names::UPGRADE) {
        request.body = Body::Absent;
    }
    // The peer's address is read only if no proxy in front has named the client already.
    if !request.headers.contains(names::FORWARDED_FOR) {
        request.peer = client_address(host);
    }
    Ok(request)
}

fn text(value: &[u8]) -> SmolStr {
    std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value).into(), SmolStr::from)
}

/// The client's address as Envoy knows it, without the port: that of the connection, or the address that a trusted proxy has
/// named (`use_remote_address`, `xff_num_trusted_hops`). Empty if Envoy does not give it.
pub(super) fn client_address(host: &impl StreamAccess) -> SmolStr {
    let address = host.attribute(&["source", "address"]).unwrap_or_default();
    let address = String::from_utf8_lossy(&address);
    address.rsplit_once(':').map_or(&*address, |(host, _)| host).trim_matches(['[', ']']).into()
}

/// Makes a response from header pairs and a body.
pub(super) fn response(pairs: HeaderPairs, body: Body) -> Response {
    let mut response = Response { status: 0, headers: Headers::with_capacity(pairs.len()), body };
    for pair in pairs.iter() {
        match pair.name {
            b":status" => {
                let status = std::str::from_utf8(pair.value).ok();
                response.status = status.and_then(|status| status.parse().ok()).unwrap_or(0);
            }
            [b':', ..] => {}
            name => response.headers.append_from_wire(name, pair.shared_value()),
        }
    }
    // After a switch of protocols the bytes have no end that the module could wait for.
    if response.status == 101 {
        response.body = Body::Absent;
    }
    response
}

/// Turns the headers of the held message into other headers. An edit that the host refuses is logged, and the header stays as
/// it was.
pub(super) fn edit(host: &impl StreamAccess, direction: Direction, before: &Headers, after: &Headers) {
    before.edits(after, |edit| {
        let (name, done) = match edit {
            Edit::Remove(name) => (name, host.remove_header(direction, name)),
            Edit::Set(name, value) => (name, host.set_header(direction, name, value)),
            Edit::Add(name, value) => (name, host.add_header(direction, name, value)),
        };
        if let Err(refusal) = done {
            log::error!("Envoy refused to change the header {name}: {refusal}");
        }
    });
}

/// Gives a header, or a pseudo-header, this one value.
pub(super) fn set(host: &impl StreamAccess, direction: Direction, name: &str, value: &[u8]) {
    if let Err(refusal) = host.set_header(direction, name, value) {
        log::error!("Envoy refused to change {name}: {refusal}");
    }
}

/// Sends a call; the token names its reply.
pub(super) fn dispatch(host: &impl Caller, call: &Call) -> Result<u32, CallError> {
    let path = call.url.path_and_query();
    let pseudo = [
        (":method", call.method.as_bytes()),
        (":path", path.as_bytes()),
        (":authority", call.authority()),
        (":scheme", call.url.scheme.as_bytes()),
    ];
    let mut headers = Vec::with_capacity(pseudo.len().saturating_add(call.headers.len()));
    headers.extend(pseudo);
    headers.extend(call.other_headers());
    host.dispatch(&call.cluster, &headers, &call.body, call.timeout.clamp(SHORTEST, LONGEST))
        .map_err(|_| CallError::Refused(format!("Envoy has no cluster {:?}, or none of its hosts is up", call.cluster)))
}
