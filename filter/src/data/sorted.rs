//! Fields in one block, in the order of their keys. Knows neither tables nor values.

use std::cmp::Ordering;

use super::text::Str;

/// Among up to this many fields a key is found by looking at each one; among more, by halving.
pub(super) const VERY_FEW: usize = 8;

/// The place of a key, or else the place where it belongs.
#[inline]
pub(super) fn position<V>(fields: &[(Str, V)], key: &[u8]) -> Result<usize, usize> {
    fields.binary_search_by(|(name, _)| order(name.as_bytes(), key))
}

/// The order of keys: most differ in their first byte.
#[inline]
pub(super) fn order(a: &[u8], b: &[u8]) -> Ordering {
    match a.first().cmp(&b.first()) {
        Ordering::Equal => a.cmp(b),
        first => first,
    }
}

/// Are two keys the same? Keys of up to 16 bytes are compared in words, from either end: any other comparison is a call.
#[inline]
pub(super) fn is_same(a: &[u8], b: &[u8]) -> bool {
    #[inline]
    fn ends<const SIZE: usize>(a: &[u8], b: &[u8]) -> Option<bool> {
        let is_first = a.first_chunk::<SIZE>()? == b.first_chunk::<SIZE>()?;
        Some(is_first && a.last_chunk::<SIZE>()? == b.last_chunk::<SIZE>()?)
    }
    let in_words = || ends::<8>(a, b).or_else(|| ends::<4>(a, b)).or_else(|| ends::<2>(a, b));
    a.len() == b.len() && if a.len() > 16 { a == b } else { in_words().unwrap_or_else(|| a == b) }
}

/// Sorts fields. The last of several equal keys wins.
pub(super) fn sort<V>(fields: &mut Vec<(Str, V)>) {
    if fields.is_sorted_by(|(a, _), (b, _)| order(a.as_bytes(), b.as_bytes()).is_lt()) {
        return;
    }
    fields.sort_by(|(a, _), (b, _)| order(a.as_bytes(), b.as_bytes()));
    fields.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_in_one_place_are_not_the_same() {
        for length in 0..40 {
            let key: Vec<u8> = (0..length).collect();
            assert!(is_same(&key, &key.clone()) && !is_same(&key, &[&key[..], b"x"].concat()));
            for at in 0..key.len() {
                let mut other = key.clone();
                other[at] ^= 0x80;
                assert!(!is_same(&key, &other), "{at} of {length}");
            }
        }
    }
}
