//! Runs every case in the engine itself.

use std::process::ExitCode;

use tests::suite;
use tests::worlds::Natively;

fn main() -> ExitCode {
    suite::run(&Natively)
}
