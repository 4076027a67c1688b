//! How a subcommand ends.

use std::fmt;
use std::path::Path;

/// It did what it was asked for.
pub(crate) enum Outcome {
    /// Exit code 0: nothing to complain of.
    Clean,
    /// Exit code 1: findings, or cases that failed. They have been printed.
    Findings,
}

/// It could not do it: exit code 2, and one message that says what, where and how to mend it.
#[derive(Debug)]
pub(crate) struct Trouble(String);

impl Trouble {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A file that cannot be read or written: `krakend.json cannot be read: No such file or directory`.
    pub(crate) fn file(path: &Path, done: &str, error: &std::io::Error) -> Self {
        let text = error.to_string();
        let words = text.split(" (os error").next().unwrap_or(&text);
        Self(format!("{} cannot be {done}: {words}", path.display()))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
