//! The setting that VMs are started with: the plugin's configuration, its variables, hosts and backends. VMs of one setting are
//! workers of one gateway: they share their data and the connections to backends.

use std::time::{SystemTime, UNIX_EPOCH};

use host_sim::{LogLevel, Settings, Shared};
use serde_json::Value;

use super::backends::Backends;
use super::hosts::{Hosts, Ways};
use crate::document::NAMESPACE;
use crate::environment::Variables;

/// Envoy's `per_connection_buffer_limit_bytes`, and the module's default of `limits.body_bytes`.
const BUFFER_LIMIT: usize = 1024 * 1024;

/// Everything that a VM is started with.
pub(crate) struct Setting {
    configuration: Vec<u8>,
    variables: Variables,
    pub(super) hosts: Hosts,
    pub(super) backends: Backends,
    /// The largest `limits.body_bytes`.
    buffer_limit: usize,
    shared: Shared,
    /// Lines of the module below this level are not shown.
    pub(super) least_level: LogLevel,
}

impl Setting {
    /// The setting for a document, given as text and as value. For a text that is not JSON, the value is null; the module
    /// explains the mistake best.
    pub(crate) fn new(text: &str, json: &Value, variables: &Variables, ways: &Ways) -> Self {
        let buffer_limit = largest_body(json);
        Self {
            configuration: text.as_bytes().to_owned(),
            variables: variables.clone(),
            hosts: Hosts::new(json, ways),
            backends: Backends::new(buffer_limit, ways.proper_case),
            buffer_limit,
            shared: Shared::default(),
            least_level: LogLevel::Trace,
        }
    }

    /// The same setting, which shows only the module's lines from this level on.
    pub(crate) fn logging_from(self, least_level: LogLevel) -> Self {
        Self { least_level, ..self }
    }

    pub(super) fn settings(&self) -> Settings {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut settings = Settings::new(self.configuration.clone()).allow_on_headers_stop_iteration(true);
        settings.environment = self.variables.clone();
        settings.every_cluster = true;
        settings.real_time = true;
        settings.now = now;
        settings.seed = now.as_nanos() as u64;
        settings.buffer_limit = self.buffer_limit;
        settings.plugin_name = "lua-modifier".to_owned();
        settings.vm_id = "lua-modifier".to_owned();
        settings.shared = self.shared.clone();
        settings
    }
}

// The limit that Envoy should have: at least the largest `limits.body_bytes` of the module.
fn largest_body(json: &Value) -> usize {
    let list = |key: &str| json.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let limit = |level: &Value| level.get("extra_config")?.get(NAMESPACE)?.get("limits")?.get("body_bytes")?.as_u64();
    let limits = list("endpoints").iter().chain(list("async_agent")).chain([json]).filter_map(limit);
    limits.filter_map(|limit| usize::try_from(limit).ok()).max().unwrap_or_default().max(BUFFER_LIMIT)
}
