//! The configuration of the agents' listener, made from the plugin's configuration of the endpoints: the parts that an agent's
//! pipeline depends on, and nothing else. Judges nothing.

use serde_json::{Map, Value};

use super::NAMESPACE;

/// The keys of a document that agents inherit, or that distinguish this gateway from others.
const KEYS: [&str; 6] = ["version", "name", "timeout", "host", "port", "async_agent"];
/// The keys of our namespace that concern only endpoints.
const OF_ENDPOINTS: [&str; 4] = ["enforced_by_envoy", "key_ids", "health", "unmatched"];

/// The configuration of the agents' listener; none if there are no agents, or if `ignore` names them.
pub(crate) fn agents_configuration(configuration: &Value) -> Option<Value> {
    let agents = configuration.get("async_agent")?.as_array()?;
    let ours = configuration.get("extra_config").and_then(|extra| extra.get(NAMESPACE)?.as_object());
    let mut ignored = ours.and_then(|ours| ours.get("ignore")?.as_array()).into_iter().flatten();
    if agents.is_empty() || ignored.any(|name| name == "async_agent") {
        return None;
    }
    let mut ours: Map<String, Value> = ours.cloned().unwrap_or_default();
    ours.retain(|key, _| !OF_ENDPOINTS.contains(&key.as_str()));
    ours.insert("listener".to_owned(), "agents".into());
    let kept = KEYS.iter().filter_map(|key| Some(((*key).to_owned(), configuration.get(*key)?.clone())));
    let mut document: Map<String, Value> = kept.collect();
    let extra = [(NAMESPACE.to_owned(), Value::Object(ours))].into_iter().collect();
    document.insert("extra_config".to_owned(), Value::Object(extra));
    Some(Value::Object(document))
}

/// Makes this the configuration of the endpoints, whatever the document says.
pub(crate) fn of_endpoints(configuration: &mut Value) {
    let ours = configuration.get_mut("extra_config").and_then(|extra| extra.get_mut(NAMESPACE)?.as_object_mut());
    if let Some(ours) = ours
        && ours.get("listener").is_some_and(|listener| listener == "agents")
    {
        ours.remove("listener");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_listener_of_agents_has_what_these_need() {
        let ours = json!({"sources": {"a.lua": "x"}, "unmatched": "pass", "key_ids": {}, "strict": true});
        let document = json!({
            "version": 3, "timeout": "1s", "port": 1, "tls": {}, "endpoints": [{}], "async_agent": [{"name": "a"}],
            "extra_config": {"envoy/lua-modifier": ours, "router": {}},
        });
        let ours = json!({"sources": {"a.lua": "x"}, "strict": true, "listener": "agents"});
        let wanted = json!({
            "version": 3, "timeout": "1s", "port": 1, "async_agent": [{"name": "a"}],
            "extra_config": {"envoy/lua-modifier": ours},
        });
        assert_eq!(agents_configuration(&document), Some(wanted));
        let without = |key: &str, value: Value| {
            let mut document = document.clone();
            document[key] = value;
            agents_configuration(&document)
        };
        assert_eq!(without("async_agent", json!([])), None);
        assert_eq!(without("extra_config", json!({"envoy/lua-modifier": {"ignore": ["async_agent"]}})), None);
    }

    #[test]
    fn the_endpoints_are_served_whatever_the_document_says() {
        let mut document = json!({"extra_config": {"envoy/lua-modifier": {"listener": "agents", "strict": true}}});
        of_endpoints(&mut document);
        assert_eq!(document, json!({"extra_config": {"envoy/lua-modifier": {"strict": true}}}));
    }
}
