//! The headers of a message as they came, shared by all messages that are made of it, each of which has some of them. A copy costs
//! no memory, and the headers that a message has lost are found without comparing any.

use super::block::Entry;
use super::field_name::Name;
use super::shared_block::SharedBlock;

/// Those headers of a message that came which another message still has.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    block: SharedBlock,
    // A bit for each header, the lowest for the first: whether the message has it.
    shown: u64,
}

impl Received {
    /// All headers that came; `None` if there are more than can be shared.
    pub(super) fn new(block: &mut SharedBlock) -> Option<Self> {
        let unused = u64::BITS.checked_sub(u32::try_from(block.entries().len()).ok()?)?;
        let Some(shown) = u64::MAX.checked_shr(unused) else { return Some(Self::default()) };
        block.owned().settle();
        Some(Self { block: std::mem::take(block), shown })
    }

    /// Is there none?
    pub(super) fn is_empty(&self) -> bool {
        self.shown == 0
    }

    /// The number of headers.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.shown.count_ones()).unwrap_or(usize::MAX)
    }

    /// Can all of them be sent: are the names tokens, and the values without control characters?
    pub(super) fn is_sendable(&self) -> bool {
        self.block.get().is_none_or(|block| block.is_sendable())
    }

    /// Can a name with this mark be among those that came?
    #[inline]
    pub(super) fn may_have(&self, mark: u64) -> bool {
        self.block.get().is_some_and(|block| block.may_have(mark))
    }

    /// Are the headers of this name those that the other message has from the same block? `false` says nothing.
    pub(super) fn has_the_same(&self, name: Name<'_>, other: &Self) -> bool {
        if !self.block.is_shared_with(&other.block) {
            return !self.may_have(name.mark()) && !other.may_have(name.mark());
        }
        // Mostly they have lost the same headers, or none.
        let lost = self.shown ^ other.shown;
        lost == 0 || !self.may_have(name.mark()) || self.those(lost).all(|(known, _)| !name.calls(known))
    }

    /// The marks of all headers that came.
    pub(super) fn marks(&self) -> u64 {
        self.block.get().map_or(0, |block| block.marks())
    }

    /// The headers, in order.
    pub(super) fn iter(&self) -> Shown<'_> {
        self.those(self.shown)
    }

    /// The headers that the other message does not have from the same block.
    pub(super) fn without(&self, other: &Self) -> Shown<'_> {
        self.those(if self.block.is_shared_with(&other.block) { self.shown & !other.shown } else { self.shown })
    }

    fn those(&self, left: u64) -> Shown<'_> {
        Shown { entries: self.entries().iter(), left }
    }

    fn entries(&self) -> &[Entry] {
        self.block.entries()
    }

    /// Keeps the headers that pass.
    pub(super) fn retain(&mut self, pass: impl FnMut(&Entry) -> bool) {
        self.shown = self.passing(pass);
    }

    /// The headers that pass.
    pub(super) fn only(&self, pass: impl FnMut(&Entry) -> bool) -> Self {
        let shown = self.passing(pass);
        Self { block: if shown == 0 { SharedBlock::default() } else { self.block.clone() }, shown }
    }

    fn passing(&self, mut pass: impl FnMut(&Entry) -> bool) -> u64 {
        let (mut passing, mut bit) = (self.shown, 1);
        for entry in self.entries() {
            if passing & bit != 0 && !pass(entry) {
                passing ^= bit;
            }
            bit <<= 1;
        }
        passing
    }

    /// Adds the headers of another message that pass. `false` if they must be copied, because they are of another block.
    pub(super) fn add(&mut self, other: &Self, pass: impl FnMut(&Entry) -> bool) -> bool {
        if self.is_empty() {
            *self = other.only(pass);
        } else if self.block.is_shared_with(&other.block) {
            self.shown |= other.passing(pass);
        } else {
            return other.is_empty();
        }
        true
    }
}

/// Some headers of a block, in order.
#[derive(Clone, Default)]
pub(super) struct Shown<'a> {
    entries: std::slice::Iter<'a, Entry>,
    left: u64,
}

impl<'a> Iterator for Shown<'a> {
    type Item = &'a Entry;

    #[inline]
    fn next(&mut self) -> Option<&'a Entry> {
        loop {
            let (entry, is_shown) = (self.entries.next()?, self.left & 1 == 1);
            self.left >>= 1;
            if is_shown {
                return Some(entry);
            }
        }
    }
}
