//! The keys of an object whose fields were not in order, and the order of its fields. The next object is often like it: to see that
//! a short key is the same again takes 20 instructions, and to read it 65; to find the order of four fields 250. Knows no values.

use std::cmp::Ordering;

use super::document::{Bytes, Entry, Node, Text};

/// A field of an object that is not complete.
#[derive(Clone, Copy)]
pub(super) struct Open {
    /// The first word of the key (see [`Bytes::first_word`]).
    pub(super) word: u64,
    pub(super) entry: Entry,
}

/// The keys and the order that were found last.
#[derive(Default)]
pub(super) struct Shape {
    places: Vec<Place>,
    /// Whether two objects had these keys, so that a third one is expected to have them.
    is_repeated: bool,
}

#[derive(Clone, Copy)]
struct Place {
    /// The first word of the key that stands here in the text.
    word: u64,
    /// The key, a quote and a colon as they lie in memory, at the end of a word; without the colon if it does not fit. (To turn the
    /// bytes of a word around is one instruction for a processor, and thirty in Wasm.)
    quoted: u64,
    /// The number of bits in front of them; more than there are, if the key must be read.
    spare: u32,
    /// The length of the key in bytes.
    length: u32,
    /// The field that belongs here.
    field: u32,
}

const WORD: u32 = u64::BITS;

/// A shorter key fits into a word with a colon.
const WITH_COLON: u32 = 7;

/// A key that was expected, and is there.
#[derive(Clone, Copy)]
pub(super) struct Expected {
    /// Its first word.
    pub(super) word: u64,
    /// Its length in bytes.
    pub(super) length: usize,
    /// Whether there is a colon right behind its quote. If not, there may be one farther behind.
    pub(super) has_colon: bool,
}

impl Place {
    /// Makes the place expect this key, whose first word it knows.
    fn expect(&mut self, key: Text) {
        self.length = u32::try_from(key.len()).unwrap_or(u32::MAX);
        let (behind, bytes): (u64, u32) = match self.length {
            ..WITH_COLON => (u64::from_be_bytes(*b"\0\0\0\0\0\0\":"), 2),
            _ => (u64::from(b'"'), 1),
        };
        let taken = self.length.saturating_add(bytes).saturating_mul(8);
        self.spare = if key.is_verbatim() { WORD.checked_sub(taken).unwrap_or(WORD) } else { WORD };
        self.quoted = self.word.checked_shr(self.spare).map_or(0, |key| (key | behind).swap_bytes());
    }
}

/// If there are more fields than this, the standard library sorts them.
const MANY: usize = 32;

/// Of an object with more fields than this, nothing is kept: shapes outlive their documents.
const MOST: usize = 256;

/// In the place of a field that is not there.
const NOTHING: Entry = Entry { key: Text::NONE, node: Node::Null };

impl Shape {
    /// The key that starts at a place, if that is a short key and the last object had the same key at the same place in its text.
    #[inline]
    pub(super) fn expected(&self, number: usize, text: &[u8], start: usize) -> Option<Expected> {
        let place = self.places.get(number).filter(|_| self.is_repeated)?;
        let word = u64::from_le_bytes(*text.get(start..)?.first_chunk()?);
        let is_there = word.checked_shl(place.spare)? == place.quoted;
        let Place { word, length, .. } = *place;
        is_there.then_some(Expected { word, length: length as usize, has_colon: length < WITH_COLON })
    }

    /// Appends fields in the order of their keys. The last of several equal keys wins.
    pub(super) fn arrange(&mut self, fields: &[Open], bytes: Bytes<'_>, arranged: &mut Vec<Entry>) {
        let same = |(place, field): (&Place, &Open)| place.word == field.word;
        let is_known = self.places.len() == fields.len() && self.places.iter().zip(fields).all(same);
        let is_reusable = is_known || self.find(fields, bytes);
        arranged.extend(
            self.places.iter().map(|place| fields.get(place.field as usize).map_or(NOTHING, |field| field.entry)),
        );
        if fields.len() > MOST {
            self.places = Vec::new();
        } else if !is_reusable {
            self.places.clear();
        } else if !is_known {
            self.places.iter_mut().zip(fields).for_each(|(place, field)| place.word = field.word);
        } else if !self.is_repeated {
            self.places.iter_mut().zip(fields).for_each(|(place, field)| place.expect(field.entry.key));
        }
        self.is_repeated = is_known;
    }

    /// Finds the order, and says whether it depends on the first words of the keys alone.
    #[inline(never)]
    fn find(&mut self, fields: &[Open], bytes: Bytes<'_>) -> bool {
        let key =
            |place: &Place| bytes.of(fields.get(place.field as usize).map_or(Text::NONE, |field| field.entry.key));
        let order = |a: &Place, b: &Place| match a.word.cmp(&b.word) {
            Ordering::Equal => key(a).cmp(key(b)).then(a.field.cmp(&b.field)),
            first => first,
        };
        self.places.clear();
        self.places.reserve(fields.len().max(MANY));
        self.places.extend(fields.iter().zip(0..).map(|(field, number)| Place {
            word: field.word,
            quoted: 0,
            spare: WORD,
            length: 0,
            field: number,
        }));
        if fields.len() > MANY {
            self.places.sort_unstable_by(order)
        } else {
            sort_few(&mut self.places, order)
        }
        let is_reusable = self.places.is_sorted_by(|a, b| a.word < b.word);
        if !is_reusable {
            self.places.dedup_by(|later, kept| {
                let same = key(later) == key(kept);
                if same {
                    *kept = *later;
                }
                same
            });
        }
        is_reusable
    }
}

/// Moves each to its place among those in front of it, step by step: with few fields the steps cost less than a search for the place.
#[inline]
fn sort_few(places: &mut [Place], order: impl Fn(&Place, &Place) -> Ordering) {
    for at in 1..places.len() {
        let Some((sorted, [free, ..])) = places.split_at_mut_checked(at) else { return };
        let (moved, mut free) = (*free, free);
        for place in sorted.iter_mut().rev() {
            if order(place, &moved).is_le() {
                break;
            }
            *free = *place;
            free = place;
        }
        *free = moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a text, in which each field is a letter and a digit, in the order of the letters.
    fn arranged(shape: &mut Shape, source: &str, key_length: usize) -> String {
        let bytes = Bytes { source: source.as_bytes(), mended: &[] };
        let fields = source.split(',').scan(0, |start, part| {
            let key = Text::in_source(*start, *start + key_length, true);
            let value = Text::in_source(*start + key_length, *start + part.len(), true);
            *start += part.len() + 1;
            Some(Open { word: bytes.first_word(key), entry: Entry { key, node: Node::String(value) } })
        });
        let mut out = Vec::new();
        shape.arrange(&fields.collect::<Vec<_>>(), bytes, &mut out);
        let text = |text| String::from_utf8_lossy(bytes.of(text)).into_owned();
        let shown = out.iter().map(|entry| match entry.node {
            Node::String(value) => text(entry.key) + &text(value),
            _ => String::new(),
        });
        shown.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn one_shape_arranges_objects_that_are_alike_and_others() {
        let mut shape = Shape::default();
        for (source, wanted) in [
            ("b1,a2,c3", "a2,b1,c3"),
            ("b4,a5,c6", "a5,b4,c6"),
            ("b1,c2,a3", "a3,b1,c2"),
            ("b1,a2", "a2,b1"),
            ("b1,a2,b3", "a2,b3"),
            ("b1,a2,b3,a4,a5", "a5,b3"),
            ("b1,a2,b3", "a2,b3"),
        ] {
            assert_eq!(arranged(&mut shape, source, 1), wanted);
        }
    }

    #[test]
    fn keys_that_begin_with_the_same_word_are_compared_as_a_whole() {
        let mut shape = Shape::default();
        for (source, wanted) in [
            ("eight_nnb1,eight_nna2", "eight_nna2,eight_nnb1"),
            ("eight_nna1,eight_nnb2", "eight_nna1,eight_nnb2"),
            ("eight_nnb1,eight_nna2,eight_nnb3", "eight_nna2,eight_nnb3"),
        ] {
            assert_eq!(arranged(&mut shape, source, 9), wanted);
        }
    }

    #[test]
    fn many_fields_are_arranged_like_few() {
        for count in [2_u32, 63, 64, 65, 500] {
            let field = |n: u32| format!("{:04}{}", n * 7919 % count, n % 10);
            let source: Vec<String> = (0..count).map(field).collect();
            let mut wanted = source.clone();
            wanted.sort();
            assert_eq!(arranged(&mut Shape::default(), &source.join(","), 4), wanted.join(","), "{count}");
            let twice = [source.join(","), source.join(",").replace(',', "x,") + "x"].join(",");
            let last: Vec<String> = wanted.iter().map(|field| format!("{field}x")).collect();
            assert_eq!(arranged(&mut Shape::default(), &twice, 4), last.join(","), "{count} twice");
        }
    }
}
