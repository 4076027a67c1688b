//! The ways in which a subcommand can end.

use std::fmt;
use std::path::Path;

/// The result of a subcommand that did its work.
pub(crate) enum Outcome {
    /// Exit code 0: there are no complaints.
    Clean,
    /// Exit code 1: there are findings, or failed cases. They have been printed.
    Findings,
}

/// The reason why a subcommand could not do its work: exit code 2, and one message that says what is wrong, where, and how to
/// fix it.
#[derive(Debug)]
pub(crate) struct Trouble(String);

impl Trouble {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The error about a file that cannot be read or written: `krakend.json cannot be read: No such file or directory`.
    pub(crate) fn file(path: &Path, done: &str, error: &std::io::Error) -> Self {
        Self(format!("{} cannot be {done}: {}", path.display(), words(error)))
    }

    /// The error about an address that cannot be listened on, with the option that gives another one.
    pub(crate) fn listener(address: &str, error: &std::io::Error, option: &str) -> Self {
        Self(format!("cannot listen on {address}: {}. Choose another place with {option}", words(error)))
    }
}

// The words of an error, without the number that the system gives it.
fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
