//! `lua-modifier check`.

use super::{Common, Outcome, Trouble};

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, _: &Common) -> Result<Outcome, Trouble> {
    Err(Trouble::new("check: not there yet"))
}
