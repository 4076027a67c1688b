//! Frees the content of a container, without recursing once per level: scripts can nest as deep as memory allows, and the stack
//! of a Wasm module is 1 MiB. Knows neither tables nor lists: only that dropping a value may call this code again.

use std::any::Any;
use std::cell::{Cell, RefCell};

/// The number of levels that plain recursion frees, which is the fast way; deeper levels wait in a queue.
const DIRECT: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Drops the content of a container, and everything inside that content, with a limited depth of the stack.
pub(super) fn release<T: 'static>(children: T) {
    // When a thread ends, its variables may be gone already: then the plain drop must be enough.
    let Ok(depth) = DEPTH.try_with(Cell::get) else {
        return;
    };
    if depth >= DIRECT {
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(Box::new(children)));
        return;
    }
    set_depth(depth.saturating_add(1));
    drop(children);
    if depth == 0 {
        while let Some(next) = next_waiting() {
            drop(next);
        }
    }
    set_depth(depth);
}

fn set_depth(depth: u32) {
    let _ = DEPTH.try_with(|cell| cell.set(depth));
}

fn next_waiting() -> Option<Box<dyn Any>> {
    WAITING.try_with(|waiting| waiting.borrow_mut().pop()).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{List, Table, Value};

    #[test]
    fn a_million_levels_are_freed_in_a_small_stack() {
        std::thread::Builder::new()
            .stack_size(128 * 1024)
            .spawn(|| {
                let mut inner = Value::Null;
                for level in 0..1_000_000 {
                    inner = if level % 2 == 0 {
                        let table = Table::new();
                        table.set("n".into(), inner);
                        Value::Table(table)
                    } else {
                        Value::List(List::from(vec![inner]))
                    };
                }
                drop(inner);
            })
            .unwrap()
            .join()
            .unwrap();
    }
}
