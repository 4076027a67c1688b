//! `lua-modifier bundle`.

use super::{Common, Outcome, Trouble};

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, _: &Common) -> Result<Outcome, Trouble> {
    Err(Trouble::new("bundle: not there yet"))
}
