//! Every case, in the module, in a real Envoy.

use std::process::ExitCode;

use tests::envoy::InEnvoy;
use tests::suite;

fn main() -> ExitCode {
    match InEnvoy::from_env() {
        Ok(world) => suite::run(&world),
        Err(reason) => {
            println!("cases in Envoy: {reason}");
            ExitCode::FAILURE
        }
    }
}
