//! What a configuration asks for and does not get here: collected while it is read, told once each. A warning is of what is lost;
//! a note is of what another part of Envoy does, or nobody misses.
//!
//! Knows `ignore` and `strict`; what deserves a notice is decided by those who read, and by `fates`.

use super::fates::{self, Fate};
use super::reader::{ConfigError, Node, Result, listed, quoted};
use crate::http::one_line;

pub(super) const NO_EFFECT: &str = "is not supported here and has no effect";

#[derive(Default)]
pub(super) struct Notices {
    ignore: Vec<String>,
    strict: bool,
    warnings: Vec<Notice>,
    notes: Vec<Notice>,
    remarks: Vec<Notice>,
}

/// The lines that are left when all is read.
pub(super) struct Told {
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) remarks: Vec<String>,
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
        Self { ignore: ignore.to_vec(), strict, ..Self::default() }
    }

    pub(super) fn ignores(&self, name: &str) -> bool {
        self.ignore.iter().any(|ignored| ignored == name)
    }

    /// One warning per text, however often there is reason for it.
    pub(super) fn warn(&mut self, node: &Node<'_>, what: String) {
        add(&mut self.warnings, node, what);
    }

    /// What is served, and otherwise than its author may expect.
    pub(super) fn remark(&mut self, node: &Node<'_>, what: String) {
        add(&mut self.remarks, node, what);
    }

    /// Tells what becomes of a key or a namespace that is not served: a warning where it is lost, else a note.
    pub(super) fn tell(&mut self, node: &Node<'_>, name: &str, fate: Fate) {
        match fate {
            Fate::Bundled(what) => {
                let what = format!("{name} is Envoy's part: `lua-modifier bundle` writes it into {what}");
                add(&mut self.notes, node, what);
            }
            Fate::Harmless(why) => add(&mut self.notes, node, format!("{name} is not needed here: {why}")),
            Fate::Lost("") => self.warn(node, format!("{name} {NO_EFFECT}")),
            Fate::Lost(instead) => self.warn(node, format!("{name} {NO_EFFECT}: {instead}")),
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
                    self.tell(&node, key, fates::of_key(key));
                }
                continue;
            }
            // Go's JSON decoder matches keys in any case: KrakenD would honour this one.
            if let Some(meant) = keys.served.iter().find(|known| known.eq_ignore_ascii_case(key)) {
                return Err(node.error(format!("write this key as {}", quoted(meant))));
            }
            let today = fates::renamed(key).filter(|today| keys.served.contains(today));
            let meant = match today {
                Some(today) => format!(": {} is meant", quoted(today)),
                None => format!(" (known here: {})", listed(keys.served.iter().copied())),
            };
            self.warn(&node, format!("{} is a key that nobody reads{meant}", quoted(key)));
        }
        Ok(())
    }

    /// All of it, a line each; with `strict` the first of the warnings is an error.
    pub(super) fn finish(self) -> Result<Told> {
        if let (true, Some(first)) = (self.strict, self.warnings.first()) {
            let others = match self.warnings.len().saturating_sub(1) {
                0 => String::new(),
                others => format!(" (and {others} more of this kind)"),
            };
            return Err(ConfigError {
                at: first.first.clone(),
                what: format!("{}; refused, as strict is set{others}", first.what),
            });
        }
        let lines = |notices: Vec<Notice>| notices.into_iter().map(Notice::line).collect();
        Ok(Told { warnings: lines(self.warnings), notes: lines(self.notes), remarks: lines(self.remarks) })
    }
}

fn add(notices: &mut Vec<Notice>, node: &Node<'_>, what: String) {
    match notices.iter_mut().find(|notice| notice.what == what) {
        Some(notice) => notice.more = notice.more.saturating_add(1),
        None => notices.push(Notice { what, first: node.at(), more: 0 }),
    }
}

impl Notice {
    fn line(self) -> String {
        let more = match self.more {
            0 => String::new(),
            1 => " (and at 1 more place)".to_owned(),
            more => format!(" (and at {more} more places)"),
        };
        one_line(&format!("configuration: {}: {}{more}", self.first, self.what))
    }
}
