//! The contents of a feed, before they get the keys that clients see. Knows no notation.

use crate::data::{Table, Value};

/// The contents of a feed of any kind.
pub(super) struct Feed {
    pub(super) kind: &'static str,
    pub(super) fields: Table,
    pub(super) items: Vec<Value>,
}
