//! Headers that are Envoy's business: scripts neither see nor lose them, and the engine leaves them as they came.

/// The header that chooses Envoy's cluster; a client's own is removed before any script sees it.
pub const CLUSTER_HEADER: &str = "x-lua-modifier-cluster";

/// The header by which the gateway knows its own requests (see `lineage`); a client's own is removed likewise.
pub(crate) const LINEAGE_HEADER: &str = "x-lua-modifier-lineage";

/// The header that a message of an agent carries, with the value `message`, on a listener of agents. No script and no service of the
/// gateway can send it.
pub const AGENT_HEADER: &str = "x-lua-modifier-agent";

/// The header of the response to a message of an agent: `done` or `failed`. Where it is missing, the message has failed.
pub const OUTCOME_HEADER: &str = "x-lua-modifier-outcome";

/// Every header of ours is called so.
const OURS: &str = "x-lua-modifier-";

/// Is the header Envoy's own, which scripts must neither see nor lose?
#[inline]
pub(crate) fn is_envoys_own(name: &str) -> bool {
    // Asked of every header: most are told by their first letters.
    name.starts_with("x-") && is_envoys_own_with_x(name)
}

#[inline(never)]
fn is_envoys_own_with_x(name: &str) -> bool {
    name.starts_with("x-envoy-") || name == "x-forwarded-proto" || is_ours(name)
}

/// Is it one of those that go on to wherever the request goes?
pub(crate) fn goes_on(name: &str) -> bool {
    is_envoys_own(name) && !is_ours(name)
}

fn is_ours(name: &str) -> bool {
    name.starts_with(OURS)
}
