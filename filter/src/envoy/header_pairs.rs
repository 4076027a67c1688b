//! Header pairs as a host hands them over: one text, in which all names and values lie.

use std::ops::Range;

use crate::http::{WirePart, WireText};

/// Names and values as the host has them, in order; names in lower case, pseudo-headers among them.
#[derive(Clone, Default)]
pub struct HeaderPairs {
    text: WireText,
    places: Vec<(Range<usize>, Range<usize>)>,
}

/// A header as the host has it.
pub struct HeaderPair<'a> {
    /// Its name, in lower case.
    pub name: &'a [u8],
    /// Its value.
    pub value: &'a [u8],
    text: &'a WireText,
    place: &'a Range<usize>,
}

impl HeaderPairs {
    /// The pairs whose names and values have these places in the text. A pair with a place outside is left out.
    pub fn new(text: WireText, places: Vec<(Range<usize>, Range<usize>)>) -> Self {
        Self { text, places }
    }

    /// The number of pairs.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The pairs, in order.
    pub fn iter(&self) -> impl Iterator<Item = HeaderPair<'_>> {
        let text = &self.text;
        self.places.iter().filter_map(move |(name, place)| {
            let bytes = text.as_bytes();
            Some(HeaderPair { name: bytes.get(name.clone())?, value: bytes.get(place.clone())?, text, place })
        })
    }
}

impl HeaderPair<'_> {
    /// The value, which shares the memory of all.
    pub(super) fn shared_value(&self) -> WirePart {
        self.text.part(self.place)
    }
}

#[cfg(test)]
impl FromIterator<(String, Vec<u8>)> for HeaderPairs {
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(pairs: I) -> Self {
        let (mut text, mut places) = (Vec::new(), Vec::new());
        for (name, value) in pairs {
            let start = text.len();
            text.extend(name.into_bytes());
            let middle = text.len();
            text.extend(value);
            places.push((start..middle, middle..text.len()));
        }
        Self::new(text.into(), places)
    }
}
