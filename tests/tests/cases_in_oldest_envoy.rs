//! Runs cases of every subject in the module, in the oldest Envoy that is supported.

use std::process::ExitCode;

use tests::suite;
use tests::worlds::InEnvoy;

fn main() -> ExitCode {
    suite::run_if_there(InEnvoy::oldest_from_env())
}
