//! Values of headers that are cheap to copy: every exchange makes several copies of its headers and changes little in them. Values
//! that came together over the wire share memory.

use std::rc::Rc;

use super::byte_set::ByteSet;
use super::wire_text::WirePart;

/// A value: its bytes, and whether they are safe as they are. A value from the wire (or a fixed one) cannot have a line break
/// in it.
#[derive(Clone, Debug)]
pub struct FieldValue(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Fixed(&'static [u8]),
    /// They came over the wire, where nobody can hide a line break in them.
    Wire(WirePart),
    /// Anybody may have made them, but no line break is in them.
    Short {
        bytes: [u8; SHORT],
        length: u8,
    },
    /// The same.
    Long(Rc<[u8]>),
    /// They would begin another line.
    Broken(Rc<[u8]>),
}

/// A value up to this length lies where its header lies.
/// On 64 bits 38. In Wasm 22: less memory is moved then.
const SHORT: usize = 4 * size_of::<usize>() + 6;

impl FieldValue {
    /// A value as the host handed it over.
    pub fn from_wire(value: WirePart) -> Self {
        Self(Kept::Wire(value))
    }

    /// A value that never changes.
    pub fn fixed(text: &'static str) -> Self {
        Self(Kept::Fixed(text.as_bytes()))
    }

    /// The bytes as they came.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Fixed(bytes) => bytes,
            Kept::Wire(part) => part.as_bytes(),
            Kept::Short { bytes, length } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Kept::Long(bytes) | Kept::Broken(bytes) => bytes,
        }
    }

    /// Does the value have a control character, such as a line break?
    pub(super) fn has_controls(&self) -> bool {
        matches!(self.0, Kept::Broken(_))
    }

    // A value that is not short, or may have control characters.
    #[inline(never)]
    fn long(value: &[u8]) -> Self {
        let is_broken = value.iter().any(|byte| is_control(*byte));
        Self(if is_broken { Kept::Broken(value.into()) } else { Kept::Long(value.into()) })
    }

    /// The value with spaces for control characters.
    pub(super) fn mended(&self) -> Self {
        let space = |byte: &u8| if is_control(*byte) { b' ' } else { *byte };
        Self::from(&*self.as_bytes().iter().map(space).collect::<Vec<u8>>())
    }
}

impl PartialEq for FieldValue {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for FieldValue {}

impl From<Vec<u8>> for FieldValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(&*bytes)
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<u64> for FieldValue {
    /// The number in decimal digits.
    fn from(number: u64) -> Self {
        let (mut digits, mut at, mut left) = ([0; DIGITS], DIGITS, number);
        while let Some(digit) = at.checked_sub(1).and_then(|place| digits.get_mut(place)) {
            *digit = b'0' + (left % 10) as u8;
            (at, left) = (at - 1, left / 10);
            if left == 0 {
                break;
            }
        }
        Self::from(digits.get(at..).unwrap_or_default())
    }
}

// The digits of the largest number.
const DIGITS: usize = 20;

impl From<&[u8]> for FieldValue {
    fn from(value: &[u8]) -> Self {
        short(value).unwrap_or_else(|| Self::long(value))
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

// A value that is short and has no control characters. It is copied in words and looked at on the way, because a value is made for
// each header that is set; words may overlap. A value that is not ASCII may seem to have control characters: `long` looks closely.
#[inline]
fn short(value: &[u8]) -> Option<FieldValue> {
    let (mut bytes, length) = ([0; SHORT], value.len() as u8);
    let place = bytes.get_mut(..value.len())?;
    let found = if let (Some(first), Some(last)) = (value.first_chunk::<16>(), value.last_chunk::<16>()) {
        *place.first_chunk_mut::<16>()? = *first;
        // Between the two ends of the longest value lie six bytes.
        let mut found = 0;
        if let (Some(to), Some(middle)) = (place.get_mut(16..24), value.get(16..24)) {
            to.copy_from_slice(middle);
            found = controls_in(middle);
        }
        *place.last_chunk_mut::<16>()? = *last;
        found | controls_in(first) | controls_in(last)
    } else if let (Some(first), Some(last)) = (value.first_chunk::<8>(), value.last_chunk::<8>()) {
        *place.first_chunk_mut::<8>()? = *first;
        *place.last_chunk_mut::<8>()? = *last;
        controls_in(first) | controls_in(last)
    } else if let (Some(first), Some(last)) = (value.first_chunk::<4>(), value.last_chunk::<4>()) {
        *place.first_chunk_mut::<4>()? = *first;
        *place.last_chunk_mut::<4>()? = *last;
        controls(u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)))
    } else {
        // Three bytes at most. (A copy of a length that is not known would be a call.)
        let all = [0, 1, 2].map(|at| value.get(at).copied().unwrap_or(b' '));
        *bytes.first_chunk_mut()? = all;
        let [first, second, third] = all.map(u64::from);
        controls(EACH.wrapping_mul(0x20) << 24 | third << 16 | second << 8 | first)
    };
    (found & (EACH << 7) == 0).then_some(FieldValue(Kept::Short { bytes, length }))
}

const EACH: u64 = u64::from_le_bytes([1; 8]);

// The same for some words.
#[inline]
fn controls_in(words: &[u8]) -> u64 {
    words.as_chunks().0.iter().fold(0, |found, word| found | controls(u64::from_le_bytes(*word)))
}

// Has a highest bit of a byte if one of the eight bytes is below 0x20 or is 0x7f; it may also have one if a byte is not ASCII.
#[inline]
fn controls(word: u64) -> u64 {
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH.wrapping_mul(limit));
    below(word, 0x20) | below(word ^ EACH.wrapping_mul(0x7f), 1)
}

// A line break would begin another header, and Envoy accepts no control characters.
fn is_control(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t') | (byte == 0x7f)
}

/// The text with spaces for control characters, so that no name or message in it can break a line of a log, or a header.
pub fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Does the header with this lower-case name say how the body is framed?
pub fn frames_the_body(name: &str) -> bool {
    matches!(name, "content-length" | "transfer-encoding")
}

const TOKEN_BYTES: ByteSet = ByteSet::letters_and_digits_and(b"!#$%&'*+-.^_`|~");

/// Is the text allowed as a header name or a method (RFC 9110 `token`)?
pub fn is_token(name: &str) -> bool {
    !name.is_empty() && TOKEN_BYTES.contain(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_their_digits() {
        for number in [0, 7, 10, 99, 30_000, 1 << 32, u64::MAX] {
            assert_eq!(FieldValue::from(number).as_bytes(), number.to_string().as_bytes());
        }
    }

    #[test]
    fn values_of_any_length_keep_their_bytes_and_show_their_controls() {
        for length in 0..=SHORT + 4 {
            let plain: Vec<u8> = (0..length).map(|at| b'a' + (at % 26) as u8).collect();
            let value = FieldValue::from(&*plain);
            assert!(value.as_bytes() == plain && !value.has_controls(), "{length}");
            assert_eq!(matches!(value.0, Kept::Short { .. }), length <= SHORT, "{length}");
            for at in 0..length {
                for byte in [0, 9, 10, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x9f, 0xa0, 0xff] {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    let value = FieldValue::from(&*bytes);
                    assert_eq!(value.as_bytes(), bytes);
                    assert_eq!(value.has_controls(), is_control(byte), "{byte:#x} at {at} of {length}");
                }
            }
        }
    }
}
