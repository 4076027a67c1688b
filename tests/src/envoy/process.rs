//! One Envoy process: started, waited for, examined when an answer did not come, and ended. Knows listeners by name, and no
//! cases.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::bootstrap::{PROBE, Served, bootstrap, listeners};
use super::log::Log;
use super::memory::Memory;
use crate::cases::{ClientRequest, list};
use crate::machine::Folder;
use crate::wire::client;

/// A running Envoy.
pub(crate) struct Envoy {
    child: Child,
    folder: Folder,
    pub(crate) log: Log,
    admin: u16,
    ports: HashMap<String, u16>,
    /// Whether the process has died, or its worker hangs.
    lost: AtomicBool,
}

/// The rest of a process that has ended.
pub(crate) struct End {
    /// The whole log.
    pub(crate) log: Log,
    /// The way in which it ended, for a report about a crash.
    pub(crate) reason: String,
}

impl Envoy {
    /// Starts Envoy with these listeners and waits until each is served or refused.
    pub(crate) fn start(binary: &Path, module: &Path, served: &[Served]) -> Result<Self, String> {
        Self::start_with(binary, module, served, 1, "{}", &[])
    }

    /// The same with a number of workers, YAML that is merged into its configuration, and further options.
    pub(crate) fn start_with(
        binary: &Path,
        module: &Path,
        served: &[Served],
        workers: u32,
        yaml: &str,
        options: &[&str],
    ) -> Result<Self, String> {
        let folder = Folder::default();
        let watched = folder.path().join("listeners"); // alone in its folder: Envoy wakes up for every change there
        fs::create_dir_all(&watched).unwrap();
        let (config, lds) = (folder.path().join("envoy.json"), watched.join("lds.json"));
        fs::write(&lds, listeners(served, module).to_string()).unwrap();
        fs::write(&config, bootstrap(served, &lds).to_string()).unwrap();
        let limit = Duration::from_secs(180 + served.len() as u64 / 2); // the machine may be busy with other work
        let workers = workers.to_string();
        let options = [&["--concurrency", &workers, "--config-yaml", yaml][..], options].concat();
        Self::launch(Command::new(binary), &config, folder, limit, &options)
    }

    /// Starts Envoy with a file, and waits until it serves. The folder belongs to it, and is removed with it.
    pub(crate) fn launch(
        mut command: Command,
        config: &Path,
        folder: Folder,
        limit: Duration,
        options: &[&str],
    ) -> Result<Self, String> {
        let admin = folder.path().join("admin");
        let binary = PathBuf::from(command.get_program());
        let child = command
            .arg("-c")
            .arg(config)
            .arg("--admin-address-path")
            .arg(&admin)
            .args(options)
            .arg("--disable-hot-restart")
            .args(["-l", "warning", "--component-log-level", "wasm:info,config:info"]) // config logs when it is up
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|e| format!("{}: {e}", binary.display()))?;
        let log = Log::follow(child.stderr.take().unwrap());
        let mut envoy = Self { child, folder, log, admin: 0, ports: HashMap::new(), lost: AtomicBool::new(false) };
        if envoy.log.wait_for("starting workers", limit).is_none() {
            return Err(format!("Envoy did not start:\n{}", envoy.log.tail()));
        }
        envoy.ask_for_ports(&admin)?;
        Ok(envoy)
    }

    fn ask_for_ports(&mut self, admin: &Path) -> Result<(), String> {
        let address = fs::read_to_string(admin).map_err(|e| format!("Envoy names no admin address: {e}"))?;
        self.admin = address.rsplit(':').next().and_then(|port| port.trim().parse().ok()).ok_or(address)?;
        let response = client::get(self.admin, "/listeners?format=json")?;
        let answer: Value = serde_json::from_slice(&response.body).map_err(|e| e.to_string())?;
        for listener in list(&answer["listener_statuses"]) {
            let port = listener["local_address"]["socket_address"]["port_value"].as_u64().unwrap_or_default();
            self.ports.insert(listener["name"].as_str().unwrap_or_default().to_owned(), port.try_into().unwrap());
        }
        Ok(())
    }

    /// A listener's port, or the reason why it was refused.
    pub(crate) fn port(&self, listener: &str) -> Result<u16, String> {
        match self.log.refusal(listener) {
            Some(reason) => Err(reason),
            None => self.ports.get(listener).copied().ok_or_else(|| "there is no such listener".to_owned()),
        }
    }

    /// Makes Envoy load other listeners. Envoy notices files that are moved to their place.
    pub(crate) fn replace_listeners(&self, served: &[Served], module: &Path) {
        let new = self.folder.path().join("new-listeners.json");
        fs::write(&new, listeners(served, module).to_string()).unwrap();
        fs::rename(&new, self.folder.path().join("listeners/lds.json")).unwrap();
    }

    /// The answer of the admin interface.
    pub(crate) fn admin(&self, path: &str) -> Result<String, String> {
        client::get(self.admin, path).map(|response| response.text())
    }

    /// The time that the process has computed, as Linux counts it.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10) // a hundred ticks a second
    }

    /// One of Envoy's counters or gauges; `None` if Envoy does not know it.
    pub(crate) fn stat(&self, name: &str) -> Option<u64> {
        let text = self.admin(&format!("/stats?filter={name}")).ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.trim().parse().ok())
    }

    /// The memory of the process.
    pub(crate) fn memory(&self) -> Memory {
        Memory::of(self.child.id())
    }

    /// Is Envoy not known to have died or to hang?
    pub(crate) fn is_well(&self) -> bool {
        !self.lost.load(Ordering::SeqCst)
    }

    /// Finds out why an answer did not come: because of the case, or because Envoy is dead or its worker hangs.
    pub(crate) fn examine(&self) {
        let answers = self.ports.get(PROBE).is_some_and(|port| client::get(*port, "/").is_ok());
        if !answers {
            self.lost.store(true, Ordering::SeqCst);
        }
    }

    /// Ends Envoy, and hands over its log.
    pub(crate) fn end(mut self) -> End {
        let reason = match self.child.try_wait() {
            Ok(Some(status)) => format!("Envoy ended with {status}"),
            _ if self.is_well() => "Envoy lost a neighbour".to_owned(),
            _ => "Envoy's worker is stuck".to_owned(),
        };
        if self.is_well() {
            let _ = client::send(self.admin, &ClientRequest::new("POST", "/quitquitquit").body(""));
            self.log.wait_for_end(Duration::from_secs(5));
        }
        self.kill();
        self.log.wait_for_end(Duration::from_secs(5));
        let log = std::mem::replace(&mut self.log, Log::follow(std::io::empty()));
        let reason = format!("{reason}:\n{}", log.tail());
        End { log, reason }
    }

    fn kill(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        self.kill();
    }
}
