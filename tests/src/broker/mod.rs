//! A RabbitMQ of a test's own: on loopback, with a folder, a name and a port mapper of its own, ended with the test. Knows no
//! agents.

mod node;
mod queues;

pub use node::Broker;
pub use queues::{Queue, Queues};
