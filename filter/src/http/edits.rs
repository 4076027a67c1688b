//! The steps that turn the headers of a held message into others: the fewer there are, the fewer calls of the host.

use super::field::FieldValue;
use super::headers::Headers;

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
    /// The steps that turn these headers into `after`. Headers that both have from the same message need no step, and are not
    /// even compared.
    pub fn edits<'a>(&'a self, after: &'a Self) -> Vec<Edit<'a>> {
        let mut edits = Vec::new();
        let names = after.beside(self).chain(self.beside(after)).map(|(name, _)| name);
        for (position, name) in names.clone().enumerate() {
            let is_known = names.clone().take(position).any(|known| known == name);
            if is_known || self.values(name).eq(after.values(name)) {
                continue;
            }
            let (mut values, name) = (after.values(name).map(FieldValue::as_bytes), name.as_str());
            edits.push(values.next().map_or(Edit::Remove(name), |first| Edit::Set(name, first)));
            edits.extend(values.map(|value| Edit::Add(name, value)));
        }
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
        assert_eq!(before.edits(&after), expected);
        assert_eq!(before.edits(&before), []);
    }
}
