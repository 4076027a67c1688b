//! Frees data that refers to itself. Only a script can close a circle, and only by putting one container into another. Each
//! container that received another one is noted, and emptied when the exchange has ended.

use std::rc::Weak;

use super::list::{self, List};
use super::table::{self, Table};

/// The containers of one exchange into which a script put other containers.
#[derive(Default)]
pub struct Cycles {
    tables: Vec<Weak<table::Held>>,
    lists: Vec<Weak<list::Backing>>,
}

impl Cycles {
    /// Notes a table that received a table or list.
    pub fn note_table(&mut self, table: &Table) {
        let held = table.downgrade();
        // A script that fills one table notes it once.
        if !self.tables.last().is_some_and(|last| last.ptr_eq(&held)) {
            self.tables.push(held);
        }
    }

    /// Notes a list that received a table or list. Call it after the list has received it, because growing may move a list.
    pub fn note_list(&mut self, list: &List) {
        if let Some(backing) = list.downgrade()
            && !self.lists.last().is_some_and(|last| last.ptr_eq(&backing))
        {
            self.lists.push(backing);
        }
    }
}

impl Drop for Cycles {
    fn drop(&mut self) {
        for held in self.tables.drain(..).filter_map(|weak| weak.upgrade()) {
            held.empty();
        }
        for backing in self.lists.drain(..).filter_map(|weak| weak.upgrade()) {
            backing.empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    #[test]
    fn a_table_and_a_list_that_hold_each_other_are_freed() {
        let mut cycles = Cycles::default();
        let (table, mut list) = (Table::new(), List::new());
        list.set(0, Value::Table(table.clone()), 10).unwrap();
        cycles.note_list(&list);
        table.set("list".into(), Value::List(list.clone()));
        cycles.note_table(&table);
        let (held, backing) = (table.downgrade(), list.downgrade().unwrap());
        drop((table, list));
        assert!(held.upgrade().is_some());
        drop(cycles);
        assert!(held.upgrade().is_none() && backing.upgrade().is_none());
    }
}
