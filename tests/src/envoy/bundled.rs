//! Envoy with a configuration from outside: started with it, or only asked whether it accepts it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process::Envoy;
use crate::built::file_from_env;
use crate::machine::Folder;

/// An Envoy that runs until it is dropped.
pub struct Bundled(Envoy);

impl Bundled {
    /// Starts the newest Envoy with this bootstrap; returns when it serves.
    pub fn start(bootstrap: &Path) -> Self {
        Self::start_as("ENVOY", bootstrap)
    }

    /// Starts the Envoy that a variable names.
    pub fn start_as(variable: &str, bootstrap: &Path) -> Self {
        let binary = file_from_env(variable).unwrap();
        Self::launch(Command::new(binary), bootstrap)
    }

    /// Starts the newest Envoy, with these variables in its environment.
    pub fn start_with(bootstrap: &Path, environment: &BTreeMap<String, String>) -> Self {
        let mut command = Command::new(file_from_env("ENVOY").unwrap());
        command.envs(environment);
        Self::launch(command, bootstrap)
    }

    /// Starts the Envoy that a variable names, with this number of workers.
    pub fn start_with_workers(variable: &str, bootstrap: &Path, workers: u32) -> Self {
        let binary = file_from_env(variable).unwrap();
        Self::launch_with(Command::new(binary), bootstrap, workers)
    }

    fn launch(command: Command, bootstrap: &Path) -> Self {
        Self::launch_with(command, bootstrap, 1)
    }

    fn launch_with(command: Command, bootstrap: &Path, workers: u32) -> Self {
        let workers = workers.to_string();
        let options = ["--concurrency", workers.as_str()];
        Self(Envoy::launch(command, bootstrap, Folder::default(), Duration::from_secs(90), &options).unwrap())
    }

    /// The port of a listener.
    pub fn port(&self, listener: &str) -> u16 {
        self.0.port(listener).unwrap()
    }

    /// The answer of Envoy's admin interface.
    pub fn admin(&self, path: &str) -> String {
        self.0.admin(path).unwrap()
    }

    /// All lines of Envoy's log so far.
    pub fn said(&self) -> Vec<String> {
        self.0.log.lines()
    }

    /// Waits for a line in Envoy's log that has these words.
    pub fn logs(&self, words: &str) -> Option<String> {
        self.0.log.wait_for(words, Duration::from_secs(20))
    }
}

/// Asks an Envoy whether it would start with a bootstrap; if not, its log says why.
pub fn validate(bootstrap: &Path) -> Result<(), String> {
    let binary = file_from_env("ENVOY").unwrap();
    let mut command = Command::new(binary);
    command.args(["--mode", "validate", "-l", "warning", "-c"]).arg(bootstrap);
    let output = command.output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
