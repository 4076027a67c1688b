//! Every case, in the module, in a real Envoy.

use std::process::ExitCode;

use tests::envoy::InEnvoy;
use tests::suite;

fn main() -> ExitCode {
    suite::run_if_there(InEnvoy::from_env())
}
