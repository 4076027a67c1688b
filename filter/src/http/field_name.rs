//! Names of headers that are cheap to copy and to compare. The names that come most often are numbers; others of usual length take
//! no memory either.

use std::borrow::Cow;

use smol_str::{SmolStr, StrExt};

use super::field::is_token;
use super::known_names::{KNOWN, KnownName, LONGEST};
use super::name_class::NameClass;

/// A name in lower case.
#[derive(Clone, Debug)]
pub(super) enum FieldName {
    /// Such a name is never kept as another.
    Known(KnownName),
    Other(SmolStr),
}

impl FieldName {
    /// The name in lower case.
    #[inline]
    pub(super) fn new(name: &str) -> Self {
        KnownName::find(name.as_bytes()).map_or_else(|| Self::other(name), Self::Known)
    }

    /// The same for a name as the host hands it over. What is not UTF-8 becomes U+FFFD.
    pub(super) fn from_wire(name: &[u8]) -> Self {
        match KnownName::find(name) {
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
        KnownName::find(lower.as_bytes()).map_or(Self::Other(lower), Self::Known)
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(known) => known.as_str(),
            Self::Other(name) => name,
        }
    }

    /// The name's mark: names with different marks are different. The usual names have a mark each.
    pub(super) fn mark(&self) -> u64 {
        match self {
            Self::Known(known) => mark_of_known(*known),
            Self::Other(name) => mark_of_other(name.as_bytes()),
        }
    }

    /// The name's class.
    #[inline]
    pub(super) fn class(&self) -> NameClass {
        match self {
            Self::Known(known) => known.class(),
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
            Self::Known(known) => mark_of_known(known),
            Self::Text(name) => mark(name),
        }
    }

    /// Is the header called so?
    #[inline]
    pub(super) fn calls(self, header: &FieldName) -> bool {
        match (self, header) {
            (Self::Known(known), FieldName::Known(other)) => known == *other,
            (Self::Known(_), FieldName::Other(_)) => false,
            (Self::Text(name), header) => is_same_in_any_case(header.as_str(), name),
        }
    }

    /// The name as headers keep it.
    pub(super) fn kept(self) -> FieldName {
        match self {
            Self::Known(known) => FieldName::Known(known),
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

// One of 64 bits. Each known name has a bit of its own, the lowest for the first; other names share those behind.
const fn mark_of_known(name: KnownName) -> u64 {
    1_u64.rotate_left(name.number() as u32)
}

const SHARED_MARKS: u32 = 24;
const _: () = assert!(KNOWN <= (u64::BITS - SHARED_MARKS) as usize, "too many known names");

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
            KnownName::find(lower)
        }
        _ => KnownName::find(name),
    };
    found.map_or_else(|| mark_of_other(name), mark_of_known)
}

#[cfg(test)]
mod tests {
    use super::super::known_names::all;
    use super::*;

    #[test]
    fn each_known_name_is_found_in_any_case_and_is_itself() {
        for name in all() {
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
        for name in all() {
            let (known, text) = (Name::from(KnownName::of(name)), Name::from(name));
            assert_eq!((known.mark(), known.kept()), (text.mark(), text.kept()));
            for header in all().iter().chain(&others).map(|header| FieldName::new(header)) {
                assert_eq!(known.calls(&header), text.calls(&header), "{name} and {header:?}");
            }
        }
    }

    #[test]
    fn a_name_has_the_same_mark_wherever_it_is_asked_for() {
        let others = ["", "a", "x-a", "x-request-ie", "\u{e9}", "x-a-name-that-is-longer-than-any-of-the-known-names"];
        for name in all().iter().chain(&others) {
            for spelling in [(*name).to_owned(), name.to_ascii_uppercase()] {
                assert_eq!(Name::from(&spelling).mark(), FieldName::new(name).mark(), "{spelling}");
            }
        }
        let marks: std::collections::HashSet<u64> = all().map(|name| FieldName::new(name).mark()).into();
        assert_eq!(marks.len(), KNOWN);
        assert!(others.iter().all(|name| !marks.contains(&FieldName::new(name).mark())));
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
