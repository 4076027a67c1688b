//! What `lua-modifier bundle` puts in front of the module for `security/cors` and `security/http`: taken from what it writes for the
//! configuration of a case. Knows neither block.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::command::{call, yaml};
use crate::machine::Folder;

/// Filters and settings of Envoy's, and what the module is told of them.
pub(super) struct Front {
    /// In their order.
    pub(super) filters: Vec<Value>,
    /// The connection manager's.
    pub(super) manager: Value,
    /// The module's configuration.
    pub(super) configuration: String,
}

impl Front {
    /// Asks the command; an error is why it refuses.
    pub(super) fn of(configuration: &str, key_sets: &BTreeMap<String, String>) -> Result<Self, String> {
        let folder = Folder::default();
        key_sets.iter().for_each(|(name, text)| folder.write(name, text));
        folder.write("krakend.json", configuration);
        let said = call(folder.path(), &["bundle", "krakend.json", "-o", "envoy.yaml"]);
        if said.code != Some(0) {
            return Err(said.err);
        }
        let written = yaml::document(&folder.read("envoy.yaml"));
        let chain = &written["static_resources"]["listeners"][0]["filter_chains"][0];
        let manager = &chain["filters"][0]["typed_config"];
        let all = manager["http_filters"].as_array().unwrap();
        let named =
            |filter: &&Value| filter["name"].as_str().is_some_and(|name| name.starts_with("lua-modifier.front"));
        let module = all.iter().find(|filter| filter["name"] == "lua-modifier").unwrap();
        let bundled = module["typed_config"]["config"]["configuration"]["value"].as_str().unwrap();
        let bundled: Value = serde_json::from_str(bundled).unwrap();
        let mut own: Value = serde_json::from_str(configuration).unwrap();
        let enforced = bundled["extra_config"]["envoy/lua-modifier"]["enforced_by_envoy"].clone();
        own["extra_config"]["envoy/lua-modifier"]["enforced_by_envoy"] = enforced;
        let mut settings = json!({});
        for key in ["local_reply_config", "early_header_mutation_extensions"] {
            if let Some(value) = manager.get(key) {
                settings[key] = value.clone();
            }
        }
        Ok(Self {
            filters: all.iter().filter(named).cloned().collect(),
            manager: settings,
            configuration: own.to_string(),
        })
    }
}
