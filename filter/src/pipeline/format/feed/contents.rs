//! What is read of a feed, before it has the keys that clients see. Knows no notation.

use crate::data::{Table, Value};

/// What there is of a feed, whichever it is.
pub(super) struct Feed {
    pub(super) kind: &'static str,
    pub(super) fields: Table,
    pub(super) items: Vec<Value>,
}
