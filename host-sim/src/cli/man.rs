//! `lua-modifier man`: manual pages, made from what `--help` knows.

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

pub(crate) fn run(args: &Args, command: &clap::Command) -> Result<Outcome, Trouble> {
    let page = match &args.command {
        None => clap_mangen::Man::new(command.clone()),
        Some(name) => {
            let known = command.find_subcommand(name);
            let known =
                known.ok_or_else(|| Trouble::new(format!("{name:?} is no command: see lua-modifier --help")))?;
            let whole = format!("{}-{name}", command.get_name());
            let spoken = format!("{} {name}", command.get_name());
            clap_mangen::Man::new(known.clone().display_name(&whole).bin_name(spoken)).title(whole)
        }
    };
    let mut text = Vec::new();
    let rendered = page.render(&mut text);
    rendered.map_err(|error| Trouble::new(format!("the page cannot be written: {error}")))?;
    completions::print(&text)
}
