//! Objects that are used again: an object that a script got by the quick way is free once its stage is over, because no other
//! stage can reach it. A new object takes 1,500 instructions more, most of them the collector's, which also frees what the
//! object holds much later, in other memory than the next exchange would take. Knows no kinds and no methods.
//!
//! Each use of `unsafe` fills or clears the memory of an object that a table of the pool refers to, and no script.
#![allow(unsafe_code, reason = "the memory is Lua's")]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::rc::Rc;

use mlua::{AnyUserData, Lua, Result, Table};

use super::objects::{Kind, clear, empty, fill};

/// The most objects of one kind that are kept.
const MOST: u32 = 128;

/// The numbers of kinds end before this one.
const KINDS: usize = 8;

/// The objects of a state that are used again.
pub(super) struct Pool {
    // It refers to all objects, so that they stay alive.
    kept: Table,
    objects: RefCell<Vec<Object>>,
    free: [Cell<Chain>; KINDS],
    counts: [Cell<u32>; KINDS],
    // The last kind of which there were too few, and how many were missing.
    missed: Cell<Option<(KindOf, u32)>>,
}

/// An object of a pool, and the next in its chain.
struct Object {
    memory: NonNull<c_void>,
    clear: unsafe fn(*mut c_void),
    kind: usize,
    next: Chain,
}

/// The number of a chain's first object, from 1 on; 0: the chain is empty.
type Chain = usize;

/// What the pool knows of a kind.
#[derive(Clone, Copy)]
struct KindOf {
    number: usize,
    make: fn(&Lua) -> Result<AnyUserData>,
    clear: unsafe fn(*mut c_void),
}

/// The objects that the scripts of a stage were given. They are free when this is dropped, after the scripts.
pub struct Objects {
    pool: Rc<Pool>,
    first: Chain,
}

thread_local! {
    // The pool of the script that runs, and the chain of its stage's objects.
    static TURN: Cell<Option<(Rc<Pool>, Chain)>> = const { Cell::new(None) };
}

/// Puts an object into memory that was used before. The running script's stage gets it.
pub(super) fn reuse<T: Kind>(object: T) -> std::result::Result<NonNull<c_void>, T> {
    let Ok(number) = usize::try_from(T::NUMBER) else { return Err(object) };
    let Some(memory) = taken(KindOf { number, make: empty::<T>, clear: clear::<T> }) else { return Err(object) };
    // SAFETY: the pool made it for an object of this kind, and gave it to nobody else.
    unsafe { fill(memory.as_ptr(), object) };
    Ok(memory)
}

// Not generic: the module has it once.
fn taken(kind: KindOf) -> Option<NonNull<c_void>> {
    TURN.with(|turn| {
        let (pool, first) = turn.take()?;
        let taken = pool.take(kind, first);
        turn.set(Some((pool, taken.map_or(first, |(number, _)| number))));
        taken.map(|(_, memory)| memory)
    })
}

impl Objects {
    /// Lets a script of the stage run.
    pub(super) fn during<R>(&mut self, lua: &Lua, turn: impl FnOnce() -> R) -> R {
        TURN.set(Some((Rc::clone(&self.pool), self.first)));
        let done = turn();
        if let Some((_, first)) = TURN.take() {
            self.first = first;
        }
        if let Some((kind, count)) = self.pool.missed.take() {
            // Without memory the pool stays as it is.
            let _ = self.pool.grow(lua, kind, count);
        }
        done
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.pool.give_back(self.first);
    }
}

impl Pool {
    pub(super) fn new(lua: &Lua) -> Result<Rc<Self>> {
        Ok(Rc::new(Self {
            kept: lua.create_table()?,
            objects: RefCell::default(),
            free: Default::default(),
            counts: Default::default(),
            missed: Cell::default(),
        }))
    }

    /// A stage that has no objects so far.
    pub(super) fn objects(self: &Rc<Self>) -> Objects {
        Objects { pool: Rc::clone(self), first: 0 }
    }

    // Moves a free object to the front of this chain.
    fn take(&self, kind: KindOf, first: Chain) -> Option<(Chain, NonNull<c_void>)> {
        let free = self.free.get(kind.number)?;
        let mut objects = self.objects.borrow_mut();
        let number = free.get();
        let Some(object) = objects.get_mut(number.wrapping_sub(1)) else {
            let count = self.missed.get().filter(|(of, _)| of.number == kind.number).map_or(0, |(_, count)| count);
            self.missed.set(Some((kind, count.saturating_add(1))));
            return None;
        };
        free.set(object.next);
        object.next = first;
        Some((number, object.memory))
    }

    fn give_back(&self, mut chain: Chain) {
        loop {
            let (memory, clear) = {
                let mut objects = self.objects.borrow_mut();
                let Some(object) = objects.get_mut(chain.wrapping_sub(1)) else { return };
                if let Some(free) = self.free.get(object.kind) {
                    chain = std::mem::replace(&mut object.next, free.replace(chain));
                }
                (object.memory, object.clear)
            };
            // SAFETY: no script can reach the object, and the pool gives it away only after this.
            unsafe { clear(memory.as_ptr()) };
        }
    }

    #[cold]
    fn grow(&self, lua: &Lua, kind: KindOf, count: u32) -> Result<()> {
        let KindOf { number, make, clear } = kind;
        let (Some(free), Some(known)) = (self.free.get(number), self.counts.get(number)) else { return Ok(()) };
        for _ in 0..count.min(MOST.saturating_sub(known.get())) {
            let data = make(lua)?;
            self.kept.raw_push(&data)?;
            let Some(memory) = NonNull::new(data.to_pointer().cast_mut()) else { return Ok(()) };
            let mut objects = self.objects.borrow_mut();
            objects.push(Object { memory, clear, kind: number, next: free.get() });
            free.set(objects.len());
            known.set(known.get().saturating_add(1));
        }
        Ok(())
    }
}
