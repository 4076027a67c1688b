//! KrakenD's pipeline: a configuration becomes a [`Program`], and each exchange runs its plan, from the client's request over
//! scripts, backends and merge to the client's response. Nothing here acts: see [`Input`] and [`Output`].

mod backends;
mod calls;
mod decode;
mod encode;
mod exchange;
mod failure;
mod flights;
mod format;
mod gzip;
mod ledger;
mod leg;
mod live;
mod merge;
mod observe;
mod port;
mod program;
mod render;
mod router;
mod sequential;
mod snapshot;
mod static_data;
mod task;
mod upstream;
mod waits;

pub use exchange::Exchange;
pub use ledger::{ErrorKind, StageTotals};
pub use observe::Observer;
pub use port::{Input, Output, Routed, Ticket};
pub use program::{LoadError, Program};
pub use router::CLUSTER_HEADER;
