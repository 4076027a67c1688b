//! The reasons why a file could not be read, as messages.

use std::fmt;
use std::io;

use crate::Trouble;

/// Why a file's text cannot be carried.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// There is no such file; perhaps with a hint where it might be instead.
    Absent(Option<String>),
    /// The name is that of a folder.
    Folder,
    /// The name is that of a pipe or a device.
    Special,
    /// The file lies outside the folders that may be read: how it is reached, and the `--root` that permits it.
    Outside {
        how: String,
        root: String,
    },
    /// The line of the first byte that is not UTF-8.
    Bytes(usize),
    TooLarge,
    /// All files together are too many, or too large.
    TooMuch,
    Other(io::Error),
}

/// The largest number of files that scripts may reach.
pub(super) const FILES: usize = 1000;
/// The largest number of bytes that these files may have together.
pub(super) const BYTES: usize = 16 << 20;
/// The largest size of one script, in bytes.
pub(super) const LARGEST: u64 = 16 << 20;

impl Unreadable {
    /// KrakenD would read this file, or another file in its place: the gateway here would serve something else.
    pub(crate) fn is_fault(&self) -> bool {
        !matches!(self, Self::Absent(_) | Self::Folder | Self::Special)
    }

    /// The message about that file, with the reason and with what can be done.
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
