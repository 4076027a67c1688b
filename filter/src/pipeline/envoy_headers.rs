//! Headers that belong to Envoy: scripts can neither see nor remove them, and the engine leaves them as they came.

use crate::http::names;

/// The header that chooses Envoy's cluster. A header of this name that a client sent is removed before any script runs.
pub const CLUSTER_HEADER: &str = names::CLUSTER.as_str();

/// The header that a message of an agent carries, with the value `message`, on a listener of agents. No script and no service of the
/// gateway can send it.
pub const AGENT_HEADER: &str = "x-lua-modifier-agent";

/// The header of the response to a message of an agent: `done` or `failed`. Where it is missing, the message has failed.
pub const OUTCOME_HEADER: &str = "x-lua-modifier-outcome";

/// The name of every header of ours begins so.
const OURS: &str = "x-lua-modifier-";

/// Does the header belong to Envoy, so that scripts must neither see nor remove it?
#[inline]
pub(crate) fn is_envoys_own(name: &str) -> bool {
    // This is asked for every header: the first letters decide for most.
    name.starts_with("x-") && is_envoys_own_with_x(name)
}

#[inline(never)]
fn is_envoys_own_with_x(name: &str) -> bool {
    name.starts_with("x-envoy-") || name == "x-forwarded-proto" || is_ours(name)
}

/// Does an Envoy header go on to the service?
pub(crate) fn goes_on(name: &str) -> bool {
    is_envoys_own(name) && !is_ours(name)
}

fn is_ours(name: &str) -> bool {
    name.starts_with(OURS)
}
