//! What a configuration asks for and does not get: collected while it is read, told once each.
//!
//! Knows `ignore` and `strict`; what deserves a notice is decided by those who read.

use super::reader::{ConfigError, Node, Result, listed, quoted};
use crate::http::one_line;

pub(super) const NO_EFFECT: &str = "is not supported here and has no effect";

#[derive(Default)]
pub(super) struct Notices {
    ignore: Vec<String>,
    strict: bool,
    found: Vec<Notice>,
}

struct Notice {
    what: String,
    first: String,
    more: usize,
}

/// The keys of one kind of object.
pub(super) struct Keys {
    /// Read and honoured.
    pub(super) served: &'static [&'static str],
    /// Known to KrakenD only.
    pub(super) unsupported: &'static [&'static str],
}

impl Notices {
    pub(super) fn new(ignore: &[String], strict: bool) -> Self {
        Self { ignore: ignore.to_vec(), strict, found: Vec::new() }
    }

    pub(super) fn ignores(&self, name: &str) -> bool {
        self.ignore.iter().any(|ignored| ignored == name)
    }

    /// One warning per text, however often there is reason for it.
    pub(super) fn warn(&mut self, node: &Node<'_>, what: String) {
        match self.found.iter_mut().find(|notice| notice.what == what) {
            Some(notice) => notice.more = notice.more.saturating_add(1),
            None => self.found.push(Notice { what, first: node.at(), more: 0 }),
        }
    }

    /// Warns of the keys that are not served.
    pub(super) fn check_keys(&mut self, object: &Node<'_>, keys: &Keys) -> Result<()> {
        for (key, node) in object.entries()? {
            if keys.served.contains(&key) || self.ignores(key) {
                continue;
            }
            if keys.unsupported.contains(&key) {
                if !node.is_idle() {
                    self.warn(&node, format!("{key} {NO_EFFECT}"));
                }
                continue;
            }
            // Go's JSON decoder matches keys in any case: KrakenD would honour this one.
            if let Some(meant) = keys.served.iter().find(|known| known.eq_ignore_ascii_case(key)) {
                return Err(node.error(format!("write this key as {}", quoted(meant))));
            }
            self.warn(
                &node,
                format!(
                    "{} is a key that nobody reads (known here: {})",
                    quoted(key),
                    listed(keys.served.iter().copied())
                ),
            );
        }
        Ok(())
    }

    /// The warnings, a line each; with `strict` the first of them is an error.
    pub(super) fn finish(self) -> Result<Vec<String>> {
        if let (true, Some(first)) = (self.strict, self.found.first()) {
            let others = match self.found.len().saturating_sub(1) {
                0 => String::new(),
                others => format!(" (and {others} more of this kind)"),
            };
            return Err(ConfigError {
                at: first.first.clone(),
                what: format!("{}; refused, as strict is set{others}", first.what),
            });
        }
        let line = |notice: Notice| {
            let more = match notice.more {
                0 => String::new(),
                1 => " (and at 1 more place)".to_owned(),
                more => format!(" (and at {more} more places)"),
            };
            one_line(&format!("configuration: {}: {}{more}", notice.first, notice.what))
        };
        Ok(self.found.into_iter().map(line).collect())
    }
}
