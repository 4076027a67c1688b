//! Writing a file so that a reader sees the old text or the new text, never half of one. Knows nothing of what is in the file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::Trouble;

/// Puts a text at a path: writes it to another file, then moves that file to the path. `scratch` is the folder for incomplete
/// files, on the same file system; none for the file's own folder. A secret can be read by its owner only, at every moment.
pub(super) fn write(path: &Path, scratch: Option<&Path>, text: &str, secret: bool) -> Result<(), Trouble> {
    let target = real(path)?;
    match fs::metadata(&target) {
        Ok(there) if there.is_dir() => {
            return Err(Trouble::new(format!("{} is a folder: name a file in it", path.display())));
        }
        // A pipe or a device cannot be replaced by moving a file to its path.
        Ok(there) if !there.is_file() => {
            return fs::write(&target, text).map_err(|error| Trouble::file(path, "written", &error));
        }
        _ => {}
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Trouble::new(format!(
            "{} cannot be written: there is no folder {}",
            path.display(),
            folder.display()
        )));
    }
    replace(&target, scratch.unwrap_or(folder), text, secret).map_err(|error| Trouble::file(path, "written", &error))
}

/// The file behind a path. A link stays a link: the file that it leads to is replaced.
fn real(path: &Path) -> Result<PathBuf, Trouble> {
    match path.canonicalize() {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(Trouble::file(path, "written", &error)),
    }
}

fn replace(target: &Path, scratch: &Path, text: &str, secret: bool) -> io::Result<()> {
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let new = scratch.join(format!(".{name}.{}", std::process::id()));
    let written = fill(&new, text, secret).and_then(|()| {
        if !secret && let Ok(old) = fs::metadata(target) {
            fs::set_permissions(&new, old.permissions())?;
        }
        fs::rename(&new, target)
    });
    if written.is_err() {
        let _ = fs::remove_file(&new); // the first error is the one to report
    }
    written
}

fn fill(path: &Path, text: &str, secret: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    if secret {
        let _ = fs::remove_file(path); // a file left by an interrupted run keeps the rights that it was given
        options.create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes a folder in another, and both if need be. The folder around them must exist: a mistyped path creates no new tree.
pub(super) fn make_folder(outer: &Path, inner: &Path) -> Result<(), Trouble> {
    for folder in [outer, inner] {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Trouble::file(folder, "made", &error));
            }
            _ => {}
        }
    }
    Ok(())
}
