//! The answers that Envoy makes when an upstream did not answer: tells them apart from upstreams' answers, and puts them into
//! words.

use super::host::{Refusal, StreamAccess};
use super::messages::{self, RawReply};
use crate::http::{Body, CallError, Response, names};

/// The reply to a call; `None` stands for a reply that did not come. Envoy's own answers are known by their status and body,
/// and by the lack of the headers `date` and `x-envoy-upstream-service-time`.
pub(super) fn reply(reply: Result<Option<RawReply>, Refusal>) -> Result<Response, CallError> {
    let reply = reply.map_err(|refusal| CallError::Failed(format!("Envoy did not hand over the reply: {refusal}")))?;
    let Some(RawReply { headers, body }) = reply else { return Err(CallError::Lost) };
    let response = messages::response(headers, Body::Bytes(body));
    let body = response.body.bytes();
    let by_envoy =
        !response.headers.contains(names::DATE) && !response.headers.contains(names::ENVOY_UPSTREAM_SERVICE_TIME);
    match response.status {
        504 if by_envoy && body == b"upstream request timeout" => Err(CallError::Timeout),
        502 | 503 if by_envoy && (body.starts_with(b"upstream connect error") || body == b"no healthy upstream") => {
            Err(CallError::Failed(String::from_utf8_lossy(body).into_owned()))
        }
        _ => Ok(response),
    }
}

/// The reason why there is no response from the upstream, if Envoy made the response itself. `cluster` names where the request
/// was sent.
pub(super) fn local_failure(host: &impl StreamAccess, cluster: &str) -> Option<CallError> {
    let details = host.attribute(&["response", "code_details"]).ok()?;
    let details = String::from_utf8_lossy(&details);
    match &*details {
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
