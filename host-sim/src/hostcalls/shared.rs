//! Shared data and shared queues.

use wasmtime::Linker;

use super::{Guest, Outcome, provide};
use crate::abi::Status;
use crate::host::Host;
use crate::shared::Shared;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    provide! { linker;
        "proxy_get_shared_data" => get, (key: u32, key_size: u32, pointer_at: u32, size_at: u32, cas_at: u32);
        "proxy_set_shared_data" => set, (key: u32, key_size: u32, value: u32, value_size: u32, cas: u32);
        "proxy_register_shared_queue" => register, (name: u32, name_size: u32, id_at: u32);
        "proxy_resolve_shared_queue" => resolve, (vm: u32, vm_size: u32, name: u32, name_size: u32, id_at: u32);
        "proxy_enqueue_shared_queue" => enqueue, (id: u32, item: u32, item_size: u32);
        "proxy_dequeue_shared_queue" => dequeue, (id: u32, pointer_at: u32, size_at: u32);
    }
    Ok(())
}

fn shared(guest: &mut Guest<'_>) -> (Shared, String) {
    let settings = &guest.host().settings;
    (settings.shared.clone(), settings.vm_id.clone())
}

fn get(guest: &mut Guest<'_>, key: u32, key_size: u32, pointer_at: u32, size_at: u32, cas_at: u32) -> Outcome {
    let key = guest.read(key, key_size)?;
    let (shared, vm_id) = shared(guest);
    let (value, cas) = shared.get(&vm_id, &key).ok_or(Status::NotFound)?;
    guest.give(&value, pointer_at, size_at)?;
    Ok(guest.write_number(cas_at, cas)?)
}

fn set(guest: &mut Guest<'_>, key: u32, key_size: u32, value: u32, value_size: u32, cas: u32) -> Outcome {
    let key = guest.read(key, key_size)?;
    let value = guest.read(value, value_size)?;
    let (shared, vm_id) = shared(guest);
    Ok(shared.set(&vm_id, &key, value, cas)?)
}

fn register(guest: &mut Guest<'_>, name: u32, name_size: u32, id_at: u32) -> Outcome {
    let name = guest.read(name, name_size)?;
    let (shared, vm_id) = shared(guest);
    Ok(guest.write_number(id_at, shared.register(&vm_id, &name))?)
}

/// An empty VM id stands for the module's own.
fn resolve(guest: &mut Guest<'_>, vm: u32, vm_size: u32, name: u32, name_size: u32, id_at: u32) -> Outcome {
    let (shared, own) = shared(guest);
    let vm_id = Some(guest.text(vm, vm_size)?).filter(|vm_id| !vm_id.is_empty()).unwrap_or(own);
    let name = guest.read(name, name_size)?;
    let id = shared.resolve(&vm_id, &name).ok_or(Status::NotFound)?;
    Ok(guest.write_number(id_at, id)?)
}

fn enqueue(guest: &mut Guest<'_>, id: u32, item: u32, item_size: u32) -> Outcome {
    let item = guest.read(item, item_size)?;
    Ok(shared(guest).0.push(id, item)?)
}

fn dequeue(guest: &mut Guest<'_>, id: u32, pointer_at: u32, size_at: u32) -> Outcome {
    let item = shared(guest).0.pop(id)?;
    guest.give(&item, pointer_at, size_at)
}
