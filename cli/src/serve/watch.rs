//! Reports that something in some folders has changed, a moment after the last change. The reader of the files finds out what
//! has changed, and whether it matters.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::Trouble;

/// Saving a file causes several changes. They have ended when no change comes for this long.
const QUIET: Duration = Duration::from_millis(50);

/// A watch on folders.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    changes: mpsc::UnboundedReceiver<()>,
    /// Whether a change was seen and has not been reported yet.
    untold: bool,
}

impl Watch {
    pub(super) fn start() -> Result<Self, Trouble> {
        let (sender, changes) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too.
            if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                let _ = sender.send(());
            }
        });
        let watcher = watcher.map_err(|error| Trouble::new(format!("files cannot be watched: {error}")))?;
        Ok(Self { watcher, watched: BTreeSet::new(), changes, untold: false })
    }

    /// Watches these folders from now on, and returns whether some of them are new.
    pub(super) fn look_at(&mut self, folders: &BTreeSet<PathBuf>) -> Result<bool, Trouble> {
        for gone in self.watched.difference(folders) {
            // The folder may have been deleted.
            let _ = self.watcher.unwatch(gone);
        }
        for folder in folders {
            // A known folder may have been deleted and created again, so it is watched again.
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Err(error) if folder.is_dir() => {
                    return Err(Trouble::new(format!("{} cannot be watched: {error}", folder.display())));
                }
                _ => {} // if the folder is gone, reading its files reports it
            }
        }
        let new = !folders.is_subset(&self.watched);
        self.watched = folders.clone();
        Ok(new)
    }

    /// Waits for a change, and until no more changes come. A cancelled wait loses no change: the next wait reports it.
    pub(super) async fn changed(&mut self) {
        if !self.untold && self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.untold = true;
        while let Ok(Some(())) = timeout(QUIET, self.changes.recv()).await {}
        self.untold = false;
    }
}
