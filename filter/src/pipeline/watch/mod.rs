//! Reports of exchanges to the outside: each event to an observer, and sums to the metrics. Changes no exchange.

mod document;
mod ledger;
pub(crate) mod snapshot;
mod stage;
mod verification;
mod watcher;

pub(crate) use ledger::{Entry, Ledger, NOTHING, StageId};
pub use ledger::{ErrorKind, RefusedBy, ShadowTotals, StageTotals};
pub(crate) use stage::{StageFacts, WaitKind, WatchedStage};
pub(crate) use verification::VerificationWatch;
pub use watcher::Observer;
pub(crate) use watcher::{CallKind, Watcher};
