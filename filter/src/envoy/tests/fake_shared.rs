//! Shared data in memory, with marks as proxy-wasm has them. A handle: clones are the same data.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Unshared;

type Marked = (Vec<u8>, u32);

#[derive(Clone, Default)]
pub(super) struct FakeShared {
    data: Rc<RefCell<BTreeMap<Vec<u8>, Marked>>>,
    last: Rc<Cell<u32>>,
}

impl FakeShared {
    pub(super) fn get(&self, name: &[u8]) -> Option<Marked> {
        self.data.borrow().get(name).cloned()
    }

    pub(super) fn set(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared> {
        if self.get(name).is_some_and(|(_, present)| mark != 0 && mark != present) {
            return Err(Unshared::Changed);
        }
        self.last.set(self.last.get() + 1);
        self.data.borrow_mut().insert(name.to_vec(), (value.to_vec(), self.last.get()));
        Ok(())
    }
}
