//! What is written so far in a notation other than JSON, and its two bounds. Knows no notation.

use super::write_error::EncodeError;
use crate::data::MAX_DEPTH;

/// The formatter may put a table around what was parsed, and a script around that.
const DEEPEST: usize = MAX_DEPTH + 24;

/// Bytes on their way out.
pub(super) struct Output {
    bytes: Vec<u8>,
    notation: &'static str,
    max_bytes: usize,
}

impl Output {
    /// Nothing yet.
    pub(super) fn new(notation: &'static str, max_bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(max_bytes.min(512)), notation, max_bytes }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether there may be more, at this depth. To be asked for each value: what one value adds is at most what the data holds.
    pub(super) fn check(&self, depth: usize) -> Result<(), EncodeError> {
        if depth > DEEPEST {
            return Err(EncodeError::TooDeep);
        }
        if self.bytes.len() > self.max_bytes {
            return Err(EncodeError::TooLarge { limit: self.max_bytes, notation: self.notation });
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, EncodeError> {
        self.check(0)?;
        Ok(self.bytes)
    }
}
