//! `lua-modifier check`: the module's judgement of configurations on disk, the linter's remarks, and the exact place of each.
//! Only the module knows what is right and wrong in a configuration.

mod broken_files;
mod finding;
mod inspection;
mod judge;
mod lua;
mod migration;
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

pub(crate) use lua::{Member, Names, Object, Stage, Told};

#[derive(clap::Args)]
#[command(
    long_about = "Look for mistakes in a configuration and its scripts.\n\n\
        The configuration and the sources that it names (relative to the working directory, as KrakenD reads them) are given to \
        the very module that Envoy loads; what it refuses or warns of is shown with its place. Then each script is read for what \
        compiles and yet goes wrong: globals of another namespace, functions that do not exist here, setters without effect. A \
        comment silences such a rule on its line, or on the line below: -- lua-modifier: allow(rule-name)\n\n\
        With --migration the question is another: what becomes of each namespace and each key of a document that served KrakenD, \
        also of one that the module refuses. Each is exact, by Envoy, approximate, not needed, by hand, lost, or ignored, with \
        words on what to do.",
    after_help = "Exit codes: 0 no errors and no warnings (notes may be there), 1 errors or warnings, 2 it could not be done. With \
        --migration: 0 nothing is by hand or lost, 1 something is.\n\n\
        Examples:\n  \
        lua-modifier check krakend.json\n  \
        lua-modifier check --format github gateways/*.json    in a workflow: findings show in the diff\n  \
        lua-modifier check --format json - < krakend.json     for other tools\n  \
        lua-modifier check --migration krakend.json           before a move from KrakenD\n\n\
        JSON of --migration: {\"documents\": [{\"file\", \"counts\": {\"exact\", \"by_envoy\", \"approximate\", \"not_needed\", \
        \"by_hand\", \"lost\", \"ignored\"}, \"complete\", \"service\": {\"rows\"}, \"endpoints\": [{\"method\", \"endpoint\", \"line\", \
        \"rows\"}], \"agents\": [{\"agent\", \"line\", \"rows\"}], \"scripts\": {\"rows\"}}]}; a row is {\"name\", \"called\", \"state\", \"words\", \"path\", \"backend\", \"file\", \"line\", \
        \"column\", \"keys\": [those inside that share its state]}."
)]
pub(crate) struct Args {
    /// Configurations of KrakenD; - reads one from standard input
    #[arg(required_unless_present = "table", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Say what becomes of everything in the configuration: exact, by Envoy, approximate, not needed, by hand, lost
    #[arg(long)]
    migration: bool,
    /// Print the whole table of --migration as Markdown, for no configuration
    #[arg(long, requires = "migration", conflicts_with = "files")]
    table: bool,
    /// How findings are written
    #[arg(long, value_enum, default_value = "text")]
    format: report::Format,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    // Scripts may nest deeply, and expressions may be long.
    let checked = with_room(|| check(args, common));
    checked.unwrap_or_else(|| Err(Trouble::new("check failed where it should not: please report this")))
}

fn check(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    if args.table {
        crate::paint::print(&migration::table(), common.color);
        return Ok(Outcome::Clean);
    }
    args.reading.can_read(args.files.len())?;
    let (mut texts, mut troubles, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for file in &args.files {
        match read(file, &args.reading) {
            Ok(written) => texts.push(written),
            Err(Unread::Trouble(trouble)) => troubles.push(trouble),
            Err(Unread::Fault(fault)) => findings.push(Finding::from(*fault)),
        }
    }
    if args.migration {
        return migration::run(texts, (troubles, findings), args, common);
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
    told(troubles)?;
    let clean = findings.iter().all(|finding| finding.level == Level::Note);
    Ok(if clean { Outcome::Clean } else { Outcome::Findings })
}

/// Prints all troubles but the last, and returns the last, which ends the command.
fn told(mut troubles: Vec<Trouble>) -> Result<(), Trouble> {
    let Some(last) = troubles.pop() else { return Ok(()) };
    troubles.iter().for_each(|trouble| eprintln!("lua-modifier: {trouble}"));
    Err(last)
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
