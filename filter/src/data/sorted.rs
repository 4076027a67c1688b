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
