//! Everything that a VM is started with: Envoy's configuration, and the world around Envoy.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::abi::LogLevel;
use crate::shared::Shared;

/// The settings of a VM. `Settings::default()` is an Envoy with an empty configuration and no clusters.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The plugin's configuration.
    pub configuration: Vec<u8>,
    /// The VM's configuration.
    pub vm_configuration: Vec<u8>,
    /// `name` of the plugin.
    pub plugin_name: String,
    /// `root_id` of the plugin.
    pub root_id: String,
    /// The variables that `vm_config.environment_variables` gives the VM. The VM has no others.
    pub environment: BTreeMap<String, String>,
    /// `vm_id`, by which shared data and queues are found.
    pub vm_id: String,
    /// The setting of Envoy's `PluginConfig`. If it is off, a pause in headers stops the body callbacks too.
    pub allow_on_headers_stop_iteration: bool,
    /// The clusters that exist on this worker.
    pub clusters: BTreeSet<String>,
    /// Whether every cluster exists, also those that `clusters` does not name.
    pub every_cluster: bool,
    /// The clusters that have no healthy host: calls to them fail at once.
    pub unhealthy: BTreeSet<String>,
    /// `per_connection_buffer_limit_bytes`: a body with more bytes is not held, and the answer is 413 or 500.
    pub buffer_limit: usize,
    /// The log level that the module is told. The trace has lines of every level.
    pub log_level: LogLevel,
    /// The time at the start, since the Unix epoch. It moves only when the driver says so.
    pub now: Duration,
    /// Whether the clock runs by itself, from `now`: for a driver in real time, which calls [`crate::Sim::catch_up`].
    pub real_time: bool,
    /// The seed of `random_get`.
    pub seed: u64,
    /// The longest time that a callback may run, in real time.
    pub callback_limit: Duration,
    /// The most linear memory that the module may have; V8 in Envoy allows 1 GiB.
    pub memory_limit: usize,
    /// How long, in simulated time, an exchange waits for a module that waits only for its tick.
    pub patience: Duration,
    /// The most replies in one exchange; with more, the exchange counts as endless.
    pub most_replies: usize,
    /// Properties of every stream, by path with dots (`xds.route_name`). They win over the built-in properties.
    pub properties: BTreeMap<String, Vec<u8>>,
    /// Functions of the host that are not in the ABI (`proxy_call_foreign_function`), each with its one answer. The trace has
    /// the calls of them, with their arguments.
    pub foreign_functions: BTreeMap<String, Vec<u8>>,
    /// Shared data and queues; VMs with the same value are workers of one Envoy.
    pub shared: Shared,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            configuration: Vec::new(),
            vm_configuration: Vec::new(),
            environment: BTreeMap::new(),
            plugin_name: String::new(),
            root_id: String::new(),
            vm_id: String::new(),
            allow_on_headers_stop_iteration: false,
            clusters: BTreeSet::new(),
            every_cluster: false,
            unhealthy: BTreeSet::new(),
            buffer_limit: 1024 * 1024,
            log_level: LogLevel::Info,
            now: Duration::from_secs(1_700_000_000),
            real_time: false,
            seed: 1,
            callback_limit: Duration::from_secs(10),
            memory_limit: 1 << 30,
            patience: Duration::from_secs(60),
            most_replies: 10_000,
            properties: BTreeMap::new(),
            foreign_functions: BTreeMap::new(),
            shared: Shared::default(),
        }
    }
}

impl Settings {
    /// Settings with this configuration of the plugin.
    pub fn new(configuration: impl Into<Vec<u8>>) -> Self {
        Self { configuration: configuration.into(), ..Self::default() }
    }

    /// Adds a cluster.
    pub fn cluster(mut self, name: &str) -> Self {
        self.clusters.insert(name.to_owned());
        self
    }

    /// Adds a cluster without a healthy host.
    pub fn unhealthy_cluster(mut self, name: &str) -> Self {
        self.unhealthy.insert(name.to_owned());
        self.cluster(name)
    }

    /// Adds an environment variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Offers a foreign function that always gives this answer.
    pub fn foreign_function(mut self, name: &str, answer: impl Into<Vec<u8>>) -> Self {
        self.foreign_functions.insert(name.to_owned(), answer.into());
        self
    }

    /// Sets `allow_on_headers_stop_iteration`.
    pub fn allow_on_headers_stop_iteration(mut self, allow: bool) -> Self {
        self.allow_on_headers_stop_iteration = allow;
        self
    }
}
