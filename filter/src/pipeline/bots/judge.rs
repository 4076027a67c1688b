//! One detector at work: lists first, then what is remembered, then patterns.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::memory::Memory;
use crate::config::{BotDetector, Listed};

/// A detector, and what a worker remembers of its answers.
pub(crate) struct Judge {
    detector: Arc<BotDetector>,
    memory: RefCell<Memory>,
}

impl Judge {
    fn new(detector: &Arc<BotDetector>) -> Self {
        Self { detector: Arc::clone(detector), memory: RefCell::new(Memory::new(detector.cache_size)) }
    }

    /// Is this agent, the value of the first `User-Agent`, a bot?
    pub(crate) fn is_bot(&self, agent: &[u8]) -> bool {
        match self.detector.listed(agent) {
            Listed::Bot => true,
            Listed::Welcome => false,
            Listed::Unknown => {
                let mut memory = self.memory.borrow_mut();
                memory.answer(agent).unwrap_or_else(|| {
                    let is_bot = self.detector.matches(agent);
                    memory.keep(agent, is_bot);
                    is_bot
                })
            }
        }
    }
}

/// The judges of a program: one for each detector, however many endpoints have it.
#[derive(Default)]
pub(crate) struct Judges(RefCell<Vec<Rc<Judge>>>);

impl Judges {
    /// That of a detector.
    pub(crate) fn of(&self, detector: &Arc<BotDetector>) -> Rc<Judge> {
        let mut judges = self.0.borrow_mut();
        if let Some(known) = judges.iter().find(|judge| Arc::ptr_eq(&judge.detector, detector)) {
            return Rc::clone(known);
        }
        let judge = Rc::new(Judge::new(detector));
        judges.push(Rc::clone(&judge));
        judge
    }
}
