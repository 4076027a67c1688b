//! The harness: a behaviour is a case (data under `cases/`), played by the same code in several worlds.
//!
//! [`suite::run`] plays all cases in a [`worlds::World`] and compares what was seen with what was recorded.
//! Worlds differ only in how they configure the module and carry messages to it.
//!
//! | folder | what it is |
//! | --- | --- |
//! | [`cases`] | what a case says, and the shape of what is seen when it is played |
//! | [`worlds`] | where a case is played: natively, in host-sim, in Envoy, in `lua-modifier serve` |
//! | [`upstreams`] | what stands behind the gateway: the mock, and servers that fail, wait or speak TLS |
//! | [`wire`] | HTTP/1.1 as bytes, and the client |
//! | [`compare`] | what was seen against what was recorded, and which differences are accepted |
//! | [`suite`] | the run that plays all cases and prints its report |
//! | [`migrations`] | whole gateways as teams bring them along, and what must come of them |
//! | [`envoy`] | real Envoys, for the worlds and for tests that look at more than answers |
//! | [`command`] | the command `lua-modifier`, called, served and consuming |
//! | [`broker`] | a RabbitMQ of a test's own, and what is put into its queues |
//! | [`built`] | where the module, the command and the Envoys are; the module with a fault put in |
//! | [`machine`] | folders, lines of a process, cores, patience |
//! | [`repository`], [`rust_source`] | where the project's files are, and what its Rust sources name |
//!
//! Each file of `tests/tests` is a subject of its own; those called `cases_*` play the cases.

pub mod broker;
pub mod built;
pub mod cases;
pub mod command;
pub mod compare;
pub mod envoy;
pub mod machine;
pub mod migrations;
pub mod repository;
pub mod rust_source;
pub mod signers;
pub mod suite;
pub mod upstreams;
pub mod wire;
pub mod worlds;
