//! Names of headers that are cheap to copy and to compare. The names that come most often are numbers; others of usual length take
//! no memory either.

use std::borrow::Cow;

use smol_str::{SmolStr, StrExt};

use super::field::is_token;
use super::name_class::NameClass;

/// A name in lower case.
#[derive(Clone, Debug)]
pub(super) enum FieldName {
    /// One of `NAMES`, by its number; such a name is never kept as another.
    Known(u8),
    Other(SmolStr),
}

impl FieldName {
    /// The name in lower case.
    #[inline]
    pub(super) fn new(name: &str) -> Self {
        known(name.as_bytes()).map_or_else(|| Self::other(name), Self::Known)
    }

    /// The same for a name as the host hands it over. What is not UTF-8 becomes U+FFFD.
    pub(super) fn from_wire(name: &[u8]) -> Self {
        match known(name) {
            Some(known) => Self::Known(known),
            None => {
                Self::other(&std::str::from_utf8(name).map_or_else(|_| String::from_utf8_lossy(name), Cow::Borrowed))
            }
        }
    }

    // A name that is not known as it is spelled.
    #[inline(never)]
    fn other(name: &str) -> Self {
        if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Self::Other(name.into());
        }
        let lower = name.to_ascii_lowercase_smolstr();
        known(lower.as_bytes()).map_or(Self::Other(lower), Self::Known)
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(number) => NAMES.get(usize::from(*number)).copied().unwrap_or_default(),
            Self::Other(name) => name,
        }
    }

    /// The name's mark: names with different marks are different. The usual names have a mark each.
    pub(super) fn mark(&self) -> u64 {
        match self {
            Self::Known(number) => mark_of_known(*number),
            Self::Other(name) => mark_of_other(name.as_bytes()),
        }
    }

    /// The name's class.
    #[inline]
    pub(super) fn class(&self) -> NameClass {
        match self {
            Self::Known(number) => CLASSES.get(usize::from(*number)).copied().unwrap_or(NameClass::Usual),
            Self::Other(name) => NameClass::of(name.as_bytes()),
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

/// One of the names that come most often, by its number: it is found among others without comparing letters.
#[derive(Clone, Copy, Debug)]
pub struct KnownName(u8);

impl KnownName {
    /// The known name with this spelling. For any other the compiler stops: this is for constants alone.
    pub(super) const fn of(name: &str) -> Self {
        let (mut names, mut number) = (NAMES.as_slice(), 0);
        while let Some((known, others)) = names.split_first() {
            if is_spelled(known.as_bytes(), name.as_bytes()) {
                return Self(number);
            }
            (names, number) = (others, number + 1);
        }
        unknown()
    }

    /// The name in lower case.
    pub const fn as_str(self) -> &'static str {
        match NAMES.as_slice().split_at(self.0 as usize).1 {
            [name, ..] => name,
            [] => "",
        }
    }
}

const fn is_spelled(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([first, one @ ..], [same, other @ ..]) => *first == *same && is_spelled(one, other),
        _ => false,
    }
}

const fn unknown() -> KnownName {
    assert!(NAMES.is_empty(), "this is not one of the known names");
    KnownName(0)
}

/// A name that headers are asked for, or get: any text, in any case, or a known one.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// One of the names that come most often.
    Known(KnownName),
    /// Any name.
    Text(&'a str),
}

impl From<KnownName> for Name<'_> {
    fn from(name: KnownName) -> Self {
        Self::Known(name)
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(name: &'a str) -> Self {
        Self::Text(name)
    }
}

impl<'a> From<&'a String> for Name<'a> {
    fn from(name: &'a String) -> Self {
        Self::Text(name)
    }
}

impl Name<'_> {
    /// The name's mark.
    #[inline]
    pub(super) fn mark(self) -> u64 {
        match self {
            Self::Known(known) => mark_of_known(known.0),
            Self::Text(name) => mark(name),
        }
    }

    /// Is the header called so?
    #[inline]
    pub(super) fn calls(self, header: &FieldName) -> bool {
        match (self, header) {
            (Self::Known(known), FieldName::Known(number)) => known.0 == *number,
            (Self::Known(_), FieldName::Other(_)) => false,
            (Self::Text(name), header) => is_same_in_any_case(header.as_str(), name),
        }
    }

    /// The name as headers keep it.
    pub(super) fn kept(self) -> FieldName {
        match self {
            Self::Known(known) => FieldName::Known(known.0),
            Self::Text(name) => FieldName::new(name),
        }
    }
}

#[inline]
fn is_same_in_any_case(known: &str, name: &str) -> bool {
    // Mostly the spelling is the same, too, which is seen faster; and names of one length mostly end with other letters.
    let end = |name: &str| name.as_bytes().last().map(|byte| byte & 0x1f);
    known.len() == name.len() && end(known) == end(name) && (known == name || known.eq_ignore_ascii_case(name))
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

const NAMES: [&str; 37] = [
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
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-original-path",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-service-time",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-via",
    "x-krakend-completed",
    "x-lua-modifier-cluster",
    "x-lua-modifier-lineage",
    "x-real-ip",
    "x-request-id",
];

// Their classes.
const CLASSES: [NameClass; NAMES.len()] = classes();

const fn classes() -> [NameClass; NAMES.len()] {
    let mut classes = [NameClass::Usual; NAMES.len()];
    let (mut names, mut places) = (NAMES.as_slice(), classes.as_mut_slice());
    while let (Some((name, others)), Some((place, behind))) = (names.split_first(), places.split_first_mut()) {
        *place = NameClass::of(name.as_bytes());
        (names, places) = (others, behind);
    }
    classes
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
    let ends = (*first as usize).wrapping_add((*last as usize).wrapping_mul(9));
    let middle = (*middle as usize).wrapping_mul(34);
    ends.wrapping_add(middle).wrapping_add(name.len().wrapping_mul(55)) & 63
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

// One of 64 bits. Each known name has a bit of its own, the lowest for the first; other names share those behind.
const fn mark_of_known(number: u8) -> u64 {
    1_u64.rotate_left(number as u32)
}

const SHARED_MARKS: u32 = 24;
const _: () = assert!(NAMES.len() <= (u64::BITS - SHARED_MARKS) as usize, "too many known names");

// The mark of any other name, the same in any case: made of its length and its two ends without the bit that tells cases apart.
#[inline]
fn mark_of_other(name: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 1 << 63 };
    let ends = u32::from(*first & 0x1f).wrapping_mul(7).wrapping_add(u32::from(*last & 0x1f).wrapping_mul(9));
    let mixed = ends.wrapping_add((name.len() as u32).wrapping_mul(3)) & 0xff;
    1_u64.rotate_left((u64::BITS - SHARED_MARKS).wrapping_add(mixed.wrapping_mul(SHARED_MARKS) >> 8))
}

// The mark of a name in any case.
fn mark(name: &str) -> u64 {
    let (name, mut lower) = (name.as_bytes(), [0; LONGEST]);
    let found = match lower.get_mut(..name.len()) {
        Some(lower) if name.iter().any(u8::is_ascii_uppercase) => {
            lower.copy_from_slice(name);
            lower.make_ascii_lowercase();
            known(lower)
        }
        _ => known(name),
    };
    found.map_or_else(|| mark_of_other(name), mark_of_known)
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
    fn a_constant_calls_the_headers_that_its_text_calls() {
        const LAST: KnownName = KnownName::of("x-request-id");
        assert_eq!(LAST.as_str(), "x-request-id");
        let others = ["x-request-ie", "X-Request-Id", "x-a", "", "accept"];
        for name in NAMES {
            let (known, text) = (Name::from(KnownName::of(name)), Name::from(name));
            assert_eq!((known.mark(), known.kept()), (text.mark(), text.kept()));
            for header in NAMES.iter().chain(&others).map(|header| FieldName::new(header)) {
                assert_eq!(known.calls(&header), text.calls(&header), "{name} and {header:?}");
            }
        }
    }

    #[test]
    fn a_name_has_the_same_mark_wherever_it_is_asked_for() {
        let others = ["", "a", "x-a", "x-request-ie", "\u{e9}", "x-a-name-that-is-longer-than-any-of-the-known-names"];
        for name in NAMES.iter().chain(&others) {
            for spelling in [(*name).to_owned(), name.to_ascii_uppercase()] {
                assert_eq!(Name::from(&spelling).mark(), FieldName::new(name).mark(), "{spelling}");
            }
        }
        let marks: std::collections::HashSet<u64> = NAMES.map(|name| FieldName::new(name).mark()).into();
        assert_eq!(marks.len(), NAMES.len());
        assert!(others.iter().all(|name| !marks.contains(&FieldName::new(name).mark())));
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
