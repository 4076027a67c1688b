//! The script author's workbench: one command, with one file or folder for each subcommand. This file has what the subcommands
//! share: options, exit codes, and the way in which errors are reported. The command reads the configuration with the filter's
//! code; scripts run in the Wasm module, in host-sim.

mod agent;
mod bundle;
mod check;
mod completions;
mod difference;
mod document;
mod editor;
mod embedded;
mod environment;
mod lua;
mod man;
mod module;
mod paint;
mod play;
mod run;
mod serve;
mod test;
mod trouble;
mod verification;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub(crate) use trouble::{Outcome, Trouble};

/// KrakenD's Lua scripts for Envoy: checked, tried, tested and bundled, with the same Wasm module that Envoy loads.
#[derive(Parser)]
#[command(name = "lua-modifier", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every subcommand understands.
#[derive(clap::Args)]
pub(crate) struct Common {
    /// The module that runs the scripts [default: $LUA_MODIFIER_WASM, else lua-modifier.wasm beside this program or one
    /// folder up]
    #[arg(long, global = true, value_name = "FILE")]
    wasm: Option<PathBuf>,
    /// Colours in the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: clap::ColorChoice,
}

#[derive(Subcommand)]
enum Command {
    /// Look for mistakes in a configuration and its scripts
    Check(check::Args),
    /// Write a configuration for Envoy, its scripts inside
    Bundle(bundle::Args),
    /// Send one request through the scripts and see what they do
    Run(run::Args),
    /// Run unit tests of scripts
    Test(test::Args),
    /// Be the gateway, with real HTTP to the backends
    Serve(serve::Args),
    /// Consume the queues of a configuration's agents
    Agent(agent::Args),
    /// Write type definitions of what scripts can use, for editors
    Types(editor::Args),
    /// Print what a shell needs to complete this command
    Completions(completions::Args),
    /// Print the manual page of this command, or of one of its commands
    Man(man::Args),
}

/// Runs the command. Exit codes: 0 all is well, 1 there are findings, 2 the command could not do its work.
fn main() -> ExitCode {
    let Cli { common, command } = Cli::parse();
    let ended = match &command {
        Command::Check(args) => check::run(args, &common),
        Command::Bundle(args) => bundle::run(args, &common),
        Command::Run(args) => run::run(args, &common),
        Command::Test(args) => test::run(args, &common),
        Command::Serve(args) => serve::run(args, &common),
        Command::Agent(args) => agent::run(args, &common),
        Command::Types(args) => editor::run(args, &common),
        Command::Completions(args) => completions::run(args, Cli::command()),
        Command::Man(args) => man::run(args, Cli::command()),
    };
    match ended {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(trouble) => {
            eprintln!("lua-modifier: {trouble}");
            ExitCode::from(2)
        }
    }
}
