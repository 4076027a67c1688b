//! Header maps. The stream decides which of them can be reached at the moment; for the others the result is BadArgument.

use wasmtime::Linker;

use super::{Guest, Outcome, Refusal, provide};
use crate::abi::{MapKind, Pair, Status, read_pairs, write_pairs};
use crate::headers::Headers;
use crate::host::{Host, Phase};

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_get_header_map_pairs" => pairs, (kind: u32, pointer_at: u32, size_at: u32);
        "proxy_set_header_map_pairs" => set_pairs, (kind: u32, at: u32, size: u32);
        "proxy_get_header_map_value" => value, (kind: u32, name: u32, name_size: u32, pointer_at: u32, size_at: u32);
        "proxy_add_header_map_value" => add, (kind: u32, name: u32, name_size: u32, value: u32, value_size: u32);
        "proxy_replace_header_map_value" => replace,
            (kind: u32, name: u32, name_size: u32, value: u32, value_size: u32);
        "proxy_remove_header_map_value" => remove, (kind: u32, name: u32, name_size: u32);
        "proxy_get_header_map_size" => size, (kind: u32, result: u32);
    }
    Ok(())
}

/// The header map to read.
fn readable(host: &mut Host, kind: MapKind) -> Option<&Headers> {
    let logging = host.phase == Phase::Log;
    match kind {
        MapKind::Reply => host.reply_headers(),
        MapKind::ReplyTrailers => host.reply.as_ref().map(|reply| &reply.trailers),
        MapKind::Request => host
            .stream()
            .map(|(_, stream)| &stream.request)
            .filter(|flow| flow.open || logging && flow.arrived)
            .map(|flow| &flow.headers),
        MapKind::Response => host
            .stream()
            .map(|(_, stream)| &stream.response)
            .filter(|flow| flow.open || logging && flow.arrived)
            .map(|flow| &flow.headers),
        MapKind::Absent => None,
    }
}

/// The header map to write.
fn writable(host: &mut Host, kind: u32) -> Result<&mut Headers, Status> {
    let kind = MapKind::from_abi(kind)?;
    let late = |host: &mut Host| {
        host.stream().is_some_and(|(_, stream)| stream.response.open && stream.response.left_headers.is_some())
    };
    // Envoy closes the request's headers when the request is resumed, but leaves the response's headers open.
    if kind == MapKind::Response && late(host) {
        host.misuse("response headers that have left are edited: nobody will see it");
    }
    let (_, stream) = host.stream().ok_or(Status::BadArgument)?;
    let flow = match kind {
        MapKind::Request => &mut stream.request,
        MapKind::Response => &mut stream.response,
        _ => return Err(Status::BadArgument),
    };
    match flow.open {
        true => Ok(&mut flow.headers),
        false => Err(Status::BadArgument),
    }
}

/// In requests, `host` and `:authority` are one header to Envoy.
fn name_in(kind: u32, name: String) -> String {
    match kind == 0 && name.eq_ignore_ascii_case("host") {
        true => ":authority".to_owned(),
        false => name,
    }
}

/// A missing map has no pairs; that is not an error.
fn pairs(guest: &mut Guest<'_>, kind: u32, pointer_at: u32, size_at: u32) -> Outcome {
    let bytes = readable(guest.host(), MapKind::from_abi(kind)?)
        .filter(|headers| !headers.is_empty())
        .map(|headers| write_pairs(headers.raw()))
        .unwrap_or_default();
    guest.give(&bytes, pointer_at, size_at)
}

fn set_pairs(guest: &mut Guest<'_>, kind: u32, at: u32, size: u32) -> Outcome {
    let pairs = guest.pairs(at, size)?;
    *writable(guest.host(), kind)? = pairs
        .into_iter()
        .map(|(name, value)| (name_in(kind, String::from_utf8_lossy(&name).into_owned()), value))
        .collect();
    Ok(())
}

fn value(guest: &mut Guest<'_>, kind: u32, name: u32, name_size: u32, pointer_at: u32, size_at: u32) -> Outcome {
    let name = name_in(kind, guest.text(name, name_size)?);
    let host = guest.host();
    let absent = match host.phase {
        Phase::Log => Status::NotFound,
        _ => Status::BadArgument,
    };
    let headers = readable(host, MapKind::from_abi(kind)?).ok_or(absent)?;
    let value = headers.bytes(&name).ok_or(Status::NotFound)?.to_vec();
    guest.give(&value, pointer_at, size_at)
}

fn add(guest: &mut Guest<'_>, kind: u32, name: u32, name_size: u32, value: u32, value_size: u32) -> Outcome {
    let name = name_in(kind, guest.text(name, name_size)?);
    let value = guest.read(value, value_size)?;
    writable(guest.host(), kind)?.add(name, value);
    Ok(())
}

fn replace(guest: &mut Guest<'_>, kind: u32, name: u32, name_size: u32, value: u32, value_size: u32) -> Outcome {
    let name = name_in(kind, guest.text(name, name_size)?);
    let value = guest.read(value, value_size)?;
    writable(guest.host(), kind)?.set(name, value);
    Ok(())
}

fn remove(guest: &mut Guest<'_>, kind: u32, name: u32, name_size: u32) -> Outcome {
    let name = name_in(kind, guest.text(name, name_size)?);
    writable(guest.host(), kind)?.remove(&name);
    Ok(())
}

fn size(guest: &mut Guest<'_>, kind: u32, result: u32) -> Outcome {
    let headers = readable(guest.host(), MapKind::from_abi(kind)?).ok_or(Status::BadArgument)?;
    let size: usize = headers.raw().map(|(name, value)| name.len().saturating_add(value.len())).sum();
    Ok(guest.write_number(result, size as u32)?)
}

impl Guest<'_> {
    /// The pairs that a module wrote. If Envoy cannot read them, or if there are too many, it goes on without any.
    pub(super) fn pairs(&mut self, at: u32, size: u32) -> Result<Vec<Pair>, Refusal> {
        let bytes = self.read(at, size)?;
        Ok(read_pairs(&bytes).unwrap_or_else(|| {
            self.host().misuse(
                "header pairs that Envoy does not read (more than 1 MiB or 1,024, or broken): it goes on with none",
            );
            Vec::new()
        }))
    }
}
