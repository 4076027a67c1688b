//! Some headers in order; once they are shared, what is asked of them most often is known beforehand: whether a name can be among
//! them, which names belong to a class, and whether they can be sent as they are. Knows nothing of messages, nor of how they share
//! headers.

use smallvec::SmallVec;

use super::field::FieldValue;
use super::field_name::FieldName;
use super::name_class::{NameClass, NameClasses, SPECIAL};

/// A header: its name and its value.
pub(super) type Entry = (FieldName, FieldValue);

/// Headers in a row. Most messages have few: then the row takes no memory beside its block.
pub(super) type Entries = SmallVec<[Entry; FEW]>;

/// Headers in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The headers.
    pub(super) entries: Entries,
    // What follows is known of shared headers: the marks of their names; of each special class the headers with such a name, a bit for
    // each, the lowest for the first; and whether all of them can be sent.
    marks: u64,
    members: [u64; SPECIAL],
    is_sendable: bool,
}

// The number of headers that lie in the block itself.
const FEW: usize = 8;
// Room for these is made, too, where there are more: so many headers the gateway mostly adds to a message.
const USUALLY_ADDED: usize = 6;

impl Clone for Block {
    #[inline(never)] // Blocks are changed often, and copied rarely.
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), ..*self }
    }
}

impl Block {
    /// Drops all headers, and what is known of them.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        (self.marks, self.members, self.is_sendable) = (0, [0; SPECIAL], false);
    }

    /// Makes room for headers that will be added.
    pub(super) fn reserve(&mut self, count: usize) {
        if count > FEW {
            self.entries.reserve(count.saturating_add(USUALLY_ADDED));
        }
    }

    /// Looks at all headers, which must not change from now on. Only the first 64 have bits.
    pub(super) fn settle(&mut self) {
        let (mut marks, mut members, mut is_sendable, mut bit) = (0, [0; SPECIAL], true, 1);
        for (name, value) in &self.entries {
            marks |= name.mark();
            is_sendable &= name.is_token() && !value.has_controls();
            if let Some(members) = members.get_mut(name.class() as usize) {
                *members |= bit;
            }
            bit <<= 1;
        }
        (self.marks, self.members, self.is_sendable) = (marks, members, is_sendable);
    }

    /// The bits of the shared headers whose names are among these. If usual names are, bits without a header are set, too.
    pub(super) fn members(&self, names: NameClasses) -> u64 {
        let (mut sought, has_usual) =
            if names.have(NameClass::Usual) { (NameClasses::ALL.but(names), true) } else { (names, false) };
        let mut found = 0;
        while let Some(class) = sought.take_first() {
            found |= self.members.get(class).copied().unwrap_or_default();
        }
        if has_usual { !found } else { found }
    }

    /// Can a name with this mark be among the shared headers? `false` is certain, and is known without looking at a header.
    #[inline]
    pub(super) fn may_have(&self, mark: u64) -> bool {
        self.marks & mark != 0
    }

    /// The marks of all shared headers.
    pub(super) fn marks(&self) -> u64 {
        self.marks
    }

    /// Can all of the shared headers be sent: are the names tokens, and the values without control characters?
    pub(super) fn is_sendable(&self) -> bool {
        self.is_sendable
    }
}

#[cfg(test)]
mod tests {
    use super::super::field_name::Name;
    use super::*;

    #[test]
    fn a_name_that_is_there_is_never_denied() {
        for name in ["a", "x-request-id", "X-Request-Id", "", "\u{e9}", "accept", "x-_", "content-type"] {
            let mut block = Block::default();
            block.settle();
            let may_have = |block: &Block, name: &str| block.may_have(Name::from(name).mark());
            assert!(!may_have(&block, name), "{name}");
            block.entries.push((FieldName::new(name), FieldValue::fixed("1")));
            block.settle();
            assert!(may_have(&block, name) && may_have(&block, &name.to_ascii_uppercase()), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_noted() {
        for (name, value, is_sendable) in [("a", "1", true), ("a b", "1", false), ("a", "1\n", false)] {
            let mut block = Block::default();
            block.entries.push((FieldName::new(name), FieldValue::from(value)));
            block.settle();
            assert_eq!(block.is_sendable(), is_sendable, "{name} {value}");
        }
    }
}
