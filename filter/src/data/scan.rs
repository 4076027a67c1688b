//! Finds the next special byte of a string, eight bytes at a time: a quote, a backslash, a control character, `<`, `>`, `&`, or
//! any byte outside ASCII. Both reading and writing JSON stop at these bytes and at no others.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The place of the first special byte at or after `from`; the end if there is none.
#[inline(always)]
pub(super) fn next_special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let found = suspects(u64::from_le_bytes(*word));
        if found != 0 {
            at = at.wrapping_add((found.trailing_zeros() / 8) as usize);
            if !bytes.get(at).is_some_and(is_like_a_special) {
                return at;
            }
            at = at.wrapping_add(1);
        } else {
            at = at.wrapping_add(8);
        }
    }
    near_the_end(bytes, at)
}

#[inline(never)]
fn near_the_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if has_no_special(rest) {
        return bytes.len();
    }
    rest.iter().position(|&byte| is_special(byte)).map_or(bytes.len(), |place| at.wrapping_add(place))
}

/// Whether a text of four to seven bytes has no special byte, in one look; `false` for other texts.
#[inline]
fn has_no_special(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) else { return false };
    let both = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    text.len() <= 8 && suspects(both) == 0
}

/// Sets the high bit of each special byte, and of `^`, `|` and `~`, which differ from others in two bits alone. Bits above the lowest
/// one that is set may be wrong (a borrow runs upwards).
#[inline]
fn suspects(word: u64) -> u64 {
    // Zero where a byte is sought. Where one has its high bit set, so has the word.
    let quote_or_amp = (word | (ONES * 0x04)) ^ (ONES * 0x26);
    let angle_or_backslash = (word | (ONES * 0x62)) ^ (ONES * 0x7e);
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit));
    (below(quote_or_amp, 1) | below(angle_or_backslash, 1) | below(word, 0x20) | word) & HIGH
}

#[inline]
fn is_like_a_special(byte: &u8) -> bool {
    matches!(byte, b'^' | b'|' | b'~')
}

fn is_special(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\' | b'<' | b'>' | b'&' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wide_scan_agrees_with_the_narrow_one_for_every_byte_at_every_place() {
        for byte in 0..=255u8 {
            for place in 0..20 {
                for neighbour in [b'a', b'!', 0x7f, b'~', b'^', b' '] {
                    let mut text = [neighbour; 20];
                    text[place] = byte;
                    let narrow = text.iter().position(|&b| is_special(b)).unwrap_or(20);
                    assert_eq!(next_special(&text, 0), narrow, "{byte:#x} at {place}");
                }
            }
        }
    }

    #[test]
    fn every_pair_of_bytes_is_scanned_rightly() {
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                let text = [b'x', first, second, b'x', b'x', b'x', b'x', b'x'];
                let narrow = text.iter().position(|&b| is_special(b)).unwrap_or(8);
                assert_eq!(next_special(&text, 0), narrow, "{first:#x} {second:#x}");
            }
        }
    }
}
