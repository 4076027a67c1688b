//! HTTP/1.1 as bytes, and the client that sends just what it is told. Knows nothing of the servers.

pub mod arrival;
pub mod client;
pub mod http1;
