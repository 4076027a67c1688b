//! One detector at work: it asks the lists first, then the remembered answers, then the patterns.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::memory::Memory;
use crate::config::{BotDetector, Listed};

/// A detector, and the answers that a worker remembers.
pub(crate) struct Judge {
    detector: Arc<BotDetector>,
    memory: RefCell<Memory>,
}

impl Judge {
    fn new(detector: &Arc<BotDetector>) -> Self {
        Self { detector: Arc::clone(detector), memory: RefCell::new(Memory::new(detector.cache_size)) }
    }

    /// Is the agent a bot? `agent` is the value of the first `User-Agent`.
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

/// The judges of a program: one for each detector, even if several endpoints share the detector.
#[derive(Default)]
pub(crate) struct Judges(RefCell<Vec<Rc<Judge>>>);

impl Judges {
    /// The judge of a detector.
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
