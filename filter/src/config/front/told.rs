//! What there is to say of the blocks in front of the filter, while they are read.

use crate::config::reader::Node;
use crate::http::one_line;

/// Warnings, one line each.
#[derive(Default)]
pub(super) struct Told {
    pub(super) lines: Vec<String>,
}

impl Told {
    /// Warns of what stands at this place.
    pub(super) fn warn(&mut self, node: &Node<'_>, what: &str) {
        self.lines.push(one_line(&format!("configuration: {}: {what}", node.at())));
    }
}
