//! Colours for text that people read, and the one function that prints it: without colours if the output is not a terminal.

use std::fmt::Display;
use std::io::Write;

use clap::builder::styling::{AnsiColor, Style};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

pub(crate) fn bold(text: impl Display) -> String {
    paint(BOLD, text)
}

pub(crate) fn dim(text: impl Display) -> String {
    paint(DIM, text)
}

pub(crate) fn red(text: impl Display) -> String {
    paint(RED, text)
}

pub(crate) fn green(text: impl Display) -> String {
    paint(GREEN, text)
}

pub(crate) fn yellow(text: impl Display) -> String {
    paint(YELLOW, text)
}

/// Prints to standard output. A reader that closes it early (`| head`) is no error.
pub(crate) fn print(text: &str, color: clap::ColorChoice) {
    let choice = match color {
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
    };
    let mut out = anstream::AutoStream::new(std::io::stdout().lock(), choice);
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}
