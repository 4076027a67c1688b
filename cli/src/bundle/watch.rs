//! `--watch`: watches the document and its sources as long as the command runs, and writes the files that a change affects.
//! Watches folders, because editors put a new file in the place of an old one; the texts tell whether something changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::super::Trouble;
use super::super::document::Document;
use super::output::Output;
use super::{Bundler, Job, Made, complete, tell_refusal};

/// An editor's save is several events: when none has come for this time, the save is complete.
const QUIET: Duration = Duration::from_millis(30);
/// The longest wait for quiet: after it the files are read even if they are still being written.
const LONGEST: Duration = Duration::from_secs(1);

type Events = Receiver<notify::Result<Event>>;

/// Writes again at every change. Ends only with an error.
pub(super) fn forever(bundler: &Bundler<'_>, job: &Job<'_>, document: Document, output: Output) -> Result<(), Trouble> {
    let (tell, events) = channel();
    let watcher = notify::recommended_watcher(move |event| {
        let _ = tell.send(event); // if there is no listener any more, it has ended
    });
    let mut folders = Folders { watcher: watcher.map_err(|error| not_watched(&error))?, watched: BTreeSet::new() };
    let mut work = Work { bundler, job, seen: Ok(document.read()), output: Some(output) };
    work.look(&mut folders)?; // something may have changed before the folders were watched
    eprintln!("watching {} and its sources", job.document.display());
    loop {
        wait(&events)?;
        work.look(&mut folders)?;
    }
}

/// The texts that were last read, and the output that was last written.
struct Work<'a> {
    bundler: &'a Bundler<'a>,
    job: &'a Job<'a>,
    seen: Result<Texts, String>,
    /// None if the contents of the files are not known.
    output: Option<Output>,
}

/// The texts that were read, by name.
type Texts = Vec<(String, Option<String>)>;

impl Work<'_> {
    /// Reads all texts again, and tries them if they differ from the last ones.
    fn look(&mut self, folders: &mut Folders) -> Result<(), Trouble> {
        let reading = &self.bundler.args.reading;
        let mut read = reading.document(self.job.document);
        // In a folder that was not yet watched, something may have changed after it was read.
        while folders.follow(read.as_ref().ok(), reading.folders())? {
            read = reading.document(self.job.document);
        }
        let seen = read.as_ref().map(Document::read).map_err(ToString::to_string);
        if seen == self.seen {
            return Ok(());
        }
        self.seen = seen;
        if let Err(trouble) = read.and_then(|document| self.renew(&document)) {
            eprintln!("lua-modifier: {trouble}\nwhat was written before stays");
        }
        Ok(())
    }

    fn renew(&mut self, document: &Document) -> Result<(), Trouble> {
        match self.bundler.make(complete(document)?, self.job.output.as_deref())? {
            Made::Refused(reasons) => tell_refusal(document, &reasons),
            Made::Output(output) => {
                let written = output.write(self.output.take().as_ref())?;
                written.iter().for_each(|path| eprintln!("wrote {}", path.display()));
                self.output = Some(output);
            }
        }
        Ok(())
    }
}

struct Folders {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

impl Folders {
    /// Watches the folders of this document, its files and its templates, and nothing else; without a document, the folders of
    /// the last one. Returns whether there are folders that were not watched before.
    fn follow(&mut self, document: Option<&Document>, templates: BTreeSet<PathBuf>) -> Result<bool, Trouble> {
        let mut wanted = templates;
        match document {
            Some(document) => {
                // A link may be changed, and so may the file that it leads to.
                let files = document
                    .disk()
                    .flat_map(|file| [Some(folder_of(file)), file.canonicalize().ok().map(|real| folder_of(&real))]);
                wanted.extend(files.flatten().chain(document.lua.folders.iter().cloned()));
            }
            None => wanted.extend(self.watched.iter().filter(|folder| folder.is_dir()).cloned()),
        }
        for old in self.watched.difference(&wanted) {
            let _ = self.watcher.unwatch(old); // the folder may be gone
        }
        for folder in &wanted {
            // Known folders are watched again, too: a folder may have been removed and made again under its name.
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Err(error) if folder.is_dir() => return Err(not_watched(&error)),
                _ => {} // a missing folder is noticed when its files are read
            }
        }
        let new = !wanted.is_subset(&self.watched);
        self.watched = wanted;
        Ok(new)
    }
}

/// The folder of a file, or the nearest folder above it that exists.
fn folder_of(file: &Path) -> PathBuf {
    let there = file.ancestors().skip(1).find(|folder| folder.is_dir());
    there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Returns when something has changed and no further event comes.
fn wait(events: &Events) -> Result<(), Trouble> {
    let mut changes = Changes::default();
    while !changes.any {
        changes.note(events.recv().map_err(|_| Trouble::new("files are no longer watched"))?);
    }
    let began = Instant::now();
    loop {
        // A file that is being written may hold half of its text, or nothing.
        let patience = if changes.open.is_empty() { QUIET } else { LONGEST };
        let left = LONGEST.saturating_sub(began.elapsed());
        match events.recv_timeout(patience.min(left)) {
            Ok(event) if !left.is_zero() => changes.note(event),
            _ => return Ok(()),
        }
    }
}

/// The sum of the events so far.
#[derive(Default)]
struct Changes {
    any: bool,
    /// Files that were written to and are not closed yet, on systems that tell this.
    open: BTreeSet<PathBuf>,
}

impl Changes {
    fn note(&mut self, event: notify::Result<Event>) {
        let Ok(event) = event else {
            self.any = true; // a missed event may be a change
            return;
        };
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                self.open.retain(|open| !event.paths.contains(open));
            }
            EventKind::Access(_) => return, // for example, this command's own reading
            EventKind::Modify(ModifyKind::Data(_)) if cfg!(target_os = "linux") => self.open.extend(event.paths),
            _ => {}
        }
        self.any = true;
    }
}

fn not_watched(error: &notify::Error) -> Trouble {
    Trouble::new(format!("files cannot be watched: {error}"))
}
