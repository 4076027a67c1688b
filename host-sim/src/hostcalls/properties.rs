//! Properties by path. `crate::properties` defines them.

use wasmtime::Linker;

use super::{Guest, Outcome, provide};
use crate::abi::Status;
use crate::host::Host;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_get_property" => get, (path: u32, path_size: u32, pointer_at: u32, size_at: u32);
        "proxy_set_property" => set, (path: u32, path_size: u32, value: u32, value_size: u32);
    }
    Ok(())
}

fn get(guest: &mut Guest<'_>, path: u32, path_size: u32, pointer_at: u32, size_at: u32) -> Outcome {
    let path = dotted(guest.text(path, path_size)?);
    let value = guest.host().property(&path).ok_or(Status::NotFound)?;
    guest.give(&value, pointer_at, size_at)
}

fn set(guest: &mut Guest<'_>, path: u32, path_size: u32, value: u32, value_size: u32) -> Outcome {
    let path = dotted(guest.text(path, path_size)?);
    let value = guest.read(value, value_size)?;
    let (_, stream) = guest.host().stream().ok_or(Status::NotFound)?;
    stream.properties.insert(path, value);
    Ok(())
}

/// The parts of a path are separated by NUL, and some SDKs end it with one.
fn dotted(path: String) -> String {
    path.trim_end_matches('\0').replace('\0', ".")
}
