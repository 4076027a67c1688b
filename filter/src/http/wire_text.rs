//! Text that a host handed over, and its parts, which share its memory: every exchange copies values of headers several times. (The
//! crate `bytes` does the same for threads, and counts copies atomically and through pointers to functions.)

use std::ops::Range;
use std::rc::Rc;

/// A text. A copy shares its memory.
#[derive(Clone, Debug, Default)]
pub struct WireText(Rc<Vec<u8>>);

/// A part of a text, which keeps the whole text.
#[derive(Clone, Debug)]
pub struct WirePart {
    whole: WireText,
    start: u32,
    end: u32,
}

impl From<Vec<u8>> for WireText {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Rc::new(bytes))
    }
}

impl WireText {
    /// The text's bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The part with this place, counted in bytes; empty if the text has no such place.
    #[inline]
    pub fn part(&self, place: &Range<usize>) -> WirePart {
        let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        WirePart { whole: self.clone(), start: at(place.start), end: at(place.end) }
    }
}

impl WirePart {
    /// The part's bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.whole.as_bytes().get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::reversed_empty_ranges, reason = "a host may claim one")]
    fn a_part_outlives_its_text_and_a_place_outside_is_empty() {
        let text = WireText::from(b"name: value".to_vec());
        let part = text.part(&(6..11));
        let outside = [text.part(&(6..12)), text.part(&(4..3)), text.part(&(0..usize::MAX))];
        drop(text);
        assert_eq!(part.clone().as_bytes(), b"value");
        assert!(outside.iter().all(|part| part.as_bytes().is_empty()));
    }
}
