//! `security/bot-detector` at work: what a block says of an agent is known to `config`; here answers are remembered. Knows no exchange.

mod judge;
mod memory;

pub(crate) use judge::{Judge, Judges};
