//! Reads one object that names one modifier, and handles what is the same for all kinds: scopes and depth. Knows no kind: the
//! caller passes a table of them, and each kind's reader knows the kind's own keys.

use super::modifier::Martian;
use crate::config::migration::{self, Row};
use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, listed, quoted};

/// A block while it is read.
pub(super) struct Reading<'a> {
    pub(super) bounds: &'a Bounds<'a>,
    pub(super) notices: &'a mut Notices,
    kinds: &'static [Kind],
    depth: usize,
}

/// A kind of modifier: its name, its scopes, and the reader of its keys.
pub(super) type Kind = (&'static str, Scopes, fn(&Node<'_>, &mut Reading<'_>) -> Result<Martian>);

/// The scopes that a kind has; it is used in all of them if none is named.
#[derive(Clone, Copy)]
pub(super) enum Scopes {
    Both,
    Request,
    Response,
}

/// The limits for a block at its place.
pub(crate) struct Bounds<'a> {
    /// A host of the backend that `default_cluster` serves: that cluster may send a request to the place that `Host` names.
    pub(crate) dynamic_host: Option<&'a str>,
    /// The most bytes of a response's body: `limits.body_bytes`.
    pub(crate) body_bytes: u64,
}

/// The most levels of groups and filters. KrakenD has no limit, and no use for so many.
const DEEPEST: usize = 20;

impl<'a> Reading<'a> {
    pub(super) fn new(bounds: &'a Bounds<'a>, kinds: &'static [Kind], notices: &'a mut Notices) -> Self {
        Self { bounds, notices, kinds, depth: 0 }
    }

    /// Reads `{"header.Modifier": {...}}`.
    pub(super) fn modifier(&mut self, object: &Node<'_>) -> Result<Martian> {
        // In KrakenD a comment counts as a second key too, and KrakenD then drops the whole block.
        let mut entries = object.data_entries()?;
        let Some((name, node)) = entries.next() else {
            return Err(object.error(format!("names no modifier (known: {})", self.known())));
        };
        if entries.next().is_some() {
            let names = object.data_entries()?.map(|(name, _)| quoted(name)).collect::<Vec<_>>();
            let names = listed(names.iter().map(String::as_str));
            return Err(object.error(format!(
                "must have one key, the modifier's name, not {names}: put several modifiers into a fifo.Group"
            )));
        }
        let row = Row::find(migration::MARTIAN, name);
        let Some((_, scopes, read)) = self.kinds.iter().find(|(kind, ..)| *kind == name) else {
            let Some(row) = row else {
                return Err(node.error(format!("{} is no modifier (known: {})", quoted(name), self.known())));
            };
            if !self.notices.ignores(name) {
                self.notices.tell(&node, name, row.state, row.told);
            }
            return Ok(Martian::default());
        };
        if self.depth >= DEEPEST {
            return Err(node.error(format!("lies in more than {DEEPEST} groups and filters")));
        }
        self.notices.check_keys(&node, row.map(|row| row.keys).unwrap_or_default())?;
        self.depth = self.depth.saturating_add(1);
        let whole = read(&node, self)?;
        self.depth = self.depth.saturating_sub(1);
        scoped(&node, name, *scopes, whole)
    }

    fn known(&self) -> String {
        listed(self.kinds.iter().map(|(name, ..)| *name))
    }

    /// Reads the modifier at a key.
    pub(super) fn modifier_at(&mut self, node: &Node<'_>, key: &str) -> Result<Martian> {
        let inner = node.get(key).ok_or_else(|| node.error_at(key, "is missing: the modifier that is meant"))?;
        self.modifier(&inner)
    }
}

/// Keeps only the scopes that the modifier names; without `scope`, all that it has.
fn scoped(node: &Node<'_>, name: &str, scopes: Scopes, whole: Martian) -> Result<Martian> {
    let Some(list) = node.get("scope") else { return Ok(whole) };
    let (mut request, mut response) = (false, false);
    for item in list.items()? {
        match (item.text()?, scopes) {
            ("request", Scopes::Both | Scopes::Request) => request = true,
            ("response", Scopes::Both | Scopes::Response) => response = true,
            (scope @ ("request" | "response"), _) => {
                return Err(item.error(format!("{name} cannot be used in the scope {scope}")));
            }
            (other, _) => return Err(item.error(format!("unknown scope {} (known: request, response)", quoted(other)))),
        }
    }
    let Martian { on_request, on_response } = whole;
    Ok(Martian { on_request: on_request.filter(|_| request), on_response: on_response.filter(|_| response) })
}
