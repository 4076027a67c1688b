//! The shapes of the objects that came last, by their first keys. The objects of one backend are alike in each of its responses, so the
//! shapes stay when a document has been read. Knows no documents.

use std::cell::Cell;

use super::document::{Bytes, Entry};
use super::shape::{Expected, Open, Shape};

/// Some shapes: of the objects whose first keys have the same slot, the last one's.
#[derive(Default)]
pub(super) struct Shapes([Shape; SLOTS]);

/// The place of a shape.
#[derive(Clone, Copy)]
pub(super) struct Slot(usize);

const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 4;

thread_local! {
    static KEPT: Cell<Option<Box<Shapes>>> = const { Cell::new(None) };
}

impl Slot {
    /// The slot of objects whose first key begins with this word.
    #[inline]
    pub(super) fn of(word: u64) -> Self {
        // A short key is the upper half of its word. With the bits of the golden ratio, words that differ little get different slots.
        let mixed = (word ^ word >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self((mixed >> (u64::BITS - SLOT_BITS)) as usize)
    }
}

impl Shapes {
    /// The shapes that were kept. Whoever takes them must keep them, or they are lost.
    pub(super) fn taken() -> Box<Self> {
        KEPT.take().unwrap_or_default()
    }

    /// Keeps the shapes for the next document.
    pub(super) fn keep(self: Box<Self>) {
        KEPT.set(Some(self));
    }

    /// See [`Shape::expected`].
    #[inline]
    pub(super) fn expected(&self, slot: Slot, number: usize, text: &[u8], start: usize) -> Option<Expected> {
        self.0.get(slot.0)?.expected(number, text, start)
    }

    /// See [`Shape::arrange`].
    pub(super) fn arrange(&mut self, slot: Slot, fields: &[Open], bytes: Bytes<'_>, arranged: &mut Vec<Entry>) {
        match self.0.get_mut(slot.0) {
            Some(shape) => shape.arrange(fields, bytes, arranged),
            None => Shape::default().arrange(fields, bytes, arranged),
        }
    }
}
