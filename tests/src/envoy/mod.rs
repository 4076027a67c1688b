//! Real Envoys: one process, configured for some listeners with the filter, as a gateway with one plugin, or with a bootstrap
//! that `lua-modifier bundle` wrote. Knows no cases.

mod bootstrap;
mod bundled;
mod gateway;
mod log;
mod memory;
mod process;

pub(crate) use bootstrap::Served;
pub use bundled::{Bundled, validate};
pub(crate) use gateway::fails_closed;
pub use gateway::{Gateway, Running};
pub use memory::Memory;
pub(crate) use process::Envoy;
