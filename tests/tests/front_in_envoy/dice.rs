//! A source of numbers that are the same in each run, and random changes to a text. Knows neither origins nor hosts.

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// The text with one change: another case, an inserted piece, a byte removed or replaced.
    pub(crate) fn turned(&mut self, text: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
        let mut text = text.to_vec();
        let at = self.below(text.len() + 1);
        match self.below(6) {
            0 => text
                .iter_mut()
                .skip(at)
                .take(3)
                .for_each(|byte| *byte ^= if byte.is_ascii_alphabetic() { 0x20 } else { 0 }),
            1 if at < text.len() => drop(text.remove(at)),
            2 if at < text.len() => text[at] = self.below(256) as u8,
            3 => drop(text.splice(0..0, self.one_of(pieces).to_vec())),
            4 => text.extend(self.one_of(pieces)),
            _ => drop(text.splice(at..at, self.one_of(pieces).to_vec())),
        }
        // Bytes that a header cannot contain would make another request.
        text.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
        text
    }
}
