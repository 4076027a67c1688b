//! HTTP/1.1 as bytes, and the client that sends exactly what it is told to send. Knows nothing of the server.

pub mod arrival;
pub mod client;
pub mod http1;
