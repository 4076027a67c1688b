//! Shared data in memory, as proxy-wasm has it: what a value is marked with changes whenever it is written. Its clock stands still.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use lua_modifier::pipeline::{SharedData, Unshared};

/// A value and its mark.
type Marked = (Vec<u8>, u32);

/// The shared data of one host.
#[derive(Default)]
pub(super) struct InMemory {
    data: RefCell<BTreeMap<Vec<u8>, Marked>>,
    last: Cell<u32>,
}

impl SharedData for InMemory {
    fn shared_now(&self) -> Result<u64, Unshared> {
        Ok(0)
    }

    fn shared(&self, name: &[u8]) -> Result<Option<Marked>, Unshared> {
        Ok(self.data.borrow().get(name).cloned())
    }

    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared> {
        let present = self.data.borrow().get(name).map(|(_, mark)| *mark);
        if present.is_some_and(|present| mark != 0 && mark != present) {
            return Err(Unshared::Changed);
        }
        self.last.set(self.last.get() + 1);
        self.data.borrow_mut().insert(name.to_vec(), (value.to_vec(), self.last.get()));
        Ok(())
    }
}
