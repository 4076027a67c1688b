//! Shared data with compare-and-swap, and queues: the data that the VMs of one Envoy share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::abi::Status;

/// A handle; clones share the same store.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<Mutex<Store>>);

#[derive(Debug, Default)]
struct Store {
    data: BTreeMap<(String, Vec<u8>), (Vec<u8>, u32)>,
    last_cas: u32,
    queues: Vec<Queue>,
}

#[derive(Debug)]
struct Queue {
    vm_id: String,
    name: Vec<u8>,
    items: VecDeque<Vec<u8>>,
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, vm_id: &str, key: &[u8]) -> Option<(Vec<u8>, u32)> {
        self.store().data.get(&(vm_id.to_owned(), key.to_vec())).cloned()
    }

    /// Writes a value; a `cas` of 0 always writes.
    pub(crate) fn set(&self, vm_id: &str, key: &[u8], value: Vec<u8>, cas: u32) -> Result<(), Status> {
        let mut store = self.store();
        let key = (vm_id.to_owned(), key.to_vec());
        if let Some((_, present)) = store.data.get(&key)
            && cas != 0
            && cas != *present
        {
            return Err(Status::CasMismatch);
        }
        store.last_cas = store.last_cas.wrapping_add(1).max(1);
        let cas = store.last_cas;
        store.data.insert(key, (value, cas));
        Ok(())
    }

    /// The queue's id; it is never 0.
    pub(crate) fn resolve(&self, vm_id: &str, name: &[u8]) -> Option<u32> {
        let store = self.store();
        let place = store.queues.iter().position(|queue| queue.vm_id == vm_id && queue.name == name)?;
        u32::try_from(place).ok()?.checked_add(1)
    }

    pub(crate) fn register(&self, vm_id: &str, name: &[u8]) -> u32 {
        if let Some(id) = self.resolve(vm_id, name) {
            return id;
        }
        let mut store = self.store();
        store.queues.push(Queue { vm_id: vm_id.to_owned(), name: name.to_vec(), items: VecDeque::new() });
        store.queues.len() as u32
    }

    pub(crate) fn push(&self, id: u32, item: Vec<u8>) -> Result<(), Status> {
        self.queue(id, |queue| queue.items.push_back(item))
    }

    pub(crate) fn pop(&self, id: u32) -> Result<Vec<u8>, Status> {
        self.queue(id, |queue| queue.items.pop_front())?.ok_or(Status::Empty)
    }

    fn queue<T>(&self, id: u32, act: impl FnOnce(&mut Queue) -> T) -> Result<T, Status> {
        let place = (id as usize).checked_sub(1).ok_or(Status::NotFound)?;
        self.store().queues.get_mut(place).map(act).ok_or(Status::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_cas_does_not_write() {
        let shared = Shared::default();
        shared.set("vm", b"k", b"1".to_vec(), 0).unwrap();
        let (_, cas) = shared.get("vm", b"k").unwrap();
        shared.set("vm", b"k", b"2".to_vec(), cas).unwrap();
        assert_eq!(shared.set("vm", b"k", b"3".to_vec(), cas), Err(Status::CasMismatch));
        assert_eq!(shared.get("vm", b"k").unwrap().0, b"2");
        assert_eq!(shared.get("other", b"k"), None);
    }

    #[test]
    fn a_queue_is_first_in_first_out() {
        let shared = Shared::default();
        let id = shared.register("vm", b"q");
        assert_eq!(shared.register("vm", b"q"), id);
        shared.push(id, b"1".to_vec()).unwrap();
        shared.push(id, b"2".to_vec()).unwrap();
        assert_eq!(shared.pop(id).unwrap(), b"1");
        assert_eq!(shared.pop(id).unwrap(), b"2");
        assert_eq!(shared.pop(id), Err(Status::Empty));
        assert_eq!(shared.push(9, vec![]), Err(Status::NotFound));
    }
}
