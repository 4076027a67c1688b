//! The names of headers that come most often. Each is a number, which is found and compared without comparing letters one by one.

use super::name_class::NameClass;

/// One of the names that come most often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The known name that is spelled so, in lower case.
    pub(super) fn find(name: &[u8]) -> Option<Self> {
        let number = *SLOTS.get(slot(name))?;
        let known = NAMES.get(usize::from(number))?;
        is_known(known.as_bytes(), name).then_some(Self(number))
    }

    /// Its number, below [`KNOWN`].
    pub(super) const fn number(self) -> u8 {
        self.0
    }

    /// Its class.
    #[inline]
    pub(super) fn class(self) -> NameClass {
        CLASSES.get(usize::from(self.0)).copied().unwrap_or(NameClass::Usual)
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

/// The number of known names.
pub(super) const KNOWN: usize = NAMES.len();

/// No known name is longer.
pub(super) const LONGEST: usize = 32;

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

#[cfg(test)]
pub(super) const fn all() -> [&'static str; KNOWN] {
    NAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_differs_in_one_place_is_another() {
        for name in NAMES {
            assert_eq!(KnownName::find(name.as_bytes()).map(KnownName::as_str), Some(name));
            for at in 0..name.len() {
                let mut other = name.as_bytes().to_vec();
                other[at] ^= 1;
                assert!(!is_known(name.as_bytes(), &other), "{name} at {at}");
                assert_ne!(KnownName::find(&other), KnownName::find(name.as_bytes()));
            }
        }
    }
}
