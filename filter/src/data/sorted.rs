//! Fields in one block, in the order of their keys. Knows neither tables nor values.

use std::cmp::Ordering;

use super::text::Str;

/// If there are more fields than this, the standard library sorts them.
const MANY: usize = 64;

/// The place of a key, or else the place where it belongs.
pub(super) fn position<V>(fields: &[(Str, V)], key: &[u8]) -> Result<usize, usize> {
    fields.binary_search_by(|(name, _)| order(name.as_bytes(), key))
}

/// The order of keys: most differ in their first byte.
#[inline]
fn order(a: &[u8], b: &[u8]) -> Ordering {
    match a.first().cmp(&b.first()) {
        Ordering::Equal => a.cmp(b),
        first => first,
    }
}

/// Sorts fields. The last of several equal keys wins.
pub(super) fn sort<V>(fields: &mut Vec<(Str, V)>) {
    if fields.len() <= MANY {
        return sort_few(fields);
    }
    fields.sort_by(|(a, _), (b, _)| order(a.as_bytes(), b.as_bytes()));
    keep_last(fields);
}

/// Moves each field to its place among the fields in front of it; mostly it is there already. (`sort_by` takes three times the
/// instructions for an object of four fields.)
fn sort_few<V>(fields: &mut Vec<(Str, V)>) {
    let mut repeats = false;
    for at in 1..fields.len() {
        let Some((sorted, [(key, _), ..])) = fields.split_at_checked(at) else { return };
        let order_of = |(name, _): &(Str, V)| order(name.as_bytes(), key.as_bytes());
        let place = match sorted.last().map(order_of) {
            Some(Ordering::Greater) => sorted.partition_point(|field| order_of(field).is_le()),
            found => {
                repeats |= found == Some(Ordering::Equal);
                continue;
            }
        };
        repeats |= place.checked_sub(1).and_then(|before| sorted.get(before)).is_some_and(|(name, _)| name == key);
        if let Some(moved) = fields.get_mut(place..=at) {
            moved.rotate_right(1);
        }
    }
    if repeats {
        keep_last(fields);
    }
}

fn keep_last<V>(fields: &mut Vec<(Str, V)>) {
    fields.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
}
