//! Headers that belong to Envoy: scripts can neither see nor remove them, and the engine leaves them as they came.

use crate::http::{NameClasses, names};

/// The header that chooses Envoy's cluster. A header of this name that a client sent is removed before any script runs.
pub const CLUSTER_HEADER: &str = names::CLUSTER.as_str();

/// The header that a message of an agent carries, with the value `message`, on a listener of agents. No script and no service of the
/// gateway can send it.
pub const AGENT_HEADER: &str = "x-lua-modifier-agent";

/// The header of the response to a message of an agent: `done` or `failed`. Where it is missing, the message has failed.
pub const OUTCOME_HEADER: &str = "x-lua-modifier-outcome";

/// The headers that belong to Envoy and to this filter: scripts must neither see nor remove them.
pub(crate) const ENVOYS_OWN: NameClasses = GO_ON.and(NameClasses::OURS);

/// Those of them that go on to the service.
pub(crate) const GO_ON: NameClasses = NameClasses::ENVOY.and(NameClasses::SCHEME);

/// All other headers.
pub(crate) const OTHERS: NameClasses = NameClasses::ALL.but(ENVOYS_OWN);
