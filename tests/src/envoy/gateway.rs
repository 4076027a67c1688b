//! One Envoy with one plugin, for tests of events while it serves: other settings, another configuration, a client that leaves.
//! Knows no cases.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::bootstrap::Served;
use super::memory::Memory;
use super::process::Envoy;
use crate::built::{file_from_env, module_from_env};
use crate::cases::LogLine;

const NAME: &str = "gateway";

/// The settings of a gateway.
pub struct Gateway {
    /// The KrakenD document.
    pub configuration: Value,
    /// The clusters: name and `host:port`; a cluster without an address has no host.
    pub clusters: Vec<(String, String)>,
    /// `allow_on_headers_stop_iteration`.
    pub body_while_headers_are_held: bool,
    /// The number of workers.
    pub workers: u32,
    /// YAML that is merged into Envoy's own configuration.
    pub yaml: String,
    /// Further options of Envoy's command line.
    pub options: &'static [&'static str],
    /// Additional settings of the connection manager.
    pub manager: Value,
    /// The plugin's settings for a worker whose VM has died.
    pub when_it_fails: Value,
    /// The variable that names the Envoy.
    pub envoy: &'static str,
    /// The module; `None` for the one that `LUA_MODIFIER_WASM` names.
    pub module: Option<PathBuf>,
}

/// A gateway that runs until it is dropped.
pub struct Running {
    envoy: Envoy,
    port: u16,
    start: Gateway,
}

impl Gateway {
    /// The settings as in `envoy.yaml`.
    pub fn new(configuration: Value, clusters: &[(&str, &str)]) -> Self {
        let clusters = clusters.iter().map(|(name, authority)| ((*name).to_owned(), (*authority).to_owned())).collect();
        Self {
            configuration,
            clusters,
            body_while_headers_are_held: true,
            workers: 1,
            yaml: "{}".to_owned(),
            options: &[],
            manager: json!({}),
            when_it_fails: fails_closed(),
            envoy: "ENVOY",
            module: None,
        }
    }

    /// Starts the gateway and waits until it serves.
    pub fn start(self) -> Running {
        let served = [self.served()];
        let (binary, module) = (file_from_env(self.envoy).unwrap(), self.module());
        let envoy = Envoy::start_with(&binary, &module, &served, self.workers, &self.yaml, self.options).unwrap();
        let port = envoy.port(NAME).unwrap();
        Running { envoy, port, start: self }
    }

    fn module(&self) -> PathBuf {
        self.module.clone().unwrap_or_else(|| module_from_env().unwrap())
    }

    fn served(&self) -> Served {
        Served {
            listener: NAME.into(),
            configuration: self.configuration.to_string(),
            clusters: self.clusters.clone(),
            environment: BTreeMap::new(),
            body_while_headers_are_held: self.body_while_headers_are_held,
            in_front: Vec::new(),
            manager: self.manager.clone(),
            when_it_fails: self.when_it_fails.clone(),
        }
    }
}

/// From the failure on, every request is answered with 503, which a test can see.
pub(crate) fn fails_closed() -> Value {
    json!({"failure_policy": "FAIL_CLOSED"})
}

impl Running {
    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for a line in Envoy's log that has these words.
    pub fn logs(&self, words: &str) -> Option<String> {
        self.envoy.log.wait_for(words, Duration::from_secs(10))
    }

    /// The lines that the plugin has logged so far.
    pub fn said(&self) -> Vec<LogLine> {
        self.envoy.log.said(NAME)
    }

    /// Makes Envoy load another configuration.
    pub fn replace(&mut self, configuration: Value) {
        self.start.configuration = configuration;
        self.envoy.replace_listeners(&[self.start.served()], &self.start.module());
    }

    /// The answer of Envoy's admin interface.
    pub fn admin(&self, path: &str) -> String {
        self.envoy.admin(path).unwrap()
    }

    /// One of Envoy's counters or gauges; `None` if Envoy does not know it.
    pub fn stat(&self, name: &str) -> Option<u64> {
        self.envoy.stat(name)
    }

    /// The memory of the process.
    pub fn memory(&self) -> Memory {
        self.envoy.memory()
    }

    /// The time that the process has computed so far.
    pub fn cpu(&self) -> Duration {
        self.envoy.cpu()
    }
}
