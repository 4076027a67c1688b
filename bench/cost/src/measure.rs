//! The figures of the jobs, and the compilers behind them. Each figure comes from a process of its own that plays one job
//! in this program, so that no job finds what another left. Valgrind counts instructions; the difference of two runs
//! leaves out the start of the program and the loading of the configuration.

use std::env;
use std::process::Command;

use cost::jobs::{JOBS, Job};

use crate::Result;
use crate::record::{Cost, Record};

const FEW: u64 = 100;
const MANY: u64 = 300;
const COUNTED: u64 = 1000;

/// Measures all jobs.
pub(crate) fn measure() -> Result<Record> {
    let mut jobs = Vec::new();
    for job in &JOBS {
        let instructions = instructions(job, MANY)?.saturating_sub(instructions(job, FEW)?) / (MANY - FEW);
        jobs.push((job.name.to_owned(), Cost { instructions, allocations: allocations(job)? }));
    }
    Ok(Record { compilers: compilers(), jobs })
}

fn allocations(job: &Job) -> Result<u64> {
    let (printed, _) = run(playing(&mut Command::new(env::current_exe()?), job, COUNTED))?;
    Ok(printed.trim().parse::<u64>()? / COUNTED)
}

fn instructions(job: &Job, count: u64) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(env::current_exe()?);
    let (_, said) = run(playing(&mut valgrind, job, count))?;
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, figure) = collected.ok_or_else(|| format!("valgrind gives no figure:\n{said}"))?;
    Ok(figure.trim().parse()?)
}

/// Adds the arguments that make this program play a job.
fn playing<'a>(command: &'a mut Command, job: &Job, count: u64) -> &'a mut Command {
    command.args(["play", job.name, &count.to_string()]);
    // The environment lies above the stack: another environment would move addresses, and Lua seeds its hashes with an address.
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin")
}

/// Runs a command that must succeed: its standard output and its standard error.
fn run(command: &mut Command) -> Result<(String, String)> {
    let ended = command.output().map_err(|error| {
        format!("{:?} does not start ({error}): please install what Debian calls valgrind", command.get_program())
    })?;
    let (printed, said) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    if !ended.status.success() {
        return Err(format!("{command:?} failed:\n{said}").into());
    }
    Ok((printed.into_owned(), said.into_owned()))
}

/// The compiler of Rust, and the compiler and library of Lua's C: with others, the same source becomes other instructions.
fn compilers() -> Vec<String> {
    let cc = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let rustc = first_line("rustc", &["--version"]);
    vec![
        format!("{rustc}, {}", env::consts::ARCH),
        first_line(&cc, &["--version"]),
        first_line("getconf", &["GNU_LIBC_VERSION"]),
    ]
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let printed = Command::new(program).args(arguments).output().map(|ended| ended.stdout).unwrap_or_default();
    String::from_utf8_lossy(&printed).lines().next().map_or_else(|| format!("an unknown {program}"), str::to_owned)
}
