//! Where the repository's own files are.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The folder of the cases.
pub fn cases() -> PathBuf {
    root().join("tests/cases")
}
