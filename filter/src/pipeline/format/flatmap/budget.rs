//! The budget of one operation: bytes of new data, about as many as in JSON. Knows no operation.

use crate::data::{Number, Value};
use crate::pipeline::failure::Failure;

/// The bytes that are left.
pub(super) struct Budget {
    left: u64,
    most: u64,
}

impl Budget {
    /// The budget of one operation.
    pub(super) fn new(most: u64) -> Self {
        Self { left: most, most }
    }

    /// Spends some bytes.
    ///
    /// # Errors
    /// There are not enough bytes left.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Failure> {
        match u64::try_from(bytes).ok().and_then(|bytes| self.left.checked_sub(bytes)) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let most = self.most;
                let message = format!("flatmap_filter makes more than {most} bytes of new data (limits.body_bytes)");
                Err(Failure::Upstream { message })
            }
        }
    }
}

/// The weight of a value in bytes, without the values inside it.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len().saturating_add(3),
        Value::Number(Number::Text(text)) => text.len().saturating_add(1),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Table(_) => 3,
    }
}
