//! The contents of a case: the configuration, the requests, the expected results. Also its placeholders, its plugin
//! configuration, and the form of what is seen when it is played. Knows no world in which it is played.

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
