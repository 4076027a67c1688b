//! Every case, in the engine itself.

use std::process::ExitCode;

use tests::natively::Natively;
use tests::suite;

fn main() -> ExitCode {
    suite::run(&Natively)
}
