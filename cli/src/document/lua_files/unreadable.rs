//! The reasons why a file could not be read, as messages.

use std::fmt;
use std::io;

use crate::Trouble;

/// Why a file has no text that could be carried.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// There is no such file; with the places where it might be instead.
    Absent(Option<String>),
    /// It is a folder.
    Folder,
    /// A pipe, a device.
    Special,
    /// It leads out of the folders that may be read: how, and the `--root` that lets it.
    Outside {
        how: String,
        root: String,
    },
    /// Its first byte that is no UTF-8 stands in this line.
    Bytes(usize),
    TooLarge,
    /// All files together are too many, or too large.
    TooMuch,
    Other(io::Error),
}

/// So many files scripts may reach,
pub(super) const FILES: usize = 1000;
/// and so many bytes these may have.
pub(super) const BYTES: usize = 16 << 20;
/// No script is larger than this, in bytes.
pub(super) const LARGEST: u64 = 16 << 20;

impl Unreadable {
    /// KrakenD would read this file, or another one in its place: the gateway here would serve something else.
    pub(crate) fn is_fault(&self) -> bool {
        !matches!(self, Self::Absent(_) | Self::Folder | Self::Special)
    }

    /// That file with its reason, and what can be done.
    pub(crate) fn trouble(&self, name: &str) -> Trouble {
        let help = self.help().map_or_else(String::new, |help| format!(" ({help})"));
        Trouble::new(format!("{name} cannot be read: {self}{help}"))
    }

    /// What can be done.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Absent(elsewhere) => elsewhere.clone(),
            Self::Bytes(_) => Some(
                "a configuration is JSON, which carries text only: save the file as UTF-8, or as \\ddd escapes"
                    .to_owned(),
            ),
            Self::Outside { root, .. } => {
                Some(format!("files are read from the working directory; --root {root} adds a folder"))
            }
            _ => None,
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The last two are names that no file can have.
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename => Self::Absent(None),
            io::ErrorKind::IsADirectory => Self::Folder,
            _ => Self::Other(error),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(_) => f.write_str("No such file or directory"),
            Self::Folder => f.write_str("Is a directory"),
            Self::Special => f.write_str("it is a device or a pipe, and no file"),
            Self::Outside { how, .. } => f.write_str(how),
            Self::Bytes(line) => write!(f, "line {line} is not UTF-8"),
            Self::TooLarge => write!(f, "it is larger than {} MiB", LARGEST >> 20),
            Self::TooMuch => {
                write!(f, "all files that scripts reach are more than {FILES}, or more than {} MiB", BYTES >> 20)
            }
            Self::Other(error) => {
                let text = error.to_string();
                f.write_str(text.split(" (os error").next().unwrap_or(&text))
            }
        }
    }
}
