//! `lua-modifier agent` as a process: started, listened to, asked for its numbers, and ended.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::command;
use crate::machine::{Folder, Lines};
use crate::wire::client;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(180);

/// A consumer that runs, until it is dropped. Its folder holds the document, `krakend.json`.
pub struct Consuming {
    child: Child,
    _folder: Folder,
    /// All that it says.
    pub said: Lines,
    admin: u16,
}

impl Consuming {
    /// Consumes the agents of a document; returns when its admin listens.
    pub fn start(document: &Value, options: &[&str]) -> Self {
        Self::start_at("debug", document, options)
    }

    /// The same with fewer lines.
    pub fn start_at(level: &str, document: &Value, options: &[&str]) -> Self {
        let folder = Folder::default();
        folder.write("krakend.json", document.to_string());
        let mut command = command(folder.path());
        command.args(["agent", "krakend.json", "--admin", "127.0.0.1:0", "--log-level", level]).args(options);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Lines::follow(child.stderr.take().unwrap());
        let mut consuming = Self { child, _folder: folder, said, admin: 0 };
        let line = consuming.says("health and metrics are served on http://127.0.0.1:");
        consuming.admin = line.rsplit(':').next().unwrap().parse().unwrap();
        consuming
    }

    /// Waits for words among what it says.
    pub fn says(&self, words: &str) -> String {
        self.says_times(words, 1)
    }

    /// Waits until it has said words so many times.
    pub fn says_times(&self, words: &str, times: usize) -> String {
        let line = self.said.wait_for_many(words, times, PATIENCE);
        line.unwrap_or_else(|| panic!("it does not say {words:?} {times} times:\n{}", self.said.so_far().join("\n")))
    }

    /// Its health: the status, and what it rests on.
    pub fn health(&self) -> (u16, Value) {
        client::get(self.admin, "/__health").unwrap().told()
    }

    /// One of its numbers, of one agent.
    pub fn number(&self, name: &str, agent: &str) -> u64 {
        let text = client::get(self.admin, "/metrics").unwrap().text();
        let begin = format!("lua_modifier_agent_{name}{{agent=\"{agent}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&begin)).unwrap().parse().unwrap()
    }

    /// The same of an agent that is called `orders`.
    pub fn count(&self, name: &str) -> u64 {
        self.number(name, "orders")
    }

    /// Where its admin is.
    pub fn admin(&self) -> u16 {
        self.admin
    }

    /// Tells it to end, as a service manager does.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for its end, and says with which code.
    pub fn ended(&mut self) -> Option<i32> {
        assert!(self.said.wait_for_end(PATIENCE), "it does not end:\n{}", self.said.so_far().join("\n"));
        self.child.wait().unwrap().code()
    }

    /// Kills it, as a machine that fails does.
    pub fn kill(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

impl Drop for Consuming {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let lines = self.said.so_far();
            eprintln!("its last lines:\n{}", lines[lines.len().saturating_sub(12)..].join("\n"));
        }
    }
}
