//! The servers behind the gateway: the mock, as a function and on a real socket, the file server of `live` sources, and servers
//! that fail, wait or speak TLS. Knows nothing of the gateway.

pub mod faulty;
pub mod file_server;
mod gate;
pub mod mock;
mod server;
mod tls;
mod upstream;

pub use file_server::FileServer;
pub use gate::Gate;
pub use mock::{Answer, Asked, Rule};
pub use server::{Handler, RawAnswer, Server, Writer};
pub use tls::{Authority, TlsServer};
pub use upstream::Upstream;
