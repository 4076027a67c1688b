//! Every case, in the module, in `lua-modifier serve`.

use std::process::ExitCode;

use tests::in_serve::InServe;
use tests::suite;

fn main() -> ExitCode {
    suite::run_if_there(InServe::from_env())
}
