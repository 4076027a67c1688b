//! Blocks of headers that several messages may share. A block that nobody has any more waits, empty, for the next message: memory that
//! was used a moment ago costs less than new memory. Knows nothing of what messages do with their headers.

use std::cell::RefCell;
use std::rc::Rc;

use super::block::{Block, Entry};

/// A block, or none where there was never a header. Copies share the block until one of them changes it.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedBlock(Option<Rc<Block>>);

/// So many blocks wait at most.
const MOST: usize = 32;

/// A block with room for more headers than these does not wait.
const LARGEST: usize = 32;

thread_local! {
    static WAITING: RefCell<Vec<Rc<Block>>> = const { RefCell::new(Vec::new()) };
}

impl SharedBlock {
    /// A block of these headers.
    pub(super) fn of(entries: impl Iterator<Item = Entry>) -> Self {
        let mut shared = Self::default();
        shared.owned().entries.extend(entries);
        shared
    }

    /// The block, if there is one.
    #[inline]
    pub(super) fn get(&self) -> Option<&Block> {
        self.0.as_deref()
    }

    /// The headers.
    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        self.get().map_or(&[], |block| block.entries.as_slice())
    }

    /// Is it the same block, rather than one that is like it?
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(block), Some(other)) => Rc::ptr_eq(block, other),
            _ => false,
        }
    }

    /// The block, if no other message has it.
    pub(super) fn unshared(&mut self) -> Option<&mut Block> {
        self.0.as_mut().and_then(Rc::get_mut)
    }

    /// The block, to be changed: a new one if there is none, or a copy if other messages have it.
    pub(super) fn owned(&mut self) -> &mut Block {
        Rc::make_mut(self.0.get_or_insert_with(waiting))
    }
}

impl Drop for SharedBlock {
    #[inline]
    fn drop(&mut self) {
        if let Some(block) = self.0.take() {
            give_back(block);
        }
    }
}

// An empty block.
#[inline(never)]
fn waiting() -> Rc<Block> {
    let waiting = WAITING.try_with(|waiting| waiting.try_borrow_mut().ok()?.pop());
    waiting.ok().flatten().unwrap_or_default()
}

#[inline(never)]
fn give_back(mut block: Rc<Block>) {
    let Some(unshared) = Rc::get_mut(&mut block) else { return };
    unshared.clear();
    if unshared.entries.capacity() > LARGEST {
        return;
    }
    let _ = WAITING.try_with(|waiting| {
        if let Ok(mut waiting) = waiting.try_borrow_mut()
            && waiting.len() < MOST
        {
            waiting.push(block);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::field::FieldValue;
    use super::super::field_name::FieldName;
    use super::*;

    fn entries(count: usize) -> impl Iterator<Item = Entry> {
        (0..count).map(|number| (FieldName::new("a"), FieldValue::from(number as u64)))
    }

    fn waiting_blocks() -> usize {
        WAITING.with_borrow(Vec::len)
    }

    #[test]
    fn a_block_that_is_used_again_has_nothing_of_its_last_message() {
        let mut first = SharedBlock::of(entries(3));
        first.owned().settle();
        let copy = first.clone();
        drop(first);
        assert_eq!((waiting_blocks(), copy.entries().len()), (0, 3), "a copy still has it");
        let mark = FieldName::new("a").mark();
        assert!(copy.get().unwrap().may_have(mark));
        drop(copy);
        assert_eq!(waiting_blocks(), 1);
        let mut next = SharedBlock::default();
        let block = next.owned();
        assert!(block.entries.is_empty() && !block.may_have(mark) && !block.is_sendable());
        assert_eq!(waiting_blocks(), 0);
    }

    #[test]
    fn a_block_is_copied_before_a_message_changes_what_others_have() {
        let mut one = SharedBlock::of(entries(2));
        let other = one.clone();
        assert!(one.is_shared_with(&other) && one.unshared().is_none());
        one.owned().entries.clear();
        assert!(!one.is_shared_with(&other));
        assert_eq!((one.entries().len(), other.entries().len()), (0, 2));
    }

    #[test]
    fn few_blocks_wait_and_no_large_ones() {
        drop(SharedBlock::of(entries(LARGEST + 1)));
        assert_eq!(waiting_blocks(), 0);
        let many: Vec<_> = (0..MOST + 8).map(|_| SharedBlock::of(entries(1))).collect();
        drop(many);
        assert_eq!(waiting_blocks(), MOST);
    }
}
