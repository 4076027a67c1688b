//! Whether the configuration that serves equals the files on disk. KrakenD reads live sources, and the files of `dofile` and
//! `require`, at each run: so each request asks first, and an edit counts from the next request on. Reads only files' stamps.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use tokio::sync::{mpsc, oneshot};

/// Numbers that change when a file changes, or when a file in a folder is added or removed.
#[derive(PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    number: u64,
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self { length: about.len(), modified: about.modified().ok(), number: number(about) }
    }
}

// A different file at the same path has a different number.
#[cfg(unix)]
fn number(about: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

type Known = BTreeMap<PathBuf, Option<Stamp>>;

/// Files as they were when they were last read.
#[derive(Clone, Default)]
pub(super) struct Stamps(Arc<RwLock<Known>>);

impl Stamps {
    /// The same files with their stamps of this moment, taken before the files are read.
    pub(super) fn now(&self) -> Self {
        let stamps = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Self(Arc::new(RwLock::new(stamps.keys().map(|path| (path.clone(), stamp(path))).collect())))
    }

    /// Notes which files have been read, after their stamps were taken `before`; none: the same files as last time.
    pub(super) fn set(&self, files: Option<Vec<PathBuf>>, before: Self) {
        let mut before = std::mem::take(&mut *before.0.write().unwrap_or_else(PoisonError::into_inner));
        let known: Known = match files {
            None => before,
            Some(files) => files
                .into_iter()
                .map(|path| {
                    let stamp = before.remove(&path).unwrap_or_else(|| stamp(&path));
                    (path, stamp)
                })
                .collect(),
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Whether a file has changed since then.
    pub(super) fn are_old(&self) -> bool {
        let stamps = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stamps.iter().any(|(path, known)| stamp(path) != *known)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|about| Stamp::of(&about))
}

/// A request to read the changed files; it is answered when the new configuration serves.
pub(super) type Asked = oneshot::Sender<()>;

/// The check that a connection makes before each of its requests.
#[derive(Clone)]
pub(super) struct Freshness {
    pub(super) stamps: Stamps,
    pub(super) reader: mpsc::UnboundedSender<Asked>,
}

impl Freshness {
    /// Returns when the files on disk have been read. A gateway that is ending does not read them again.
    pub(super) async fn wait(&self) {
        if !self.stamps.are_old() {
            return;
        }
        let (done, told) = oneshot::channel();
        if self.reader.send(done).is_ok() {
            let _ = told.await;
        }
    }
}
