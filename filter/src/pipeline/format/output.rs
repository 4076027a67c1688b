//! The text that has been written so far in a notation other than JSON, with its two limits. Knows no notation.

use super::write_error::EncodeError;
use crate::data::MAX_DEPTH;

/// The formatter may put a table around the parsed data, and a script may put another around that.
const DEEPEST: usize = MAX_DEPTH + 24;

/// The bytes that have been written.
pub(super) struct Output {
    bytes: Vec<u8>,
    notation: &'static str,
    max_bytes: usize,
}

impl Output {
    /// An empty output.
    pub(super) fn new(notation: &'static str, max_bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(max_bytes.min(512)), notation, max_bytes }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Checks whether more may be written at this depth. Must be called for each value: one value adds no more bytes than the
    /// data holds.
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
