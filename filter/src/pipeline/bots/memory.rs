//! Answers that are remembered, by the very agent that was asked about: those that were used lately, bounded in number and bytes,
//! so that no agent can fill the memory. Knows no detector.

use std::collections::HashMap;

/// Two generations: when the young one is full, it becomes the old one, and the old one goes. What is used again is young again.
pub(super) struct Memory {
    young: HashMap<Box<[u8]>, bool>,
    old: HashMap<Box<[u8]>, bool>,
    young_bytes: usize,
    most: usize,
}

/// Of one generation, entries' own weight included.
const MOST_BYTES: usize = 128 << 10;
/// About what an entry weighs besides its agent.
const ENTRY: usize = 48;
/// A longer agent is asked about each time.
const LONGEST: usize = 1024;

impl Memory {
    /// For so many answers.
    pub(super) fn new(answers: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), young_bytes: 0, most: answers.div_ceil(2).max(1) }
    }

    /// What was answered before.
    pub(super) fn answer(&mut self, agent: &[u8]) -> Option<bool> {
        if let Some(answer) = self.young.get(agent) {
            return Some(*answer);
        }
        let (agent, answer) = self.old.remove_entry(agent)?;
        self.add(agent, answer);
        Some(answer)
    }

    /// Remembers an answer.
    pub(super) fn keep(&mut self, agent: &[u8], answer: bool) {
        if agent.len() <= LONGEST {
            self.add(agent.into(), answer);
        }
    }

    fn add(&mut self, agent: Box<[u8]>, answer: bool) {
        let bytes = agent.len().saturating_add(ENTRY);
        if self.young.len() >= self.most || self.young_bytes.saturating_add(bytes) > MOST_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(agent, answer).is_none() {
            self.young_bytes = self.young_bytes.saturating_add(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let mut memory = Memory::new(4);
        memory.keep(b"used", true);
        for number in 0..100 {
            assert_eq!(memory.answer(b"used"), Some(true), "{number}");
            memory.keep(format!("other {number}").as_bytes(), false);
        }
        assert_eq!((memory.answer(b"other 99"), memory.answer(b"other 0")), (Some(false), None));
        assert_eq!(memory.answer(b"Used"), None);
    }

    #[test]
    fn no_agents_fill_it() {
        let mut memory = Memory::new(usize::MAX);
        for number in 0..10_000 {
            memory.keep(format!("{number:01000}").as_bytes(), true);
        }
        memory.keep(&[b'x'; LONGEST + 1], true);
        assert_eq!(memory.answer(&[b'x'; LONGEST + 1]), None);
        let bytes = |kept: &HashMap<Box<[u8]>, bool>| kept.keys().map(|agent| agent.len() + ENTRY).sum::<usize>();
        assert!(bytes(&memory.young) <= MOST_BYTES && bytes(&memory.old) <= MOST_BYTES);
    }
}
