//! Finishes a linked module: encodes it anew, numbers its functions ([`numbers`]), tells V8 which way branches mostly go ([`profile`]),
//! shortens its names ([`names`]), and uses up V8's budget for inlining ([`inlining`]). Knows nothing of what the module does.
//!
//!   finish LINKED PROFILE FINISHED              the finished module
//!   finish --count LINKED COUNTING              a module that counts what the profile needs
//!   finish --profile LINKED PROFILE REQUESTS COUNTERS…
//!                                               the profile of what was counted: a file for each kind of request, with so many
//!                                               requests; prints what a request of each kind takes
//!   finish --functions LINKED REQUESTS COUNTERS…
//!                                               prints what it takes in each function

mod counting;
mod facts;
mod inlining;
mod module;
mod names;
mod numbers;
mod profile;

use std::error::Error;
use std::{env, fs};

use counting::{Counts, counting, counts};
use facts::Facts;
use profile::Profile;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--count", linked, counted] => {
            write(counted, counting(&read(linked)?).map_err(|error| format!("{linked}: {error}"))?)
        }
        ["--profile", linked, profile, requests, counters @ ..] => {
            let (facts, kinds) = counted(linked, counters)?;
            print!("{}", profile::table(counters, &kinds, requests.parse()?));
            write(profile, Profile::write(&facts, &kinds))
        }
        ["--functions", linked, requests, counters @ ..] => {
            let (facts, kinds) = counted(linked, counters)?;
            print!("{}", profile::functions(&facts, counters, &kinds, requests.parse()?));
            Ok(())
        }
        [linked, profile, finished] => {
            let text = String::from_utf8(read(profile)?).map_err(|error| format!("{profile}: {error}"))?;
            write(finished, module::finished(&read(linked)?, &text).map_err(|error| format!("{linked}: {error}"))?)
        }
        _ => {
            Err("usage: finish LINKED PROFILE FINISHED | --count LINKED COUNTING | --profile LINKED PROFILE REQUESTS COUNTERS… | --functions LINKED REQUESTS COUNTERS…"
                .into())
        }
    }
}

// The facts of a module, and what was counted in it: a file for each kind of request.
fn counted(linked: &str, counters: &[&str]) -> Result<(Facts, Vec<Vec<Counts>>)> {
    let facts = Facts::of(&read(linked)?).map_err(|error| format!("{linked}: {error}"))?;
    let kinds = counters.iter().map(|file| Ok(counts(&facts, &read(file)?))).collect::<Result<Vec<_>>>()?;
    Ok((facts, kinds))
}

fn read(file: &str) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| format!("{file}: {error}").into())
}

fn write(file: &str, content: impl AsRef<[u8]>) -> Result<()> {
    fs::write(file, content).map_err(|error| format!("{file}: {error}").into())
}
