//! The command `lua-modifier`: all that it does is in `cli`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
