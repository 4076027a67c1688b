//! The harness: a behaviour is a case (data under `cases/`), played by the same code in several worlds.
//!
//! [`suite::run`] plays all cases in a [`world::World`] and compares what was seen with what was recorded.
//! Worlds differ only in how they configure the module and carry messages to it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

pub mod addresses;
pub mod backdrop;
pub mod case;
pub mod check_case;
pub mod client;
pub mod command;
pub mod compare;
pub mod cores;
pub mod envoy;
pub mod eventually;
pub mod faulty;
pub mod file_server;
pub mod folder;
pub mod gate;
pub mod glob;
pub mod hostile;
pub mod http1;
pub mod in_host_sim;
pub mod in_serve;
pub mod lines;
pub mod mock;
pub mod natively;
pub mod not_yet;
pub mod observation;
pub mod plugin_config;
pub mod report;
pub mod rust_source;
pub mod server;
pub mod serving;
pub mod suite;
pub mod surroundings;
pub mod tls;
pub mod transcript;
pub mod trap;
pub mod upstream;
pub mod world;
pub mod yaml;
