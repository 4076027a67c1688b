//! `lua-modifier check`: the module's judgement of configurations on disk, the linter's remarks, and where exactly each of them
//! belongs. What is right and wrong in a configuration only the module knows.

mod broken_files;
mod finding;
mod inspection;
mod judge;
mod lua;
mod origin;
mod placing;
mod reduced;
mod report;
mod silenced;
mod texts;

use std::io::Read;
use std::path::{Path, PathBuf};

use super::document::{Reading, Unread, Written};
use super::lua::with_room;
use super::{Common, Outcome, Trouble, module};
use finding::{Finding, Level};
use lua::Names;

#[derive(clap::Args)]
#[command(
    long_about = "Look for mistakes in a configuration and its scripts.\n\n\
        The configuration and the sources that it names (relative to the working directory, as KrakenD reads them) are given to \
        the very module that Envoy loads; what it refuses or warns of is shown with its place. Then each script is read for what \
        compiles and yet goes wrong: globals of another namespace, functions that do not exist here, setters without effect. A \
        comment silences such a rule on its line, or on the line below: -- lua-modifier: allow(rule-name)",
    after_help = "Exit codes: 0 no errors and no warnings (notes may be there), 1 errors or warnings, 2 it could not be done.\n\n\
        Examples:\n  \
        lua-modifier check krakend.json\n  \
        lua-modifier check --format github gateways/*.json    in a workflow: findings show in the diff\n  \
        lua-modifier check --format json - < krakend.json     for other tools"
)]
pub(crate) struct Args {
    /// Configurations of KrakenD; - reads one from standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How findings are written
    #[arg(long, value_enum, default_value = "text")]
    format: report::Format,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    // Scripts may nest deeply, and expressions be long.
    let checked = with_room(|| check(args, common));
    checked.unwrap_or_else(|| Err(Trouble::new("check failed where it should not: please report this")))
}

fn check(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    args.reading.can_read(args.files.len())?;
    let (mut texts, mut troubles, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for file in &args.files {
        match read(file, &args.reading) {
            Ok(written) => texts.push(written),
            Err(Unread::Trouble(trouble)) => troubles.push(trouble),
            Err(Unread::Fault(fault)) => findings.push(Finding::from(*fault)),
        }
    }
    if !texts.is_empty() {
        let module = module::load(common.wasm.as_deref())?;
        let names = Names::read().map_err(|error| Trouble::new(format!("the table of names: {error}")))?;
        for written in texts {
            for finding in inspection::inspect(&module, &names, written, &args.reading)? {
                // Two configurations may share a source.
                if !findings.iter().any(|other: &Finding| other.repeats(&finding)) {
                    findings.push(finding);
                }
            }
        }
    }
    report::print(args.format, common.color, &findings, args.files.len().saturating_sub(troubles.len()))?;
    if let Some(last) = troubles.pop() {
        troubles.iter().for_each(|trouble| eprintln!("lua-modifier: {trouble}"));
        return Err(last);
    }
    let clean = findings.iter().all(|finding| finding.level == Level::Note);
    Ok(if clean { Outcome::Clean } else { Outcome::Findings })
}

/// A configuration's text.
fn read(file: &Path, reading: &Reading) -> Result<Written, Unread> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| Trouble::file(Path::new("standard input"), "read", &error))?;
        return reading.written_as(Path::new("<stdin>"), text);
    }
    reading.written(file)
}
