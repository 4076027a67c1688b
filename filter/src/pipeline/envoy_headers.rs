//! Headers that are Envoy's business: scripts neither see nor lose them, and the engine leaves them as they came.

/// The header that chooses Envoy's cluster; a client's own is removed before any script sees it.
pub const CLUSTER_HEADER: &str = "x-lua-modifier-cluster";

/// Is the header Envoy's own, which scripts must neither see nor lose?
pub(crate) fn is_envoys_own(name: &str) -> bool {
    name == "x-forwarded-proto" || name == CLUSTER_HEADER || name.starts_with("x-envoy-")
}
