//! The output of a process, read line by line as it comes, and functions that wait for lines. Knows nothing of the process.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// The lines so far. Grows until the process ends.
pub struct Lines {
    shared: Arc<(Mutex<Written>, Condvar)>,
}

#[derive(Default)]
struct Written {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    /// Reads a process' output on a thread of its own.
    pub fn follow(output: impl Read + Send + 'static) -> Self {
        let shared = Arc::new((Mutex::new(Written::default()), Condvar::new()));
        let writing = Arc::clone(&shared);
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = Vec::new();
            while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
                writing.0.lock().unwrap().lines.push(text);
                writing.1.notify_all();
                line.clear();
            }
            writing.0.lock().unwrap().ended = true;
            writing.1.notify_all();
        });
        Self { shared }
    }

    /// Waits for a line that has these words; `None` if the output ends or the time runs out before.
    pub fn wait_for(&self, words: &str, limit: Duration) -> Option<String> {
        self.wait_for_many(words, 1, limit)
    }

    /// Waits until `times` lines have these words, and gives the last of them.
    pub fn wait_for_many(&self, words: &str, times: usize, limit: Duration) -> Option<String> {
        let matching = |written: &Written| {
            let lines = written.lines.iter().filter(|line| line.contains(words));
            lines.cloned().collect::<Vec<_>>()
        };
        let found = |written: &Written| matching(written).into_iter().nth(times.saturating_sub(1));
        let written = self.shared.0.lock().unwrap();
        let wait = |written: &mut Written| !written.ended && found(written).is_none();
        let waited = self.shared.1.wait_timeout_while(written, limit, wait);
        found(&waited.unwrap().0)
    }

    /// Waits until the output has ended.
    pub fn wait_for_end(&self, limit: Duration) -> bool {
        let written = self.shared.0.lock().unwrap();
        self.shared.1.wait_timeout_while(written, limit, |written| !written.ended).unwrap().0.ended
    }

    /// The lines so far.
    pub fn so_far(&self) -> Vec<String> {
        self.shared.0.lock().unwrap().lines.clone()
    }
}
