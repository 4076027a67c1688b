//! Runs every case in the module, in `lua-modifier serve`.

use std::process::ExitCode;

use tests::suite;
use tests::worlds::InServe;

fn main() -> ExitCode {
    suite::run_if_there(InServe::from_env())
}
