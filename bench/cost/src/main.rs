//! `make cost`: instructions and allocations of one exchange, natively, compared with the kept figures. Must not know
//! wasmtime or Envoy, so that it is built in a minute and gives the same figures in every run.
//!
//!   cost compare FILE     prints the figures beside those of FILE; ends with 1 if one is too far above
//!   cost keep FILE        writes FILE anew
//!   cost play JOB COUNT   plays exchanges, and prints how often they allocated; measure.rs starts this

mod comparison;
mod measure;
mod play;
mod record;
mod system;

use std::error::Error;
use std::fs;
use std::process::ExitCode;

use cost::jobs::Job;

use comparison::Comparison;
use play::Player;
use record::Record;

/// Every error ends the program, and people read it.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match words[..] {
        ["compare", file] => compare(file),
        ["keep", file] => keep(file),
        ["play", job, count] => play(job, count),
        _ => Err("usage: cost compare FILE | keep FILE | play JOB COUNT".into()),
    };
    ended.unwrap_or_else(|trouble| {
        eprintln!("cost: {trouble}");
        ExitCode::from(2)
    })
}

fn compare(file: &str) -> Result<ExitCode> {
    let kept = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let (kept, measured) = (Record::read(&kept)?, measure::measure()?);
    let comparison = Comparison { kept: &kept, measured: &measured };
    print!("{}", comparison.table());
    if !comparison.is_fair() {
        println!(
            "Not judged: {file} was made by {}; this by {}.",
            kept.compilers.join("; "),
            measured.compilers.join("; ")
        );
        return Ok(ExitCode::SUCCESS);
    }
    let complaints = comparison.complaints();
    if complaints.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    complaints.iter().for_each(|line| eprintln!("cost: {line}"));
    eprintln!("cost: if this is worth it, `make cost KEEP=1` keeps the new figures");
    Ok(ExitCode::FAILURE)
}

fn keep(file: &str) -> Result<ExitCode> {
    let text = measure::measure()?.markdown();
    fs::write(file, &text).map_err(|error| format!("{file}: {error}"))?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn play(job: &str, count: &str) -> Result<ExitCode> {
    let job = Job::named(job).ok_or_else(|| format!("no job {job}"))?;
    let player = Player::new(job)?;
    let before = system::allocations();
    player.play(count.parse()?)?;
    println!("{}", system::allocations() - before);
    Ok(ExitCode::SUCCESS)
}
