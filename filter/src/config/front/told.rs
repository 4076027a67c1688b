//! The warnings of what stands in front, while they are collected. Knows no block.

use crate::config::reader::Node;
use crate::http::one_line;

/// A line each.
#[derive(Default)]
pub(super) struct Told(pub(super) Vec<String>);

impl Told {
    pub(super) fn warn(&mut self, node: &Node<'_>, what: &str) {
        self.0.push(one_line(&format!("configuration: {}: {what}", node.at())));
    }
}
