//! Header maps as they are passed to and from Envoy: a count, the sizes of all names and values, then the texts, each with a
//! NUL.

use bytes::Bytes;

/// Reads a serialized map, whose texts share its memory; `None` if sizes and bytes do not agree.
pub(super) fn read(bytes: &Bytes) -> Option<Vec<(Bytes, Bytes)>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let number = |at: usize| -> Option<usize> {
        let word = bytes.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(word.try_into().ok()?)).ok()
    };
    let count = number(0)?;
    let sizes = count.checked_mul(8)?.checked_add(4)?;
    bytes.get(..sizes)?;
    let mut at = sizes;
    let mut text = |length: usize| -> Option<Bytes> {
        let end = at.checked_add(length)?;
        bytes.get(at..end)?;
        let text = bytes.slice(at..end);
        at = end.checked_add(1)?;
        Some(text)
    };
    let mut pairs = Vec::with_capacity(count);
    for index in 0..count {
        let entry = index.checked_mul(8)?.checked_add(4)?;
        pairs.push((text(number(entry)?)?, text(number(entry.checked_add(4)?)?)?));
    }
    Some(pairs)
}

/// Writes a map.
pub(super) fn write(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = word(pairs.len()).to_vec();
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
