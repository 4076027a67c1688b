//! `security/cors` and `security/http` of the service, as typed values: what Envoy does in front of this filter. `lua-modifier bundle`
//! writes it into Envoy's configuration, and `serve` does it itself.
//!
//! The module itself reads none of this: it only holds `enforced_by_envoy` against the blocks.

mod cors;
mod guard;
mod told;

use serde_json::Value;

use super::digest::digest;
use super::enforced::Enforced;
use super::migration::{self, Level, Row};
use super::namespaces::{CORS, HTTP_SECURITY, PLUGIN};
use super::protection::unless_ignored;
use super::reader::{ConfigError, Node, Result, quoted};
use told::Told;

pub use cors::{Cors, Origins};
pub use guard::{AllowedHosts, Guard, Hosts, Transport};

/// What stands in front of the filter.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// `security/cors`.
    pub cors: Option<Cors>,
    /// `security/http`.
    pub guard: Option<Guard>,
    /// The blocks, for `enforced_by_envoy`.
    pub blocks: Vec<Enforced>,
    /// One line each: what is done otherwise than its author may expect.
    pub warnings: Vec<String>,
}

impl Front {
    /// Reads a document that has been parsed. What `ignore` names is left out.
    ///
    /// # Errors
    /// A value of the wrong type, or one that no header can carry, with its JSON path.
    pub fn read(document: &Value) -> std::result::Result<Self, ConfigError> {
        let root = Node::root(document);
        let mut front = Self::default();
        let Some(extra) = root.get("extra_config").filter(|extra| extra.value().is_object()) else { return Ok(front) };
        let ignored = extra.get(PLUGIN).map_or(Ok(Vec::new()), |plugin| plugin.texts_at("ignore"))?;
        let mut told = Told::default();
        if let Some(node) = unless_ignored(&extra, CORS, &ignored) {
            front.cors = Some(cors::read(&node, &mut told)?);
            front.note(CORS, &node, &mut told)?;
        }
        if let Some(node) = unless_ignored(&extra, HTTP_SECURITY, &ignored) {
            front.guard = Some(guard::read(&node, &mut told)?);
            front.note(HTTP_SECURITY, &node, &mut told)?;
        }
        front.warnings = told.lines;
        Ok(front)
    }

    /// Does nothing stand there?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cors.is_none() && self.guard.is_none()
    }

    // KrakenD looks keys up as they are written, and takes its default for one that it does not find.
    fn note(&mut self, name: &'static str, node: &Node<'_>, told: &mut Told) -> Result<()> {
        let rows = migration::namespace(name, Level::Service).map_or(&[] as &[Row], |row| row.keys);
        for (key, child) in node.entries()?.filter(|(key, _)| Row::find(rows, key).is_none()) {
            let meant = rows.iter().find(|row| row.name.eq_ignore_ascii_case(key));
            let meant = meant.map_or(String::new(), |row| format!(": {} is meant", quoted(row.name)));
            told.warn(&child, &format!("{} is a key that nobody reads{meant}", quoted(key)));
        }
        self.blocks.push(Enforced { namespace: name.to_owned(), path: node.at(), digest: digest(node.value()) });
        Ok(())
    }
}
