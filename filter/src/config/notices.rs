//! What a configuration asks for and does not get here: collected while the configuration is read, each notice told once. A
//! warning is about a loss; a note is about a part that Envoy does, or that nobody misses.
//!
//! Knows `ignore` and `strict`; the code that reads the values, and `migration`, decide what deserves a notice.

use super::enforced::Enforced;
use super::migration::{self, Row, State};
use super::reader::{ConfigError, Node, Result, listed, quoted};
use crate::http::one_line;

pub(super) const NO_EFFECT: &str = "is not supported here and has no effect";

#[derive(Default)]
pub(super) struct Notices {
    ignore: Vec<String>,
    enforced: Vec<Enforced>,
    strict: bool,
    warnings: Vec<Notice>,
    notes: Vec<Notice>,
    remarks: Vec<Notice>,
}

/// The lines to tell after everything has been read.
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

impl Notices {
    pub(super) fn new(ignore: &[String], enforced: &[Enforced], strict: bool) -> Self {
        Self { ignore: ignore.to_vec(), enforced: enforced.to_vec(), strict, ..Self::default() }
    }

    pub(super) fn ignored(&self) -> &[String] {
        &self.ignore
    }

    pub(super) fn ignores(&self, name: &str) -> bool {
        self.ignore.iter().any(|ignored| ignored == name)
    }

    /// The block that `bundle` carried over from this namespace at this place.
    pub(super) fn enforced(&self, namespace: &str, at: &str) -> Option<&Enforced> {
        self.enforced.iter().find(|block| block.namespace == namespace && block.path == at)
    }

    /// Adds one warning for each text, however often there is a reason for it.
    pub(super) fn warn(&mut self, node: &Node<'_>, what: String) {
        add(&mut self.warnings, node, what);
    }

    /// Remarks that a value is served, but in another way than its author may expect.
    pub(super) fn remark(&mut self, node: &Node<'_>, what: String) {
        add(&mut self.remarks, node, what);
    }

    /// Tells what happens with a key or a namespace that is not served: a warning if somebody misses it, else a note.
    pub(super) fn tell(&mut self, node: &Node<'_>, name: &str, state: State, words: &str) {
        match state {
            State::Exact => {}
            State::ByEnvoy => {
                let what = format!("{name} is Envoy's part: `lua-modifier bundle` writes it into {words}");
                add(&mut self.notes, node, what);
            }
            State::NotNeeded | State::Approximate => {
                add(&mut self.notes, node, format!("{name} is not needed here: {words}"));
            }
            State::ByHand | State::Lost if words.is_empty() => self.warn(node, format!("{name} {NO_EFFECT}")),
            State::ByHand | State::Lost => self.warn(node, format!("{name} {NO_EFFECT}: {words}")),
        }
    }

    /// Warns of keys that are not served, and of values that are not served.
    pub(super) fn check_keys(&mut self, object: &Node<'_>, rows: &[Row]) -> Result<()> {
        let served = || rows.iter().filter(|row| row.state.is_served()).map(|row| row.name);
        for (key, node) in object.entries()? {
            if self.ignores(key) {
                continue;
            }
            if let Some(row) = Row::find(rows, key) {
                if !row.state.is_served() && !node.is_idle() {
                    self.tell(&node, key, row.state, row.told);
                }
                continue;
            }
            // Go's JSON decoder matches keys in any case: KrakenD would accept this key.
            if let Some(meant) = served().find(|known| known.eq_ignore_ascii_case(key)) {
                return Err(node.error(format!("write this key as {}", quoted(meant))));
            }
            let today = migration::renamed(key).filter(|today| served().any(|known| known == *today));
            let meant = match today {
                Some(today) => format!(": {} is meant", quoted(today)),
                None => format!(" (known here: {})", listed(served())),
            };
            self.warn(&node, format!("{} is a key that nobody reads{meant}", quoted(key)));
        }
        for row in rows.iter().filter(|row| row.beyond.is_some()) {
            if let Some(node) = object.get(row.name).filter(|_| !self.ignores(row.name))
                && let Some(beyond) = row.beyond(node.value())
                && beyond.is_missed()
            {
                self.warn(&node, format!("{} {NO_EFFECT}", row.name));
            }
        }
        Ok(())
    }

    /// All notices, one line each; with `strict` the first warning is an error.
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
