//! The steps that turn the headers of a held message into others: the fewer there are, the fewer calls of the host.

use smallvec::SmallVec;

use super::field::FieldValue;
use super::field_name::FieldName;
use super::headers::Headers;

// So many headers at most are mostly changed.
const USUALLY: usize = 12;

/// One step that turns the headers of a held message into other headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit<'a> {
    /// Removes all values of this name.
    Remove(&'a str),
    /// Gives the name this one value.
    Set(&'a str, &'a [u8]),
    /// Adds a value to the name.
    Add(&'a str, &'a [u8]),
}

// A header that only one of the two messages has: its name and the name's mark, and its value if that is the later message.
struct Change<'a> {
    name: &'a FieldName,
    value: Option<&'a FieldValue>,
    mark: u64,
}

impl Headers {
    /// The steps that turn these headers into `after`, one after the other. Headers that both have from the same message need no step,
    /// and are not even compared.
    pub fn edits<'a>(&'a self, after: &'a Self, mut each: impl FnMut(Edit<'a>)) {
        let mut changes = SmallVec::<[Change<'a>; USUALLY]>::new();
        let added = after.beside(self).map(|(name, value)| (name, Some(value)));
        let gone = self.beside(after).map(|(name, _)| (name, None));
        let (mut marks, mut repeated) = (self.received_marks() | after.received_marks(), 0);
        added.chain(gone).for_each(|(name, value)| {
            let mark = name.mark();
            repeated |= marks & mark;
            marks |= mark;
            changes.push(Change { name, value, mark });
        });
        for (at, Change { name, value, mark }) in changes.iter().enumerate() {
            // Mostly no other header has the name, as its mark shows.
            if let (Some(value), 0) = (value, repeated & mark) {
                each(Edit::Set(name.as_str(), value.as_bytes()));
                continue;
            }
            let is_known = changes.iter().take(at).any(|known| known.name == *name);
            if is_known || self.values(name).eq(after.values(name)) {
                continue;
            }
            let (mut values, name) = (after.values(name).map(FieldValue::as_bytes), name.as_str());
            each(values.next().map_or(Edit::Remove(name), |first| Edit::Set(name, first)));
            values.for_each(|value| each(Edit::Add(name, value)));
        }
    }

    /// All steps.
    #[cfg(test)]
    pub(super) fn all_edits<'a>(&'a self, after: &'a Self) -> Vec<Edit<'a>> {
        let mut edits = Vec::new();
        self.edits(after, |edit| edits.push(edit));
        edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| (*name, *value)).collect()
    }

    #[test]
    fn edits_name_only_what_changed() {
        let before = headers(&[("a", "1"), ("b", "2"), ("c", "3"), ("c", "4")]);
        let after = headers(&[("a", "1"), ("c", "3"), ("d", "5"), ("d", "6")]);
        let expected = [Edit::Set("c", b"3"), Edit::Set("d", b"5"), Edit::Add("d", b"6"), Edit::Remove("b")];
        assert_eq!(before.all_edits(&after), expected);
        assert_eq!(before.all_edits(&before), []);
    }
}
