//! What an evaluation has used of its limits: steps, bytes that it made, and time. Knows no expression.

use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::data::Value;

/// Why an expression gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// A limit, and the key that raises it.
    Limit(String),
    /// What the expression does cannot be done.
    Wrong(String),
}

/// Steps between two looks at the clock.
const UNSEEN: u64 = 4_096;

/// What one evaluation may still use. A limit of 0 is none.
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

    /// Work of so many steps is about to be done.
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

    /// A text of so many bytes is about to be looked through.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), QueryError> {
        self.steps((bytes >> 4).saturating_add(1))
    }

    /// So many values and bytes of text are about to be made.
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

    /// How many bytes of text it may still make.
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
