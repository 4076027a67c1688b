//! `lua-modifier serve` as a process: started, waited for, listened to, and ended.

use std::collections::BTreeMap;
use std::process::{self, Child, Command, Stdio};
use std::time::Duration;

use super::command;
use crate::cases::LogLine;
use crate::machine::{Folder, Lines};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that runs, until it is dropped. Its folder holds the document, `krakend.json`.
pub struct Serving {
    child: Child,
    folder: Folder,
    /// A line for each request.
    pub served: Lines,
    /// Everything else that it says.
    pub said: Lines,
    /// Where it listens.
    pub port: u16,
}

impl Serving {
    /// Serves a document that lies alone in its folder; an error is what it said before it gave up.
    pub fn start(document: &str, options: &[&str]) -> Result<Self, String> {
        Self::start_among(&BTreeMap::new(), document, options)
    }

    /// The same with these environment variables beside those of the tests.
    pub fn start_among(variables: &BTreeMap<String, String>, document: &str, options: &[&str]) -> Result<Self, String> {
        let folder = Folder::default();
        folder.write("krakend.json", document);
        Self::start_in_among(folder, variables, options)
    }

    /// Serves the document that a folder has, with these environment variables beside those of the tests.
    pub fn start_in_among(
        folder: Folder,
        variables: &BTreeMap<String, String>,
        options: &[&str],
    ) -> Result<Self, String> {
        Self::launch(folder, variables, options)
    }

    /// Serves the document that a folder has.
    pub fn start_in(folder: Folder, options: &[&str]) -> Result<Self, String> {
        Self::launch(folder, &BTreeMap::new(), options)
    }

    fn launch(folder: Folder, variables: &BTreeMap<String, String>, options: &[&str]) -> Result<Self, String> {
        let mut command = command(folder.path());
        command.envs(variables);
        command.args(["serve", "krakend.json"]).args(options);
        Self::by(command, folder)
    }

    /// Serves as a call says that lacks only the address to listen on.
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

    /// Its folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Waits for words among what it says.
    pub fn says(&self, words: &str) -> Option<String> {
        self.said.wait_for(words, PATIENCE)
    }

    /// Waits until it has said words so many times.
    pub fn says_times(&self, words: &str, times: usize) -> bool {
        self.said.wait_for_many(words, times, PATIENCE).is_some()
    }

    /// Waits for words among the lines of requests.
    pub fn tells(&self, words: &str) -> Option<String> {
        self.served.wait_for(words, PATIENCE)
    }

    /// Tells it to end, as a service manager does.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for its end, and says with which code.
    pub fn ended(&mut self) -> Option<i32> {
        assert!(self.said.wait_for_end(PATIENCE), "it does not end");
        self.child.wait().unwrap().code()
    }

    /// What the module logged so far.
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
