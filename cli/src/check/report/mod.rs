//! How findings are written: for people, for programs, for GitHub's workflows.

mod github;
mod json;
mod text;

use std::io::Write;

use super::finding::{Finding, Level};
use crate::Trouble;

/// The formats.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Format {
    /// As a compiler does, with the line itself
    Text,
    /// One document: {"findings": [{"rule", "level", "message", "help", "file", "line", "column", "end_line", "end_column"}],
    /// "files", "errors", "warnings", "notes"}; lines and columns count from 1, and are null where there is none
    Json,
    /// Workflow commands, which GitHub shows in a diff
    Github,
}

/// The number of findings of each level.
struct Counts {
    files: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

/// Writes findings to standard output.
pub(super) fn print(
    format: Format,
    color: clap::ColorChoice,
    findings: &[Finding],
    files: usize,
) -> Result<(), Trouble> {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings, notes) = (count(Level::Error), count(Level::Warning), count(Level::Note));
    let counts = Counts { files, errors, warnings, notes };
    let text = match format {
        Format::Text => text::written(findings, &counts),
        Format::Json => json::written(findings, &counts),
        Format::Github => github::written(findings),
    };
    let choice = match color {
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
    };
    let mut out = anstream::AutoStream::new(std::io::stdout(), choice);
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that closes the pipe has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| Trouble::new(format!("the findings cannot be written: {error}"))),
    }
}
