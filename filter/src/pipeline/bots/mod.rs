//! `security/bot-detector` at work. `config` decides whether a block calls an agent a bot; the answers are remembered here.
//! Knows no exchange.

mod judge;
mod memory;

pub(crate) use judge::{Judge, Judges};
