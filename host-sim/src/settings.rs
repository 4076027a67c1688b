//! Everything that a VM is started with: what Envoy's configuration would say, and the world around it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::abi::LogLevel;
use crate::shared::Shared;

/// How to start a VM. `Settings::default()` is an Envoy with an empty configuration and no clusters.
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
    /// `vm_id`: shared data and queues are found by it.
    pub vm_id: String,
    /// `environment_variables` of the VM, by name.
    pub environment: BTreeMap<String, String>,
    /// The setting of Envoy's `PluginConfig`: off, a pause in headers stops the body callbacks too.
    pub allow_on_headers_stop_iteration: bool,
    /// The clusters that exist on this worker.
    pub clusters: BTreeSet<String>,
    /// Every cluster exists, whatever `clusters` names.
    pub every_cluster: bool,
    /// Those among them that have no healthy host: calls to them fail at once.
    pub unhealthy: BTreeSet<String>,
    /// `per_connection_buffer_limit_bytes`: more than this is not held, the answer is 413 or 500.
    pub buffer_limit: usize,
    /// What the module is told of the host's log level. Lines of every level are in the trace.
    pub log_level: LogLevel,
    /// The time at the start, since the Unix epoch. It goes on only when the driver says so.
    pub now: Duration,
    /// The clock goes on by itself, from `now`: for a driver in real time, who calls [`crate::Sim::catch_up`].
    pub real_time: bool,
    /// What `random_get` begins with.
    pub seed: u64,
    /// How long a callback may run in real time.
    pub callback_limit: Duration,
    /// How much linear memory the module may take; V8 in Envoy allows 1 GiB.
    pub memory_limit: usize,
    /// How long, in simulated time, an exchange waits for a module that waits for nothing but its tick.
    pub patience: Duration,
    /// How many replies one exchange may bring before it counts as one that never ends.
    pub most_replies: usize,
    /// Properties of every stream, by path with dots (`xds.route_name`). They win over the built-in ones.
    pub properties: BTreeMap<String, Vec<u8>>,
    /// Functions of the host beyond the ABI (`proxy_call_foreign_function`), each with its one answer. Calls of them are
    /// in the trace, arguments included.
    pub foreign_functions: BTreeMap<String, Vec<u8>>,
    /// Shared data and queues; give the same to two VMs to make them workers of one Envoy.
    pub shared: Shared,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            configuration: Vec::new(),
            vm_configuration: Vec::new(),
            plugin_name: String::new(),
            root_id: String::new(),
            vm_id: String::new(),
            environment: BTreeMap::new(),
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
