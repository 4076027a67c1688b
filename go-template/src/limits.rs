//! Bounds for one execution: a template that would never end stops with an error that names the bound.

use std::cell::Cell;

/// The most that one execution may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of rendered text, and of any single text that a function makes.
    pub output_bytes: usize,
    /// Steps: an action, an operand, a round of `range`, and each item or 16 bytes that a function makes or looks through.
    pub steps: u64,
    /// Templates inside templates. The default is Go's own bound; nesting takes no stack here.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { output_bytes: 64 << 20, steps: 20_000_000, depth: 100_000 }
    }
}

/// Values inside values: code that looks into them needs stack for each level. Go has no bound.
const DEEPEST: usize = 500;

/// The rest of the limits in an execution.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    steps: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, steps: Cell::new(limits.steps) }
    }

    /// Spends steps.
    pub(crate) fn spend(&self, steps: usize) -> Result<(), String> {
        let left = self.steps.get().checked_sub(steps as u64);
        self.steps.set(left.unwrap_or_default());
        left.map(|_| ()).ok_or_else(|| format!("more than {} steps, the limit of an execution", self.limits.steps))
    }

    /// Spends steps for a text of this length.
    pub(crate) fn spend_text(&self, bytes: usize) -> Result<(), String> {
        self.length(bytes)?;
        self.spend(bytes / 16)
    }

    /// May a text be as long as this?
    pub(crate) fn length(&self, bytes: usize) -> Result<(), String> {
        // Offsets in the rendered text are stored in 32 bits.
        let most = self.limits.output_bytes.min(u32::MAX as usize);
        if bytes > most { Err(format!("a text of more than {most} bytes, the limit of an execution")) } else { Ok(()) }
    }

    /// May values be nested as deeply as this?
    pub(crate) fn depth_of_values(depth: usize) -> Result<(), String> {
        if depth > DEEPEST { Err(format!("a value is nested more than {DEEPEST} deep")) } else { Ok(()) }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_spent() {
        let budget = Budget::new(Limits { steps: 10, ..Limits::default() });
        assert!(budget.spend(9).is_ok());
        assert_eq!(budget.spend(2), Err("more than 10 steps, the limit of an execution".to_owned()));
        assert!(budget.spend(1).is_err());
    }
}
