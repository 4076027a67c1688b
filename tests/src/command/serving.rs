//! `lua-modifier serve` as a process: the tests start it, wait for it, read its output, and end it.

use std::collections::BTreeMap;
use std::process::{self, Child, Command, Stdio};
use std::time::Duration;

use super::command;
use crate::cases::LogLine;
use crate::machine::{Folder, Lines};

/// The longest time that the tests wait for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that runs until it is dropped. Its folder has the document, `krakend.json`.
pub struct Serving {
    child: Child,
    folder: Folder,
    /// The lines about requests, one for each.
    pub served: Lines,
    /// All other lines.
    pub said: Lines,
    /// The port on which it listens.
    pub port: u16,
}

impl Serving {
    /// Serves a document that is alone in its folder; the error is its output before it gave up.
    pub fn start(document: &str, options: &[&str]) -> Result<Self, String> {
        Self::start_among(&BTreeMap::new(), document, options)
    }

    /// The same, with these environment variables in addition to those of the tests.
    pub fn start_among(variables: &BTreeMap<String, String>, document: &str, options: &[&str]) -> Result<Self, String> {
        let folder = Folder::default();
        folder.write("krakend.json", document);
        Self::start_in_among(folder, variables, options)
    }

    /// Serves the document in a folder, with these environment variables in addition to those of the tests.
    pub fn start_in_among(
        folder: Folder,
        variables: &BTreeMap<String, String>,
        options: &[&str],
    ) -> Result<Self, String> {
        Self::launch(folder, variables, options)
    }

    /// Serves the document in a folder.
    pub fn start_in(folder: Folder, options: &[&str]) -> Result<Self, String> {
        Self::launch(folder, &BTreeMap::new(), options)
    }

    fn launch(folder: Folder, variables: &BTreeMap<String, String>, options: &[&str]) -> Result<Self, String> {
        let mut command = command(folder.path());
        command.envs(variables);
        command.args(["serve", "krakend.json"]).args(options);
        Self::by(command, folder)
    }

    /// Serves by a command that lacks only the address to listen on.
    pub fn by(mut command: Command, folder: Folder) -> Result<Self, String> {
        command.args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let served = Lines::follow(child.stdout.take().unwrap());
        let said = Lines::follow(child.stderr.take().unwrap());
        let Some(line) = said.wait_for(" is served on http://127.0.0.1:", PATIENCE) else {
            let _ = child.kill(); // it may have ended by itself
            let _ = child.wait();
            said.wait_for_end(PATIENCE);
            return Err(said.so_far().join("\n"));
        };
        let port = line.rsplit(':').next().unwrap().parse().unwrap();
        Ok(Self { child, folder, served, said, port })
    }

    /// The gateway's folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Waits for words in its output.
    pub fn says(&self, words: &str) -> Option<String> {
        self.said.wait_for(words, PATIENCE)
    }

    /// Waits until its output has had these words `times` times.
    pub fn says_times(&self, words: &str, times: usize) -> bool {
        self.said.wait_for_many(words, times, PATIENCE).is_some()
    }

    /// Waits for words in the lines about requests.
    pub fn tells(&self, words: &str) -> Option<String> {
        self.served.wait_for(words, PATIENCE)
    }

    /// Tells the gateway to end, as a service manager does.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for its end, and gives the exit code.
    pub fn ended(&mut self) -> Option<i32> {
        assert!(self.said.wait_for_end(PATIENCE), "it does not end");
        self.child.wait().unwrap().code()
    }

    /// The lines that the module has logged so far.
    pub fn logged(&self) -> Vec<LogLine> {
        let lines = self.said.so_far();
        let begins = |line: &str| line.starts_with('[') || line.starts_with("lua-modifier: ");
        let records = lines.chunk_by(|_, next| !begins(next)).map(|record| record.join("\n"));
        let line = |record: String| {
            let (level, text) = record.strip_prefix('[')?.split_once("] ")?;
            Some(LogLine { level: level.to_owned(), text: text.to_owned() })
        };
        records.filter_map(line).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}
