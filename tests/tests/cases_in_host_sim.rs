//! Runs every case in the module, in host-sim.

use std::process::ExitCode;

use tests::suite;
use tests::worlds::InHostSim;

fn main() -> ExitCode {
    suite::run_if_there(InHostSim::from_env())
}
