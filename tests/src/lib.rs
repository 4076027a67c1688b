//! The harness: a behaviour is a case (data under `cases/`), and the same code plays it in several worlds.
//!
//! [`suite::run`] plays all cases in a [`worlds::World`] and compares what was seen with what was recorded. Worlds differ only
//! in how they configure the module and carry messages to it.
//!
//! | folder | contents |
//! | --- | --- |
//! | [`cases`] | the contents of a case, and the form of what is seen when it is played |
//! | [`worlds`] | the places where a case is played: natively, in host-sim, in Envoy, in `lua-modifier serve` |
//! | [`upstreams`] | the servers behind the gateway: the mock, and servers that fail, wait or speak TLS |
//! | [`wire`] | HTTP/1.1 as bytes, and the client |
//! | [`compare`] | the comparison of what was seen with what was recorded, and the accepted differences |
//! | [`suite`] | the run that plays all cases and prints its report |
//! | [`migrations`] | whole gateways as teams bring them along, with the expected results |
//! | [`envoy`] | real Envoys, for the worlds and for tests that check more than answers |
//! | [`command`] | the command `lua-modifier`, called, served and consuming |
//! | [`broker`] | a RabbitMQ that belongs to one test, and the contents of its queues |
//! | [`built`] | the places of the module, the command and the Envoys; the module with a fault put in |
//! | [`signers`] | keys that sign tokens |
//! | [`machine`] | folders, lines of a process, cores, patience |
//! | [`repository`], [`rust_source`] | the places of the project's files, and the names in its Rust sources |
//!
//! Each file of `tests/tests` has one subject; the files called `cases_*` play the cases.

pub mod broker;
pub mod built;
pub mod cases;
pub mod command;
pub mod compare;
pub mod envoy;
pub mod language_server;
pub mod machine;
pub mod manual;
pub mod migrations;
pub mod repository;
pub mod rust_source;
pub mod signers;
pub mod suite;
pub mod upstreams;
pub mod wire;
pub mod worlds;
