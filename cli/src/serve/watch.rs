//! Tells when something in some folders has changed, a moment after the last change. What has changed, and whether it
//! matters, is for whoever reads the files to say.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::Trouble;

/// A save is several changes: they are over when none comes for so long.
const QUIET: Duration = Duration::from_millis(50);

/// A look at folders.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    changes: mpsc::UnboundedReceiver<()>,
    /// A change has been seen that nobody was told of.
    untold: bool,
}

impl Watch {
    pub(super) fn start() -> Result<Self, Trouble> {
        let (sender, changes) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // To read the files is an event, too.
            if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                let _ = sender.send(());
            }
        });
        let watcher = watcher.map_err(|error| Trouble::new(format!("files cannot be watched: {error}")))?;
        Ok(Self { watcher, watched: BTreeSet::new(), changes, untold: false })
    }

    /// Looks at these folders from now on, and says whether there are new ones.
    pub(super) fn look_at(&mut self, folders: &BTreeSet<PathBuf>) -> Result<bool, Trouble> {
        for gone in self.watched.difference(folders) {
            // It may have been deleted.
            let _ = self.watcher.unwatch(gone);
        }
        for folder in folders {
            // One that is known may have been made anew under its name.
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Err(error) if folder.is_dir() => {
                    return Err(Trouble::new(format!("{} cannot be watched: {error}", folder.display())));
                }
                _ => {} // what is gone is missed when it is read
            }
        }
        let new = !folders.is_subset(&self.watched);
        self.watched = folders.clone();
        Ok(new)
    }

    /// Waits for a change, and until it is over. A wait that is given up can be taken up again.
    pub(super) async fn changed(&mut self) {
        if !self.untold && self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.untold = true;
        while let Ok(Some(())) = timeout(QUIET, self.changes.recv()).await {}
        self.untold = false;
    }
}
