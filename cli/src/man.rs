//! `lua-modifier man`: manual pages, made from the same data as the texts of `--help`.

use super::{Outcome, Trouble, completions};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  lua-modifier man | man -l -
  lua-modifier man serve > lua-modifier-serve.1")]
pub(crate) struct Args {
    /// The command whose page it is to be [default: the page of lua-modifier itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<Outcome, Trouble> {
    command.build();
    let page = match &args.command {
        None => &command,
        Some(name) => command
            .find_subcommand(name)
            .ok_or_else(|| Trouble::new(format!("{name:?} is no command: see lua-modifier --help")))?,
    };
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(page.clone()).render(&mut text);
    rendered.map_err(|error| Trouble::new(format!("the page cannot be written: {error}")))?;
    completions::print(&text)
}
