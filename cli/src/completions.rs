//! `lua-modifier completions`: the scripts by which shells complete this command.

use std::io::Write;

use super::{Outcome, Trouble};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  source <(lua-modifier completions bash)
  lua-modifier completions zsh > ~/.zfunc/_lua-modifier
  lua-modifier completions fish > ~/.config/fish/completions/lua-modifier.fish")]
pub(crate) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<Outcome, Trouble> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    // clap_complete 4.6 reads the hyphen of our name as the start of a subcommand, in one of two places.
    let script = String::from_utf8_lossy(&script).replace("lua__subcmd__modifier", "lua__modifier");
    print(script.as_bytes())
}

/// Writes a page of text to standard output. A reader that closes it early, as `head` does, is no error.
pub(super) fn print(text: &[u8]) -> Result<Outcome, Trouble> {
    match std::io::stdout().write_all(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Trouble::new(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(Outcome::Clean),
    }
}
