//! Bodies and configurations as byte buffers. The stream decides which part of a body is there at the moment.

use wasmtime::Linker;

use super::{Guest, Outcome, provide};
use crate::abi::Status;
use crate::host::{Host, Phase};

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_get_buffer_bytes" => get, (kind: u32, start: u32, length: u32, pointer_at: u32, size_at: u32);
        "proxy_set_buffer_bytes" => set, (kind: u32, start: u32, length: u32, at: u32, size: u32);
    }
    Ok(())
}

const REQUEST: u32 = 0;
const RESPONSE: u32 = 1;
const REPLY: u32 = 4;
const VM_CONFIGURATION: u32 = 6;
const CONFIGURATION: u32 = 7;
const LAST: u32 = 8;

fn get(guest: &mut Guest<'_>, kind: u32, start: u32, length: u32, pointer_at: u32, size_at: u32) -> Outcome {
    let host = guest.host();
    // As in Envoy, a missing body reads as empty, so a module cannot distinguish it from an empty one.
    let bytes = match kind {
        REQUEST | RESPONSE => body(host, kind).map(|body| body.as_slice()).unwrap_or_default(),
        VM_CONFIGURATION => &host.settings.vm_configuration,
        CONFIGURATION if host.phase == Phase::Configure => &host.settings.configuration,
        REPLY => match &host.reply {
            Some(reply) => &reply.bytes(),
            None => return Err(Status::NotFound.into()),
        },
        0..=LAST => return Err(Status::NotFound.into()),
        _ => return Err(Status::BadArgument.into()),
    };
    let end = start.checked_add(length).ok_or(Status::BadArgument)? as usize;
    let part = bytes.get(start as usize..end.min(bytes.len())).unwrap_or_default().to_vec();
    guest.give(&part, pointer_at, size_at)
}

/// Envoy knows three writes: before the body (nothing is replaced), in place of the whole body, and after the body.
fn set(guest: &mut Guest<'_>, kind: u32, start: u32, length: u32, at: u32, size: u32) -> Outcome {
    let new = guest.read(at, size)?;
    let host = guest.host();
    if kind > LAST {
        return Err(Status::BadArgument.into());
    }
    let Some(body) = body(host, kind) else {
        return Err(Status::BadArgument.into());
    };
    match (start as usize, length as usize) {
        (0, 0) => drop(body.splice(0..0, new)),
        (0, length) if length >= body.len() => *body = new,
        (start, _) if start > 0 && start >= body.len() => body.extend(new),
        _ => return Err(Status::BadArgument.into()),
    }
    Ok(())
}

fn body(host: &mut Host, kind: u32) -> Option<&mut Vec<u8>> {
    let (_, stream) = host.stream()?;
    match kind {
        REQUEST => stream.request.body(),
        RESPONSE => stream.response.body(),
        _ => None,
    }
}
