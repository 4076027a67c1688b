//! Headers that belong to Envoy: scripts can neither see nor remove them, and the engine leaves them as they came.

/// The header that chooses Envoy's cluster. A header of this name that a client sent is removed before any script runs.
pub const CLUSTER_HEADER: &str = "x-lua-modifier-cluster";

/// The header by which the gateway knows its own requests (see `lineage`). A client's header of this name is removed too.
pub(crate) const LINEAGE_HEADER: &str = "x-lua-modifier-lineage";

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
    name == CLUSTER_HEADER || name == LINEAGE_HEADER
}
