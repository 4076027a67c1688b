//! The headers of a message as they came, shared by all messages that are made of it, each of which has some of them. A copy costs
//! no memory, and the headers that a message has lost are found without comparing any.

use super::block::Entry;
use super::field::FieldValue;
use super::field_name::{FieldName, Name};
use super::name_class::NameClasses;
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

    /// Is the name among the headers that came, as is known without looking at one? `false` says nothing.
    #[inline]
    pub(super) fn is_certain_to_have(&self, name: Name<'_>) -> bool {
        // A known name has a mark of its own, and a message mostly has all that came.
        matches!(name, Name::Known(_)) && self.may_have(name.mark()) && self.len() == self.entries().len()
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

    /// Is this the one value of the name?
    pub(super) fn has_only(&self, name: &FieldName, value: &FieldValue) -> bool {
        let mut values = self.iter().filter(|(known, _)| known == name);
        values.next().is_some_and(|(_, first)| first == value) && values.next().is_none()
    }

    /// Keeps the headers that pass.
    pub(super) fn retain(&mut self, mut pass: impl FnMut(&Entry) -> bool) {
        let mut bit = 1;
        for entry in self.block.entries() {
            if self.shown & bit != 0 && !pass(entry) {
                self.shown ^= bit;
            }
            bit <<= 1;
        }
    }

    /// Keeps the headers with these names.
    pub(super) fn keep(&mut self, names: NameClasses) {
        self.shown &= self.members(names);
    }

    /// The headers with these names.
    pub(super) fn only(&self, names: NameClasses) -> Self {
        self.showing(self.shown & self.members(names))
    }

    /// Is one of these names among them?
    pub(super) fn have(&self, names: NameClasses) -> bool {
        self.shown & self.members(names) != 0
    }

    fn members(&self, names: NameClasses) -> u64 {
        self.block.get().map_or(0, |block| block.members(names))
    }

    fn showing(&self, shown: u64) -> Self {
        Self { block: if shown == 0 { SharedBlock::default() } else { self.block.clone() }, shown }
    }

    /// Adds the headers of another message with these names, and gives those that must be copied behind the message's `own` headers:
    /// because the name is among these, or because the other message has another block.
    pub(super) fn add<'a>(&mut self, other: &'a Self, names: NameClasses, own: &[Entry]) -> Shown<'a> {
        let added = other.shown & other.members(names);
        let copied = if !self.is_empty() && !self.block.is_shared_with(&other.block) {
            added
        } else if own.iter().any(|(name, _)| other.may_have(name.mark())) {
            other.named_as(own) & added
        } else {
            0
        };
        if self.is_empty() {
            *self = other.showing(added & !copied);
        } else {
            self.shown |= added & !copied;
        }
        other.those(copied)
    }

    // The bits of the headers whose names are among those of other headers.
    fn named_as(&self, others: &[Entry]) -> u64 {
        let is_among = |name| others.iter().any(|(other, _)| other == name);
        let mut bit = 1;
        self.entries().iter().fold(0, |named, (name, _)| {
            let found = if is_among(name) { named | bit } else { named };
            bit <<= 1;
            found
        })
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
        while self.left != 0 {
            let (entry, is_shown) = (self.entries.next()?, self.left & 1 == 1);
            self.left >>= 1;
            if is_shown {
                return Some(entry);
            }
        }
        None
    }
}
