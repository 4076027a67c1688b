//! HTTP calls that a module dispatches, and the status of a call that failed.

use std::time::Duration;

use wasmtime::Linker;

use super::{Guest, Outcome, Refusal, provide};
use crate::abi::Status;
use crate::headers::Headers;
use crate::host::Host;
use crate::message::Call;
use crate::trace::Event;

const BROKEN_CONNECTION: u32 = 11;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_http_call" => call, (
            cluster: u32, cluster_size: u32, headers: u32, headers_size: u32, body: u32, body_size: u32,
            trailers: u32, trailers_size: u32, timeout: u32, token_at: u32);
        "proxy_get_status" => status, (code_at: u32, pointer_at: u32, size_at: u32);
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the ABI has them")]
fn call(
    guest: &mut Guest<'_>,
    cluster: u32,
    cluster_size: u32,
    headers: u32,
    headers_size: u32,
    body: u32,
    body_size: u32,
    trailers: u32,
    trailers_size: u32,
    timeout: u32,
    token_at: u32,
) -> Outcome {
    let cluster = guest.text(cluster, cluster_size)?;
    let headers: Headers = guest
        .pairs(headers, headers_size)?
        .into_iter()
        .map(|(name, value)| match name.eq_ignore_ascii_case(b"host") {
            true => (b":authority".to_vec(), value),
            false => (name, value),
        })
        .collect();
    let body = guest.read(body, body_size)?;
    let trailers = guest.pairs(trailers, trailers_size)?.into_iter().collect();
    guest.write_number(token_at, 0)?;
    let call = Call {
        token: 0,
        cluster,
        headers,
        body,
        trailers,
        timeout: (timeout > 0).then(|| Duration::from_millis(timeout.into())),
    };
    let host = guest.host();
    let cluster = call.cluster.clone();
    match dispatch(host, call, timeout) {
        Ok(token) => Ok(guest.write_number(token_at, token)?),
        Err(status) => {
            host.note(Event::CallRefused { cluster, status });
            Err(Refusal::Status(status))
        }
    }
}

fn dispatch(host: &mut Host, mut call: Call, timeout: u32) -> Result<u32, Status> {
    let known = host.settings.every_cluster || host.settings.clusters.contains(&call.cluster);
    let complete = [":method", ":path", ":authority"].iter().all(|name| call.headers.contains(name));
    if i32::try_from(timeout).is_err() || !known || !complete {
        return Err(Status::BadArgument);
    }
    // Refused calls use up tokens too.
    host.last_token = host.last_token.saturating_add(1);
    if host.settings.unhealthy.contains(&call.cluster) {
        return Err(Status::InternalFailure);
    }
    if !call.body.is_empty() {
        let length = call.body.len().to_string();
        call.headers.set("content-length", length);
    }
    call.token = host.last_token;
    host.note(Event::Called(call.clone()));
    host.calls.insert(call.token, call);
    Ok(host.last_token)
}

fn status(guest: &mut Guest<'_>, code_at: u32, pointer_at: u32, size_at: u32) -> Outcome {
    let (code, text): (u32, &[u8]) = match guest.host().reply_failed {
        true => (BROKEN_CONNECTION, b"reset"),
        false => (0, b""),
    };
    guest.write_number(code_at, code)?;
    guest.give(text, pointer_at, size_at)
}
