//! Counts what an evaluation uses of its limits: steps, bytes that it makes, and time. Knows no expression.

use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::data::Value;

/// Why an expression has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// A limit, and the key that raises it.
    Limit(String),
    /// The expression asks for something that cannot be done.
    Wrong(String),
}

/// The number of steps between two looks at the clock.
const UNSEEN: u64 = 4_096;

/// The use of one evaluation, and its limits. A limit of 0 means no limit.
pub(super) struct Charge {
    limits: Limits,
    steps: u64,
    bytes: u64,
    next_look: u64,
    started: Option<Instant>,
}

impl Charge {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { limits: *limits, steps: 0, bytes: 0, next_look: UNSEEN, started: None }
    }

    /// Charges a number of steps, before the work is done.
    pub(super) fn steps(&mut self, steps: usize) -> Result<(), QueryError> {
        self.steps = self.steps.saturating_add(u64::try_from(steps).unwrap_or(u64::MAX));
        let most = self.limits.instructions;
        if most > 0 && self.steps > most {
            return Err(QueryError::Limit(format!("the expression took more than {most} steps (limits.instructions)")));
        }
        if self.steps >= self.next_look {
            self.next_look = self.steps.saturating_add(UNSEEN);
            self.look_at_the_clock()?;
        }
        Ok(())
    }

    /// Charges a text of this length, before it is read.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), QueryError> {
        self.steps((bytes >> 4).saturating_add(1))
    }

    /// Charges a number of values and bytes of text, before they are made.
    pub(super) fn make(&mut self, values: usize, text: usize) -> Result<(), QueryError> {
        let bytes = values.saturating_mul(size_of::<Value>().saturating_mul(2)).saturating_add(text).saturating_add(64);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let most = self.limits.memory_bytes;
        if most > 0 && self.bytes > most {
            return Err(QueryError::Limit(format!("the expression made more than {most} bytes (limits.memory_bytes)")));
        }
        self.steps(values)?;
        self.text(text)
    }

    /// The number of bytes of text that may still be made.
    pub(super) fn left(&self) -> usize {
        let left = match self.limits.memory_bytes {
            0 => u64::MAX,
            most => most.saturating_sub(self.bytes),
        };
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    fn look_at_the_clock(&mut self) -> Result<(), QueryError> {
        let started = *self.started.get_or_insert_with(Instant::now);
        let most = self.limits.time_ms;
        if most > 0 && started.elapsed() > Duration::from_millis(most) {
            return Err(QueryError::Limit(format!("the expression ran longer than {most} ms (limits.time_ms)")));
        }
        Ok(())
    }
}
