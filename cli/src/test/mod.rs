//! `lua-modifier test`: unit tests for scripts. `file` and `expect` define how tests are written, `pool` plays them, `judge`
//! compares results with expectations, and the other files report to people and tools.

mod coverage;
mod expect;
mod file;
mod find;
mod help;
mod judge;
mod junit;
mod lines;
mod pool;
mod progress;
mod report;
mod update;

use std::path::PathBuf;
use std::time::Instant;

use super::document::Reading;
use super::environment::Given;
use super::play::{Conditions, Player, Watching};
use super::{Common, Outcome, Trouble, module, paint};
use coverage::Coverage;
use file::TestFile;
use judge::Mismatch;
use pool::{Place, Played};

/// Which tests, and what to make of them.
#[derive(clap::Args)]
#[command(after_help = help::TEXT)]
pub(crate) struct Args {
    /// Folders with *.test.toml in them, or such files
    #[arg(required = true, value_name = "DIR")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
    /// Only cases with this in their name or in their file's
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
    /// Write what came out into the expectations that differ
    #[arg(long)]
    update: bool,
    /// Show which lines of the scripts have run
    #[arg(long)]
    coverage: bool,
    /// Write the same of Lua files for tools
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Write a report for CI systems
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// The number of cases with each kind of result.
#[derive(Default)]
struct Totals {
    passed: usize,
    failed: usize,
    broken: usize,
    updated: usize,
    left_out: usize,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    let begun = Instant::now();
    let paths = find::files(&args.paths)?;
    let files = paths.iter().map(|path| TestFile::read(path, &args.reading)).collect::<Result<Vec<_>, _>>()?;
    let module = module::load(common.wasm.as_deref())?;
    let watching = if args.coverage || args.lcov.is_some() { Watching::Lines } else { Watching::Events };
    args.given.of_one_of(files.iter().map(|file| &file.document))?;
    let ready = |file| ready(file, &args.given, &module, watching);
    let players = files.iter().map(ready).collect::<Result<Vec<_>, _>>()?;
    let cases = wanted(&files, args.filter.as_deref())?;
    let played = pool::play(&files, &players, &cases, args.conditions);

    let mut totals = count(&played, args.update);
    totals.left_out = files.iter().map(|file| file.cases.len()).sum::<usize>().saturating_sub(played.len());
    let mut out = String::new();
    for (index, file) in files.iter().enumerate() {
        let own: Vec<&Played> = played.iter().filter(|played| played.place.0 == index).collect();
        if args.update {
            write_anew(file, &own)?;
        }
        if !own.is_empty() {
            out += &report::of_file(file, &own, args.update);
        }
    }
    out += &report::summary(&totals, begun.elapsed().as_secs_f64());
    if let Some(path) = &args.junit {
        junit::write(path, &files, &played)?;
    }
    if watching == Watching::Lines {
        out += &covered(args, &files, &played)?;
    }
    paint::print(&out, common.color);
    match (totals.broken, totals.failed) {
        (0, 0) => Ok(Outcome::Clean),
        (0, _) => Ok(Outcome::Findings),
        (broken, _) => Err(Trouble::new(format!("{broken} of the cases could not be played"))),
    }
}

/// The player of a file, after a check that the module accepts the file's document.
fn ready<'a>(
    file: &'a TestFile,
    given: &Given,
    module: &'a host_sim::Module,
    watching: Watching,
) -> Result<Player<'a>, Trouble> {
    let of_file = |trouble: Trouble| Trouble::new(format!("{}: {trouble}", file.path.display()));
    let mut variables = given.among(&file.document);
    variables.extend(file.variables.clone());
    let player = Player::new(module, &file.document, variables, watching).map_err(of_file)?;
    player.check().map_err(of_file)?;
    Ok(player)
}

fn wanted(files: &[TestFile], filter: Option<&str>) -> Result<Vec<Place>, Trouble> {
    let mut places = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let path = file.path.display().to_string();
        let fits = |name: &str| filter.is_none_or(|filter| name.contains(filter) || path.contains(filter));
        let fitting = file.cases.iter().enumerate().filter(|(_, case)| fits(&case.name));
        places.extend(fitting.map(|(case, _)| (index, case)));
    }
    match (places.is_empty(), filter) {
        (true, Some(filter)) => Err(Trouble::new(format!("no case has `{filter}` in its name or in its file's"))),
        _ => Ok(places),
    }
}

fn count(played: &[Played], updating: bool) -> Totals {
    let mut totals = Totals::default();
    for played in played {
        let counter = match &played.outcome {
            Err(_) => &mut totals.broken,
            Ok((_, found)) if found.is_empty() => &mut totals.passed,
            Ok((_, found)) if updating && found.iter().all(Mismatch::can_be_recorded) => &mut totals.updated,
            Ok(_) => &mut totals.failed,
        };
        *counter = counter.saturating_add(1);
    }
    totals
}

fn write_anew(file: &TestFile, played: &[&Played]) -> Result<(), Trouble> {
    let found = played.iter().filter_map(|played| {
        let (_, found) = played.outcome.as_ref().ok()?;
        Some((played.place.1, found.as_slice())).filter(|(_, found)| found.iter().any(Mismatch::can_be_recorded))
    });
    let found: Vec<_> = found.collect();
    if found.is_empty() { Ok(()) } else { update::update(file, &found) }
}

fn covered(args: &Args, files: &[TestFile], played: &[Played]) -> Result<String, Trouble> {
    let mut coverage = Coverage::default();
    files.iter().for_each(|file| coverage.know(file));
    for played in played {
        if let (Some(file), Ok((story, _))) = (files.get(played.place.0), &played.outcome) {
            coverage.count(file, story);
        }
    }
    if let Some(path) = &args.lcov {
        coverage.write_lcov(path)?;
    }
    Ok(if args.coverage { coverage.text() } else { String::new() })
}
