//! Names of headers that are cheap to copy and to compare. The names that come most often are numbers; others of usual length take
//! no memory either.

use std::borrow::Cow;

use smol_str::{SmolStr, StrExt};

use super::field::is_token;

/// A name in lower case.
#[derive(Clone, Debug)]
pub(super) enum FieldName {
    /// One of `NAMES`, by its number; such a name is never kept as another.
    Known(u8),
    Other(SmolStr),
}

impl FieldName {
    /// The name in lower case.
    pub(super) fn new(name: &str) -> Self {
        if let Some(known) = known(name.as_bytes()) {
            return Self::Known(known);
        }
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_lower { Self::Other(name.into()) } else { Self::new(&name.to_ascii_lowercase_smolstr()) }
    }

    /// The same for a name as the host hands it over. What is not UTF-8 becomes U+FFFD.
    pub(super) fn from_wire(name: &[u8]) -> Self {
        match known(name) {
            Some(known) => Self::Known(known),
            None => Self::new(&std::str::from_utf8(name).map_or_else(|_| String::from_utf8_lossy(name), Cow::Borrowed)),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(number) => NAMES.get(usize::from(*number)).copied().unwrap_or_default(),
            Self::Other(name) => name,
        }
    }

    /// The name's mark.
    pub(super) fn mark(&self) -> u64 {
        match self {
            Self::Known(number) => MARKS.get(usize::from(*number)).copied().unwrap_or_default(),
            Self::Other(name) => mark(name),
        }
    }

    /// Is the name allowed for a header?
    #[inline]
    pub(super) fn is_token(&self) -> bool {
        match self {
            Self::Known(_) => true,
            Self::Other(name) => is_token(name),
        }
    }
}

impl PartialEq for FieldName {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(one), Self::Known(other)) => one == other,
            (Self::Other(one), Self::Other(other)) => is_same(one, other),
            _ => false,
        }
    }
}

impl Eq for FieldName {}

// Names of one length mostly end with other letters.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().last() == other.as_bytes().last() && one == other
}

const NAMES: [&str; 34] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "etag",
    "host",
    "location",
    "origin",
    "referer",
    "server",
    "set-cookie",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-service-time",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-via",
    "x-krakend-completed",
    "x-lua-modifier-cluster",
    "x-real-ip",
    "x-request-id",
];

const MARKS: [u64; NAMES.len()] = marks();

const fn marks() -> [u64; NAMES.len()] {
    let mut marks = [0; NAMES.len()];
    let (mut names, mut places) = (NAMES.as_slice(), marks.as_mut_slice());
    while let (Some((name, other_names)), Some((place, other_places))) = (names.split_first(), places.split_first_mut())
    {
        *place = mark(name);
        (names, places) = (other_names, other_places);
    }
    marks
}

// The number of the name that has this slot; each name has a slot of its own.
const SLOTS: [u8; 64] = slots();
const EMPTY: u8 = u8::MAX;

const fn slots() -> [u8; 64] {
    let mut slots = [EMPTY; 64];
    let (mut names, mut number) = (NAMES.as_slice(), 0);
    while let Some((name, rest)) = names.split_first() {
        if let Some(place) = slots.as_mut_slice().split_at_mut(slot(name.as_bytes())).1.first_mut() {
            assert!(*place == EMPTY, "two names have one slot: choose other factors");
            assert!(name.len() <= LONGEST, "a name is longer than is compared");
            *place = number;
        }
        (names, number) = (rest, number + 1);
    }
    slots
}

// A number below 64, made of a name's length, its ends and its middle. These factors give each of `NAMES` another.
const fn slot(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
    let Some(middle) = name.split_at(name.len() / 2).1.first() else { return 0 };
    let ends = (*first as usize).wrapping_mul(2).wrapping_add((*last as usize).wrapping_mul(36));
    let middle = (*middle as usize).wrapping_mul(5);
    ends.wrapping_add(middle).wrapping_add(name.len().wrapping_mul(61)) & 63
}

// The number of the name, if it is known.
fn known(name: &[u8]) -> Option<u8> {
    let number = *SLOTS.get(slot(name))?;
    let known = NAMES.get(usize::from(number))?;
    is_known(known.as_bytes(), name).then_some(number)
}

// Is the name this known one? Both ends are compared, which are the whole of a name of up to `LONGEST` bytes: a comparison of a length
// that the compiler does not know would be a call.
#[inline]
fn is_known(known: &[u8], name: &[u8]) -> bool {
    #[inline]
    fn ends<const SIZE: usize>(one: &[u8], other: &[u8]) -> Option<bool> {
        let is_first = one.first_chunk::<SIZE>()? == other.first_chunk::<SIZE>()?;
        Some(is_first && one.last_chunk::<SIZE>()? == other.last_chunk::<SIZE>()?)
    }
    let is_same = || ends::<16>(known, name).or_else(|| ends::<8>(known, name)).or_else(|| ends::<4>(known, name));
    known.len() == name.len() && is_same().unwrap_or_else(|| known == name)
}

const LONGEST: usize = 32;

/// One of 64 bits, the same for a name in any case: made of its length and its two ends without the bit that tells cases apart. With
/// these factors the names that are asked for in vain (`x-forwarded-for`) have other bits than those that mostly come (`accept`).
#[inline]
pub(super) const fn mark(name: &str) -> u64 {
    let (Some(first), Some(last)) = (name.as_bytes().first(), name.as_bytes().last()) else { return 1 };
    let ends = (*first & 0x1f) as u32 * 7 + (*last & 0x1f) as u32 * 9;
    1_u64.rotate_left((name.len() as u32).wrapping_mul(3).wrapping_add(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_name_is_found_in_any_case_and_is_itself() {
        for name in NAMES {
            for spelling in [name.to_owned(), name.to_ascii_uppercase()] {
                for found in [FieldName::new(&spelling), FieldName::from_wire(spelling.as_bytes())] {
                    assert!(matches!(found, FieldName::Known(_)), "{spelling}");
                    assert_eq!((found.as_str(), found.is_token()), (name, true));
                }
            }
        }
    }

    #[test]
    fn a_name_that_differs_in_one_place_is_another() {
        for name in NAMES {
            for at in 0..name.len() {
                let mut other = name.as_bytes().to_vec();
                other[at] ^= 1;
                assert!(!is_known(name.as_bytes(), &other), "{name} at {at}");
                assert_ne!(FieldName::from_wire(&other), FieldName::new(name));
            }
        }
    }

    #[test]
    fn other_names_are_kept_as_they_are() {
        let all = [
            "",
            "a",
            "x-a",
            "x-b",
            "accepu",
            "bccept",
            "host ",
            "x-request-ie",
            "x-a-name-that-takes-memory",
            "\u{e9}",
        ];
        for (at, name) in all.iter().enumerate() {
            let kept = FieldName::from_wire(name.as_bytes());
            assert_eq!((kept.as_str(), &kept), (*name, &FieldName::new(name)));
            assert_eq!(all.iter().position(|other| FieldName::new(other) == kept), Some(at));
        }
        assert_eq!(FieldName::from_wire(b"X-\xff").as_str(), "x-\u{fffd}");
    }
}
