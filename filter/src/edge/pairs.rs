//! Header maps as they are passed to and from Envoy: a count, the sizes of all names and values, then the texts, each with a
//! NUL.

use std::ops::Range;

use crate::envoy::HeaderPairs;

/// Reads a serialized map; `None` if sizes and bytes do not agree.
pub(super) fn read(bytes: Vec<u8>) -> Option<HeaderPairs> {
    if bytes.is_empty() {
        return Some(HeaderPairs::default());
    }
    let (count, sizes) = bytes.split_first_chunk()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    let sizes = sizes.as_chunks::<4>().0.get(..count.checked_mul(2)?)?;
    let mut at = size_of_val(sizes).checked_add(4)?;
    let mut place = |size: &[u8; 4]| -> Option<Range<usize>> {
        let start = at;
        let end = start.checked_add(usize::try_from(u32::from_le_bytes(*size)).ok()?)?;
        at = end.checked_add(1)?;
        (end <= bytes.len()).then_some(start..end)
    };
    let mut places = Vec::with_capacity(count);
    for [name, value] in sizes.as_chunks::<2>().0 {
        places.push((place(name)?, place(value)?));
    }
    Some(HeaderPairs::new(bytes.into(), places))
}

/// Writes a map.
pub(super) fn write(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let size = |(name, value): &(&str, &[u8])| name.len().saturating_add(value.len()).saturating_add(10);
    let mut bytes = Vec::with_capacity(pairs.iter().map(size).fold(4, usize::saturating_add));
    bytes.extend(word(pairs.len()));
    for (name, value) in pairs {
        bytes.extend(word(name.len()));
        bytes.extend(word(value.len()));
    }
    for (name, value) in pairs {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(value);
        bytes.push(0);
    }
    bytes
}
