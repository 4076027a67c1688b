//! Cases of every subject, in the module, in the oldest Envoy that is supported.

use std::process::ExitCode;

use tests::envoy::InEnvoy;
use tests::suite;

fn main() -> ExitCode {
    suite::run_if_there(InEnvoy::oldest_from_env())
}
