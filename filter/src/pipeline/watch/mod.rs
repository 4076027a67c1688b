//! What is told of exchanges to others: each event to an observer, sums to those who show metrics. Changes no exchange.

mod document;
mod ledger;
pub(crate) mod snapshot;
mod stage;
mod watcher;

pub(crate) use ledger::{Entry, Ledger, NOTHING, Refused, StageId};
pub use ledger::{ErrorKind, RefusalTotals, ShadowTotals, StageTotals};
pub(crate) use stage::{StageFacts, WaitKind, WatchedStage};
pub use watcher::Observer;
pub(crate) use watcher::{CallKind, Watcher};
