//! The Lua files on disk that a document names. Knows names and files, and nothing of what stands in them.

use std::io;
use std::path::Path;

/// Where the files are.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct FileOptions {}

impl FileOptions {
    /// The text of the file that a document calls `name`, relative to a folder.
    pub(super) fn read(&self, name: &str, folder: &Path) -> io::Result<String> {
        std::fs::read_to_string(folder.join(name))
    }
}
