//! Actions on a whole stream: let it go on, end it, answer it. All of them wait until the callback has returned.

use wasmtime::Linker;

use super::{Guest, Outcome, provide};
use crate::abi::Status;
use crate::host::{Deferred, Host, LocalReply};
use crate::stream::Side;
use crate::trace::Event;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_continue_stream" => resume, (kind: u32);
        "proxy_close_stream" => close, (kind: u32);
        "proxy_send_local_response" => reply, (
            status: u32, details: u32, details_size: u32, body: u32, body_size: u32,
            headers: u32, headers_size: u32, grpc_status: i32);
        "proxy_set_effective_context" => act_for, (context: u32);
        "proxy_call_foreign_function" => foreign, (
            name: u32, name_size: u32, arguments: u32, arguments_size: u32, pointer_at: u32, size_at: u32);
    }
    Ok(())
}

fn side(kind: u32) -> Result<Side, Status> {
    match kind {
        0 => Ok(Side::Request),
        1 => Ok(Side::Response),
        2 | 3 => Err(Status::Unimplemented),
        _ => Err(Status::BadArgument),
    }
}

fn resume(guest: &mut Guest<'_>, kind: u32) -> Outcome {
    let side = side(kind).inspect_err(|status| refused(guest, *status, "continue_stream"))?;
    let host = guest.host();
    if let Some((id, stream)) = host.stream() {
        // Whichever side goes on, the request's headers can no longer be reached afterwards (Envoy's continueStream).
        stream.request.open = false;
        host.deferred.push_back(Deferred::Resume(id, side));
    }
    Ok(())
}

fn close(guest: &mut Guest<'_>, kind: u32) -> Outcome {
    side(kind).inspect_err(|status| refused(guest, *status, "close_stream"))?;
    let host = guest.host();
    if let Some((id, _)) = host.stream() {
        host.deferred.push_back(Deferred::Reset(id));
    }
    Ok(())
}

fn refused(guest: &mut Guest<'_>, status: Status, name: &str) {
    if status == Status::Unimplemented {
        let name = format!("proxy_{name} of a TCP stream");
        guest.host().note(Event::Unimplemented(name));
    }
}

#[expect(clippy::too_many_arguments, reason = "the ABI has them")]
fn reply(
    guest: &mut Guest<'_>,
    status: u32,
    details: u32,
    details_size: u32,
    body: u32,
    body_size: u32,
    headers: u32,
    headers_size: u32,
    _grpc_status: i32,
) -> Outcome {
    let reply = LocalReply {
        status,
        details: guest.text(details, details_size)?.replace(char::is_whitespace, "_"),
        body: guest.read(body, body_size)?,
        headers: guest.pairs(headers, headers_size)?,
    };
    let host = guest.host();
    host.stop = true;
    match host.stream() {
        Some((id, _)) => host.deferred.push_back(Deferred::Reply(id, reply)),
        None => host.misuse("a local response in a context without a stream goes nowhere"),
    }
    Ok(())
}

fn act_for(guest: &mut Guest<'_>, context: u32) -> Outcome {
    let host = guest.host();
    let known = context == crate::host::ROOT
        || host.streams.get(&context).is_some_and(|stream| stream.created && !stream.closed);
    if !known {
        return Err(Status::BadArgument.into());
    }
    host.effective = context;
    Ok(())
}

fn foreign(
    guest: &mut Guest<'_>,
    name: u32,
    name_size: u32,
    arguments: u32,
    arguments_size: u32,
    pointer_at: u32,
    size_at: u32,
) -> Outcome {
    let name = guest.text(name, name_size)?;
    if name == "clear_route_cache" {
        return guest.give(&[], pointer_at, size_at);
    }
    if let Some(answer) = guest.host().settings.foreign_functions.get(&name).cloned() {
        let arguments = guest.read(arguments, arguments_size)?;
        guest.host().note(Event::ForeignCalled { name, arguments });
        return guest.give(&answer, pointer_at, size_at);
    }
    guest.host().note(Event::Unimplemented(format!("foreign function {name}")));
    Err(Status::NotFound.into())
}
