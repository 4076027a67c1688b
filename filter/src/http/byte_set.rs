//! Sets of bytes as tables: whether a text has only allowed characters is asked several times for each request, and a table answers
//! for a byte with one step.

/// A set of bytes.
pub(super) struct ByteSet([bool; 256]);

impl ByteSet {
    /// The letters and digits of ASCII, and these bytes.
    pub(super) const fn letters_and_digits_and(others: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            if let Some(place) = set.as_mut_slice().split_at_mut(byte as usize).1.first_mut() {
                *place = byte.is_ascii_alphanumeric() || is_among(byte, others);
            }
            byte = byte.wrapping_add(1);
        }
        Self(set)
    }

    /// Is the byte in the set?
    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).is_some_and(|is_in| *is_in)
    }

    /// Are all these bytes in the set?
    pub(super) fn contain(&self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| self.has(*byte))
    }
}

const fn is_among(byte: u8, mut bytes: &[u8]) -> bool {
    while let Some((first, rest)) = bytes.split_first() {
        if *first == byte {
            return true;
        }
        bytes = rest;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_letters_digits_and_what_it_was_given() {
        const SET: ByteSet = ByteSet::letters_and_digits_and(b"-_");
        for byte in 0..=u8::MAX {
            assert_eq!(SET.has(byte), byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'), "{byte}");
        }
        assert!(SET.contain(b"a-B_9") && SET.contain(b"") && !SET.contain("a\u{e9}".as_bytes()));
    }
}
