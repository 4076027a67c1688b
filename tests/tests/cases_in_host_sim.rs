//! Every case, in the module, in host-sim.

use std::process::ExitCode;

use tests::in_host_sim::InHostSim;
use tests::suite;

fn main() -> ExitCode {
    suite::run_if_there(InHostSim::from_env())
}
