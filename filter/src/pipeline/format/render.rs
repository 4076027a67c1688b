//! The client's response: data in the endpoint's encoding, or the words of a failure, with the headers that KrakenD adds.

use super::encode::encode;
use super::negotiate::negotiated;
use crate::bindings::ProxyResponse;
use crate::config::{Endpoint, OutputEncoding, Plugin};
use crate::http::{Body, FieldValue, Headers, NameClasses, Response, names, one_line, sniff};
use crate::pipeline::failure::Failure;

/// The answer of an endpoint whose pipeline succeeded. `accept` is the client's header, for `negotiate`.
pub(crate) fn render(response: ProxyResponse, endpoint: &Endpoint, accept: Option<&str>) -> Result<Response, Failure> {
    let has_data = !response.data.is_empty();
    let is_complete = has_data && response.complete;
    let passes = has_data || endpoint.output_encoding == OutputEncoding::NoOp;
    let (own, payload, status) = (response.headers, response.payload, response.status);
    let mut headers = if passes { own } else { Headers::new() };
    if is_complete && !endpoint.cache_ttl.is_zero() {
        let seconds = endpoint.cache_ttl.as_secs();
        let mut cached = Headers::from_iter([("cache-control", format!("public, max-age={seconds}"))]);
        cached.extend_from(&headers, NameClasses::ALL);
        headers = cached;
    }
    headers.set(names::KRAKEND_COMPLETED, FieldValue::fixed(if is_complete { "true" } else { "false" }));
    if endpoint.output_encoding == OutputEncoding::NoOp {
        return no_op(status, payload.body, headers);
    }
    // Tables that contain each other several times can stand for more text than fits into memory.
    let limits = &endpoint.limits;
    let bodies = limits.body_bytes.saturating_mul(endpoint.backends.len() as u64);
    let max_bytes = usize::try_from(limits.memory_bytes.max(bodies)).unwrap_or(usize::MAX);
    let output = match endpoint.output_encoding {
        OutputEncoding::Negotiate => negotiated(accept),
        output => output,
    };
    let (body, content_type) =
        encode(output, response.data.table(), max_bytes).map_err(|error| Failure::script(error.to_string()))?;
    if !headers.contains(names::CONTENT_TYPE) {
        headers.set(names::CONTENT_TYPE, FieldValue::fixed(content_type));
    }
    Ok(Response { status: 200, headers, body: Body::Bytes(body) })
}

fn no_op(status: i64, body: Body, mut headers: Headers) -> Result<Response, Failure> {
    let status = match status {
        // Go answers with 200 if no status is set.
        ..=0 => 200,
        status => u16::try_from(status)
            .ok()
            .filter(|status| (200..=999).contains(status))
            .ok_or_else(|| Failure::script(format!("statusCode({status}): no status that can be answered")))?,
    };
    if !body.bytes().is_empty() && !headers.contains(names::CONTENT_TYPE) {
        headers.set(names::CONTENT_TYPE, sniff(body.bytes()));
    }
    Ok(Response { status, headers, body })
}

/// The answer of an endpoint whose pipeline failed.
pub(crate) fn failed(failure: &Failure, with_message: bool, plugin: &Plugin) -> Response {
    // When KrakenD recovers from a panic, its router answers without a body.
    let recovered = matches!(failure, Failure::Panic { .. });
    let mut response = words(failure, with_message && !recovered);
    if !recovered {
        response.headers.set(names::KRAKEND_COMPLETED, "false");
    }
    name_failure(&mut response, failure, plugin);
    response
}

/// The answer when `modifier/lua-endpoint` failed. KrakenD never gives it a body, and at service level always status 500.
pub(crate) fn failed_at_router(failure: &Failure, at_service: bool, plugin: &Plugin) -> Response {
    let mut response = match failure {
        _ if plugin.endpoint_error_bodies => words(failure, true),
        Failure::TooLarge { .. } => words(failure, false),
        _ if at_service => Response { status: 500, headers: Headers::new(), body: Body::Absent },
        _ => {
            let named = failure.content_type().map(|kind| ("content-type", kind));
            Response { status: failure.status(), headers: named.into_iter().collect(), body: Body::Absent }
        }
    };
    name_failure(&mut response, failure, plugin);
    response
}

fn words(failure: &Failure, with_message: bool) -> Response {
    let status = failure.status();
    if !with_message {
        return Response { status, headers: Headers::new(), body: Body::Absent };
    }
    let body = failure.to_string().into_bytes();
    let content_type = match failure.content_type() {
        Some(kind) => kind.to_owned(),
        None => sniff(&body).to_owned(),
    };
    let bodiless = matches!(status, 204 | 304) || body.is_empty();
    let headers = if bodiless && failure.content_type().is_none() {
        Headers::new()
    } else {
        Headers::from_iter([("content-type", content_type)])
    };
    Response { status, headers, body: if bodiless { Body::Absent } else { Body::Bytes(body) } }
}

// Only if `error_header` is on: the header shows strangers details of a script.
fn name_failure(response: &mut Response, failure: &Failure, plugin: &Plugin) {
    if plugin.error_header {
        response.headers.set("x-lua-modifier-error", one_line(&failure.to_string()));
    }
}
