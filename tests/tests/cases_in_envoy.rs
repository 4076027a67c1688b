//! Runs every case in the module, in a real Envoy.

use std::process::ExitCode;

use tests::suite;
use tests::worlds::InEnvoy;

fn main() -> ExitCode {
    suite::run_if_there(InEnvoy::from_env())
}
