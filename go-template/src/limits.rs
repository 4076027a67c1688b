//! Bounds on what one execution may spend, so that a template that never ends, ends with an error that names the bound.

/// What one execution may spend at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of rendered text, and of any single text that a function makes.
    pub output_bytes: usize,
    /// Steps: an action, an operand, a round of `range`, each 16 bytes or item that a function makes.
    pub steps: u64,
    /// Templates inside templates. Go's own bound, which takes no stack here.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { output_bytes: 64 << 20, steps: 20_000_000, depth: 100_000 }
    }
}
