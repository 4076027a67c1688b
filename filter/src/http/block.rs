//! Some headers in order; once they are shared, what is asked of them most often is known beforehand: whether a name can be among
//! them, and whether they can be sent as they are. Knows nothing of messages, nor of how they share headers.

use smallvec::SmallVec;

use super::field::FieldValue;
use super::field_name::FieldName;

/// A header: its name and its value.
pub(super) type Entry = (FieldName, FieldValue);

/// Headers in a row. Most messages have few: then the row takes no memory beside its block.
pub(super) type Entries = SmallVec<[Entry; FEW]>;

/// Headers in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// The headers.
    pub(super) entries: Entries,
    // What follows is known of shared headers: the marks of their names, and whether all of them can be sent.
    marks: u64,
    is_sendable: bool,
}

// The number of headers that lie in the block itself.
const FEW: usize = 8;
// Room for these is made, too, where there are more: so many headers the gateway mostly adds to a message.
const USUALLY_ADDED: usize = 6;

impl Block {
    /// Drops all headers, and what is known of them.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        (self.marks, self.is_sendable) = (0, false);
    }

    /// Makes room for headers that will be added.
    pub(super) fn reserve(&mut self, count: usize) {
        if count > FEW {
            self.entries.reserve(count.saturating_add(USUALLY_ADDED));
        }
    }

    /// Looks at all headers, which must not change from now on.
    pub(super) fn settle(&mut self) {
        self.marks = self.entries.iter().fold(0, |marks, (name, _)| marks | name.mark());
        self.is_sendable = self.entries.iter().all(|(name, value)| name.is_token() && !value.has_controls());
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
