//! The globals of the running script, for the library functions that need them: all environments of a state share these
//! functions. Does not know what the globals hold.

use std::cell::RefCell;
use std::rc::Rc;

use mlua::Table;

/// The cell that the library and its functions share.
#[derive(Clone, Default)]
pub(super) struct CurrentGlobals(Rc<RefCell<Option<Table>>>);

impl CurrentGlobals {
    /// Called when a script begins or resumes.
    pub(super) fn enter(&self, globals: &Table) {
        self.0.replace(Some(globals.clone()));
    }

    /// Called when no script runs, so that its globals can be collected.
    pub(super) fn leave(&self) {
        self.0.replace(None);
    }

    /// The globals of the running script.
    pub(super) fn get(&self) -> Option<Table> {
        self.0.borrow().clone()
    }
}
