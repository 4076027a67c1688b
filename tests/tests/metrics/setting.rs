//! An Envoy that makes labels as `envoy.yaml` does, a worker in host-sim, and configurations to count in. Knows no test.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use host_sim::{Module, Settings, Sim};
use serde_json::{Value, json};
use tests::built::module_from_env;
use tests::cases::Response;
use tests::envoy::{Gateway, Running};
use tests::upstreams::{RawAnswer, Server};
use tests::wire::client;

static ENVOY_YAML: &str = include_str!("../../../envoy/envoy.yaml");

/// The part of envoy.yaml that makes labels.
fn stats_config() -> String {
    let from = ENVOY_YAML.find("\nstats_config:\n").unwrap() + 1;
    let block = ENVOY_YAML[from..].lines().take_while(|line| !line.is_empty());
    block.collect::<Vec<_>>().join("\n")
}

pub(crate) fn document(endpoints: Value, ours: Value) -> Value {
    let mut plugin = json!({"clusters": {"http://api": "api"}});
    plugin.as_object_mut().unwrap().extend(ours.as_object().unwrap().clone());
    json!({
        "version": 3, "timeout": "3s", "endpoints": endpoints,
        "extra_config": {"router": {"return_error_msg": true}, "envoy/lua-modifier": plugin},
    })
}

pub(crate) fn backend(script: Option<&str>) -> Value {
    let extra = script.map_or(json!({}), |script| json!({"modifier/lua-backend": {"pre": script}}));
    json!({"host": ["http://api"], "url_pattern": "/x", "extra_config": extra})
}

pub(crate) fn endpoint(path: &str, level: &str, block: Value) -> Value {
    json!({"endpoint": path, "backend": [backend(None)], "extra_config": {format!("modifier/lua-{level}"): block}})
}

/// An Envoy, and the upstream behind it.
pub(crate) struct Setting {
    pub(crate) envoy: Running,
    _upstream: Server,
    _turn: MutexGuard<'static, ()>,
}

/// Lets one Envoy of these tests run at a time: several start slowly beside each other.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) fn start(configuration: Value, workers: u32) -> Setting {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let upstream = Server::start(Box::new(|_| RawAnswer::json("{\"a\": 1}")));
    let gateway = Gateway::new(configuration, &[("api", upstream.authority().as_str())]);
    // Envoy shows histograms after it has merged its workers' parts, here often.
    let yaml = format!("{}\nstats_flush_interval: 0.1s\n", stats_config());
    // An old configuration drains for ten minutes, unless Envoy is given another time.
    let options: &[&str] = &["--drain-time-s", "1"];
    Setting { envoy: Gateway { workers, yaml, options, ..gateway }.start(), _upstream: upstream, _turn: turn }
}

impl Setting {
    pub(crate) fn get(&self, path: &str) -> Response {
        client::get(self.envoy.port(), path).unwrap()
    }

    /// The filter's counters and gauges, without the prefix that all of them have.
    pub(crate) fn stats(&self) -> BTreeMap<String, u64> {
        let text = self.envoy.admin("/stats?filter=lua_modifier&type=Counters")
            + &self.envoy.admin("/stats?filter=lua_modifier&type=Gauges");
        let values = text.lines().filter_map(|line| line.strip_prefix("wasmcustom.lua_modifier.")?.split_once(": "));
        values.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
    }

    /// Looks again until the condition is true: there is no fixed time for ticks.
    pub(crate) fn eventually(
        &self,
        what: &str,
        is_so: impl Fn(&BTreeMap<String, u64>) -> bool,
    ) -> BTreeMap<String, u64> {
        for _ in 0..500 {
            let stats = self.stats();
            if is_so(&stats) {
                return stats;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{what}: {:#?}", self.stats());
    }
}

pub(crate) fn of(stats: &BTreeMap<String, u64>, name: &str) -> u64 {
    stats.get(name).copied().unwrap_or_default()
}

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::load(module_from_env().unwrap()).unwrap());

pub(crate) fn worker(configuration: &Value) -> Sim {
    let settings = Settings::new(configuration.to_string()).allow_on_headers_stop_iteration(true).cluster("api");
    Sim::start(&MODULE, settings).unwrap()
}
