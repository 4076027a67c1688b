//! Sets of characters: ranges, their complement, and what a letter is equal to where the case does not matter. Knows no syntax.

use std::fmt::Write;

/// Characters, as ranges that may overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Class(Vec<(u32, u32)>);

/// More parts than this in one class would take long to read.
pub(super) const MOST_RANGES: usize = 2000;

const LAST: u32 = 0x10_FFFF;
/// No characters, but numbers between two that are.
const SURROGATES: (u32, u32) = (0xD800, 0xDFFF);
/// Letters beyond ASCII that fold to one of ASCII: the sign for Kelvin, and the long s.
const STRANGERS: [(char, char); 2] = [('\u{212A}', 'k'), ('\u{17F}', 's')];

impl Class {
    pub(super) fn of(ranges: &[(char, char)]) -> Self {
        Self(ranges.iter().map(|(first, last)| (u32::from(*first), u32::from(*last))).collect())
    }

    /// Everything but line ends, or everything.
    pub(super) fn dot(with_line_ends: bool) -> Self {
        if with_line_ends { Self(vec![(0, LAST)]) } else { Self::of(&[('\n', '\n')]).complement() }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// How many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The letter, in lower case, that each of its few characters is.
    pub(super) fn only_letter(&self) -> Option<char> {
        let mut letters =
            self.0.iter().map(|(first, last)| char::from_u32(*first).filter(|_| first == last).map(lowered));
        let letter = letters.next()??;
        letters.all(|other| other == Some(letter)).then_some(letter)
    }

    /// Does it reach beyond ASCII?
    pub(super) fn is_wide(&self) -> bool {
        self.0.iter().any(|(_, last)| *last > 0x7F)
    }

    /// With every letter of ASCII, what it is equal to in the other case.
    pub(super) fn folded(mut self) -> Self {
        let has = |letter: char| self.0.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(letter)));
        let mut more = Vec::new();
        for lower in 'a'..='z' {
            let upper = lower.to_ascii_uppercase();
            let strangers = STRANGERS.iter().filter(|(_, plain)| *plain == lower).map(|(stranger, _)| *stranger);
            let equal: Vec<char> = [lower, upper].into_iter().chain(strangers).collect();
            if equal.iter().any(|letter| has(*letter)) {
                more.extend(equal.into_iter().map(|letter| (u32::from(letter), u32::from(letter))));
            }
        }
        self.0.extend(more);
        self
    }

    /// All characters that it does not have.
    pub(super) fn complement(self) -> Self {
        // Put in one by one: there are few, and the library's way to sort is eight kilobytes of Wasm.
        let mut sorted: Vec<(u32, u32)> = Vec::with_capacity(self.0.len().saturating_add(1));
        for range in self.0.into_iter().chain([SURROGATES]) {
            sorted.insert(sorted.partition_point(|known| *known < range), range);
        }
        let (mut gaps, mut next) = (Vec::new(), 0_u32);
        for (first, last) in sorted {
            if first > next {
                gaps.push((next, first.saturating_sub(1)));
            }
            next = next.max(last.saturating_add(1));
        }
        if next <= LAST {
            gaps.push((next, LAST));
        }
        Self(gaps)
    }

    /// As an expression: `[\x{61}-\x{7A}]`.
    pub(super) fn write(&self, out: &mut String) {
        if self.0.is_empty() {
            out.push_str(r"[^\x{0}-\x{10FFFF}]");
            return;
        }
        out.push('[');
        for (first, last) in &self.0 {
            let _ = write!(out, r"\x{{{first:X}}}-\x{{{last:X}}}"); // writing to a String cannot fail
        }
        out.push(']');
    }
}

/// A letter as it is compared where the case may not matter.
pub(super) fn lowered(letter: char) -> char {
    let stranger = STRANGERS.iter().find(|(stranger, _)| *stranger == letter);
    stranger.map_or(letter.to_ascii_lowercase(), |(_, plain)| *plain)
}
