//! `extra_config`: goes through the namespaces of an object, and reports or refuses those that are not served there.
//!
//! `migration` knows what happens with each name; other files read the contents of a namespace.

use super::digest::digest;
use super::migration::{self, Level, Row, State};
use super::notices::Notices;
use super::reader::{Node, Result, quoted};

pub(super) const PLUGIN: &str = "envoy/lua-modifier";
pub(super) const LUA_ENDPOINT: &str = "modifier/lua-endpoint";
pub(super) const LUA_PROXY: &str = "modifier/lua-proxy";
pub(super) const LUA_BACKEND: &str = "modifier/lua-backend";
pub(super) const JMESPATH: &str = "modifier/jmespath";
pub(super) const PROXY: &str = "proxy";
pub(super) const ROUTER: &str = "router";
pub(super) const HTTP: &str = "backend/http";
pub(super) const AMQP: &str = "async/amqp";
pub(super) const KAFKA: &str = "async/kafka";
pub(super) const MARTIAN: &str = "modifier/martian";
pub(super) const VALIDATOR: &str = "auth/validator";
pub(super) const API_KEYS: &str = "auth/api-keys";
pub(super) const ROUTER_RATE: &str = "qos/ratelimit/router";
pub(super) const SERVICE_RATE: &str = "qos/ratelimit/service";
pub(super) const PROXY_RATE: &str = "qos/ratelimit/proxy";
pub(super) const BREAKER: &str = "qos/circuit-breaker";
pub(super) const BOTS: &str = "security/bot-detector";
pub(super) const CORS: &str = "security/cors";
pub(super) const HTTP_SECURITY: &str = "security/http";

/// The value of a namespace, under its current name or an old one.
pub(super) fn namespace<'b>(extra: &'b Node<'_>, name: &'static str) -> Option<Node<'b>> {
    extra.get(name).or_else(|| migration::old_names(name).find_map(|old| extra.get(old)))
}

/// Goes through an `extra_config`: warns of namespaces that are not served, and refuses to lose a protection.
pub(super) fn check_namespaces(extra: &Node<'_>, level: Level, notices: &mut Notices) -> Result<()> {
    for (written, node) in extra.entries()? {
        let name = migration::current_name(written);
        let row = migration::namespace(name, level);
        if name != written && extra.get(name).is_some() {
            return Err(node.error(format!("{} is the same namespace: keep one of them", quoted(name))));
        }
        if row.is_some_and(|row| is_served(row, name)) {
            if node.value().is_object() {
                continue;
            }
            node.entries()?.for_each(drop);
        }
        if notices.ignores(name) || notices.ignores(written) {
            continue;
        }
        if name == PLUGIN {
            return Err(node.error("belongs to the extra_config of the service, of an endpoint or of an agent"));
        }
        if migration::protects(name) && row.is_none_or(|row| row.state != State::NotNeeded) {
            enforced_elsewhere(&node, written, name, row, notices)?;
            continue;
        }
        if migration::opens(name) && row.is_none_or(|row| row.state != State::NotNeeded) {
            opened_elsewhere(&node, name, notices);
            continue;
        }
        match row.or_else(|| elsewhere(name)) {
            Some(row) if row.state == State::Exact => {
                notices.warn(&node, format!("{name} has no effect at this level, as in KrakenD"));
            }
            Some(row) => notices.tell(&node, name, row.state, row.told),
            None => notices.tell(&node, name, State::Lost, ""),
        }
    }
    Ok(())
}

// If a protecting namespace is approximate, this filter enforces it. If another namespace is approximate, Envoy does it, and a
// note says so.
fn is_served(row: &Row, name: &str) -> bool {
    row.state == State::Exact || (row.state == State::Approximate && migration::protects(name))
}

// A protecting block must be enforced by Envoy just as it stands here; else the configuration is refused.
fn enforced_elsewhere(node: &Node<'_>, written: &str, name: &str, row: Option<&Row>, notices: &Notices) -> Result<()> {
    match notices.enforced(name, &node.at()) {
        Some(block) if block.digest == digest(node.value()) => Ok(()),
        Some(_) => Err(node.error(format!(
            "{name} is not what Envoy enforces: it was changed after enforced_by_envoy in extra_config[\"{PLUGIN}\"] was written (run \
             `lua-modifier bundle` again)"
        ))),
        None => {
            let instead = match row {
                Some(row) if row.state == State::ByEnvoy => {
                    "`lua-modifier bundle` has Envoy do it, and says so in enforced_by_envoy; where Envoy does it otherwise,".to_owned()
                }
                Some(row) if !row.told.is_empty() => format!("{}; then", row.told),
                _ => "let Envoy do it and".to_owned(),
            };
            Err(node.error(format!(
                "{name} protects this API and is not enforced here: {instead} name {} in extra_config[\"{PLUGIN}\"].ignore, or remove it",
                quoted(written)
            )))
        }
    }
}

// Without a block that allows more, less is served: that is no reason to refuse the configuration.
fn opened_elsewhere(node: &Node<'_>, name: &str, notices: &mut Notices) {
    let what = match notices.enforced(name, &node.at()) {
        Some(block) if block.digest == digest(node.value()) => return,
        Some(_) => format!(
            "{name} is not what Envoy does: it was changed after enforced_by_envoy in extra_config[\"{PLUGIN}\"] was written (run \
             `lua-modifier bundle` again)"
        ),
        None => format!(
            "{name} is Envoy's part, and not done here: `lua-modifier bundle` writes it in front of this filter"
        ),
    };
    notices.warn(node, what);
}

// The row of a namespace at a level where KrakenD does not look for it: the row of a level where KrakenD does.
fn elsewhere(name: &str) -> Option<&'static Row> {
    Level::ALL.iter().find_map(|level| migration::namespace(name, *level)).or_else(|| migration::family(name))
}
