//! The progress of a long run on a terminal: one line that is overwritten again and again, and erased at the end.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_millis(500);
const EACH: Duration = Duration::from_millis(100);

pub(super) struct Progress {
    all: usize,
    done: usize,
    failed: usize,
    begun: Instant,
    shown: Option<Instant>,
    terminal: bool,
}

impl Progress {
    pub(super) fn new(all: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { all, done: 0, failed: 0, begun: Instant::now(), shown: None, terminal }
    }

    pub(super) fn step(&mut self, failed: bool) {
        self.done = self.done.saturating_add(1);
        self.failed = self.failed.saturating_add(usize::from(failed));
        let due = self.shown.map_or(self.begun.elapsed() >= PATIENCE, |shown| shown.elapsed() >= EACH);
        if self.terminal && due {
            self.shown = Some(Instant::now());
            let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
            let mut err = std::io::stderr().lock();
            drop(write!(err, "\r\x1b[K{} of {} cases{failed}", self.done, self.all).and_then(|()| err.flush()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            drop(write!(std::io::stderr().lock(), "\r\x1b[K"));
        }
    }
}
