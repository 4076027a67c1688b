//! Metrics.

use wasmtime::Linker;

use super::{Guest, Outcome, provide};
use crate::host::Host;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_define_metric" => define, (kind: u32, name: u32, name_size: u32, id_at: u32);
        "proxy_increment_metric" => increment, (id: u32, offset: i64);
        "proxy_record_metric" => record, (id: u32, value: u64);
        "proxy_get_metric" => get, (id: u32, value_at: u32);
    }
    Ok(())
}

fn define(guest: &mut Guest<'_>, kind: u32, name: u32, name_size: u32, id_at: u32) -> Outcome {
    let name = guest.text(name, name_size)?;
    let id = guest.host().metrics.define(kind, name)?;
    Ok(guest.write_number(id_at, id)?)
}

fn increment(guest: &mut Guest<'_>, id: u32, offset: i64) -> Outcome {
    Ok(guest.host().metrics.increment(id, offset)?)
}

fn record(guest: &mut Guest<'_>, id: u32, value: u64) -> Outcome {
    Ok(guest.host().metrics.record(id, value)?)
}

fn get(guest: &mut Guest<'_>, id: u32, value_at: u32) -> Outcome {
    let value = guest.host().metrics.get(id)?;
    Ok(guest.write(value_at, &value.to_le_bytes())?)
}
