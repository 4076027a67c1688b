//! The steps that turn the headers of a held message into others: the fewer there are, the fewer calls of the host.

use smallvec::SmallVec;

use super::block::Entry;
use super::field::FieldValue;
use super::field_name::FieldName;
use super::headers::Headers;

// A name mostly has no more values than these.
const USUALLY: usize = 2;

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

impl Headers {
    /// The steps that turn these headers into `after`, one after the other. Headers that both have from the same message need no step,
    /// and are not even compared.
    pub fn edits<'a>(&'a self, after: &'a Self, mut each: impl FnMut(Edit<'a>)) {
        let (added, gone) = (after.beside(self), self.beside(after));
        let (mut marks, mut repeated) = (self.received_marks() | after.received_marks(), 0);
        added.clone().chain(gone.clone()).for_each(|(name, _)| {
            let mark = name.mark();
            repeated |= marks & mark;
            marks |= mark;
        });
        // Mostly no other header has the name, as its mark shows.
        let is_alone = |name: &FieldName| repeated & name.mark() == 0;
        for (at, (name, value)) in added.clone().enumerate() {
            if is_alone(name) {
                each(Edit::Set(name.as_str(), value.as_bytes()));
            } else if !is_among(name, added.clone().take(at)) {
                self.edits_of(name, after, &mut each);
            }
        }
        for (at, (name, _)) in gone.clone().enumerate() {
            if is_alone(name) {
                each(Edit::Remove(name.as_str()));
            } else if !is_among(name, added.clone().chain(gone.clone().take(at))) {
                self.edits_of(name, after, &mut each);
            }
        }
    }

    // The same for one name, of which other headers may have come, or may have been added.
    #[inline(never)]
    fn edits_of<'a>(&'a self, name: &'a FieldName, after: &'a Self, each: &mut impl FnMut(Edit<'a>)) {
        let values: SmallVec<[&FieldValue; USUALLY]> = after.values(name).collect();
        if self.values(name).eq(values.iter().copied()) {
            return;
        }
        let (mut values, name) = (values.into_iter().map(FieldValue::as_bytes), name.as_str());
        each(values.next().map_or(Edit::Remove(name), |first| Edit::Set(name, first)));
        values.for_each(|value| each(Edit::Add(name, value)));
    }

    /// All steps.
    #[cfg(test)]
    pub(super) fn all_edits<'a>(&'a self, after: &'a Self) -> Vec<Edit<'a>> {
        let mut edits = Vec::new();
        self.edits(after, |edit| edits.push(edit));
        edits
    }
}

fn is_among<'a>(name: &FieldName, mut entries: impl Iterator<Item = &'a Entry>) -> bool {
    entries.any(|(known, _)| known == name)
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
