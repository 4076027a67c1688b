//! What a case says: what is configured, what is sent, what must come out. Its placeholders, its plugin configuration, and the
//! shape of what is seen when it is played. Knows no world to play it in.

mod addresses;
mod case;
mod check_case;
pub mod glob;
pub mod hostile;
mod observation;
pub mod plugin_config;

pub use addresses::{Addresses, CLOSED};
pub use case::{Case, ClientRequest, Recorded, header_pairs, list, load, upstream_requests};
pub use check_case::CheckCase;
pub use observation::{HeaderLists, LogLine, Observation, Outcome, Response, UpstreamRequest, header_lists};
