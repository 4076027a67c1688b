//! The globals of the script that runs, for the functions of the library that need to know them: all environments of a
//! state share these functions. Knows nothing of what is in the globals.

use std::cell::RefCell;
use std::rc::Rc;

use mlua::Table;

/// The cell that the library and its functions share.
#[derive(Clone, Default)]
pub(super) struct CurrentGlobals(Rc<RefCell<Option<Table>>>);

impl CurrentGlobals {
    /// A script begins, or goes on.
    pub(super) fn enter(&self, globals: &Table) {
        self.0.replace(Some(globals.clone()));
    }

    /// No script runs: its globals can be collected.
    pub(super) fn leave(&self) {
        self.0.replace(None);
    }

    /// The globals of the script that runs.
    pub(super) fn get(&self) -> Option<Table> {
        self.0.borrow().clone()
    }
}
