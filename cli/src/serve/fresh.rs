//! Whether what serves is what lies on disk now. KrakenD reads live sources, and the files of `dofile` and `require`, at each
//! run: so each request asks before it is served, and an edit holds for the next one. Knows files by their stamps alone.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use tokio::sync::{mpsc, oneshot};

/// What changes with a file, or with a folder when a file comes or goes.
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

// Another file in its place has another number.
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
    /// The same files as they are now, to be read next.
    pub(super) fn now(&self) -> Self {
        let stamps = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Self(Arc::new(RwLock::new(stamps.keys().map(|path| (path.clone(), stamp(path))).collect())))
    }

    /// These have been read, since they were looked at `before`; none: the same as last time.
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

    /// Whether one is no longer as it was.
    pub(super) fn are_old(&self) -> bool {
        let stamps = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stamps.iter().any(|(path, known)| stamp(path) != *known)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|about| Stamp::of(&about))
}

/// Asked to read what has changed; told when that serves.
pub(super) type Asked = oneshot::Sender<()>;

/// What a connection asks before each of its requests.
#[derive(Clone)]
pub(super) struct Freshness {
    pub(super) stamps: Stamps,
    pub(super) reader: mpsc::UnboundedSender<Asked>,
}

impl Freshness {
    /// Returns when what serves is what lies on disk. A gateway that ends reads nothing anew.
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
