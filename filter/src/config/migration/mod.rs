//! The state of each namespace and each key that a KrakenD document may have: what becomes of it in this filter. This table is
//! the only one: the warnings and refusals of the module, the words of `lua-modifier check`, its report and
//! docs/migration-table.md come from it.
//!
//! Knows names and words, and reads no document: only the code that reads a key knows what the key means.

mod agent;
mod auth;
mod backend;
mod backends;
mod endpoint;
mod martian;
mod modifiers;
mod names;
mod place;
mod plugins;
mod row;
mod security;
mod served;
mod service;
mod telemetry;
mod traffic;

pub(super) use agent::{AMQP, CONNECTION as AGENT_CONNECTION, CONSUMER as AGENT_CONSUMER};
pub(super) use auth::{KEY, KEY_DOOR, KEY_RING, VALIDATOR};
pub(super) use backend::{FLATMAP, HTTP, PROXY as BACKEND_PROXY};
pub(super) use endpoint::{LUA, PROXY, STATIC};
pub(super) use martian::{MODIFIERS as MARTIAN, PRIORITY as MARTIAN_PRIORITY};
pub(super) use modifiers::JMESPATH;
pub(super) use names::old_names;
pub use names::{current_name, renamed};
pub use place::{Level, Namespace};
pub use row::{Beyond, Row, State};
pub(super) use security::BOTS;
pub(super) use service::ROUTER;
pub(super) use traffic::{BREAKER, PROXY_RATE, RATE};

const NAMESPACES: [&[Namespace]; 9] = [
    served::NAMESPACES,
    agent::NAMESPACES,
    auth::NAMESPACES,
    traffic::NAMESPACES,
    security::NAMESPACES,
    modifiers::NAMESPACES,
    backends::NAMESPACES,
    plugins::NAMESPACES,
    telemetry::NAMESPACES,
];

/// Namespaces that protect: a configuration without them may serve requests that it should refuse.
const PROTECTING: [&str; 5] = ["auth/", "security/", "validation/", "qos/", "governance/"];

/// Namespaces with such a prefix that do not protect: without them less is served, not more.
const OPENING: [&str; 1] = ["security/cors"];

/// The keys of the service, of an endpoint, of an agent, or of a backend.
#[must_use]
pub fn keys(level: Level) -> &'static [Row] {
    match level {
        Level::Service => service::KEYS,
        Level::Endpoint => endpoint::KEYS,
        Level::Agent => agent::KEYS,
        Level::Backend => backend::KEYS,
    }
}

/// All namespaces, in the order of the table.
pub fn namespaces() -> impl Iterator<Item = &'static Namespace> {
    NAMESPACES.iter().flat_map(|part| part.iter())
}

/// The row of a namespace by its current name, if KrakenD looks for it at this level.
#[must_use]
pub fn namespace(name: &str, level: Level) -> Option<&'static Row> {
    let here = |namespace: &&Namespace| namespace.row.name == name && namespace.levels.contains(&level);
    namespaces().find(here).map(|namespace| &namespace.row)
}

/// Whether KrakenD looks for a namespace at another level.
#[must_use]
pub fn is_misplaced(name: &str, level: Level) -> bool {
    namespace(name, level).is_none() && namespaces().any(|namespace| namespace.row.name == name)
}

/// The row of a family, for its namespaces that have no row of their own: `telemetry/...`.
#[must_use]
pub fn family(name: &str) -> Option<&'static Row> {
    const FAMILIES: [&Row; 3] = [&plugins::FAMILY, &telemetry::FAMILIES[0], &telemetry::FAMILIES[1]];
    FAMILIES.into_iter().find(|row| name.starts_with(row.name))
}

/// Whether a configuration with this namespace is refused if neither the filter nor Envoy enforces it.
#[must_use]
pub fn protects(name: &str) -> bool {
    !opens(name) && PROTECTING.iter().any(|prefix| starts_with_any_case(name, prefix))
}

/// Whether less is served, and not more, if this namespace has no effect.
#[must_use]
pub fn opens(name: &str) -> bool {
    OPENING.contains(&name)
}

fn starts_with_any_case(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
