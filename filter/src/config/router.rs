//! The namespace `router`: how KrakenD's router reads paths and methods, and its answers if no endpoint fits. Knows no
//! endpoint.

use serde_json::Value;

use super::migration;
use super::notices::Notices;
use super::plugin::{Plugin, Unmatched};
use super::reader::{Node, Result, quoted};

/// The settings of `router`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Router {
    /// Is a path redirected if it lacks a slash at its end, or has one too many?
    pub redirects_slashes: bool,
    /// Is a path redirected if only its dots, doubled slashes or case are wrong?
    pub redirects_spellings: bool,
    /// Is a known path with another method answered with 405?
    pub refuses_methods: bool,
    /// Does an endpoint serve paths with dots and doubled slashes, too?
    pub cleans_paths: bool,
    /// Is `OPTIONS` answered for every path?
    pub answers_options: bool,
    /// Are parameters refused that could be decoded once more?
    pub checks_params: bool,
    /// The path of the health check, if there is one.
    pub health: Option<String>,
    /// Whether errors have a body.
    pub return_error_msg: bool,
    /// The body of a 404, as JSON.
    pub not_found: Option<String>,
    /// The body of a 405, as JSON.
    pub not_allowed: Option<String>,
}

impl Default for Router {
    fn default() -> Self {
        Self {
            redirects_slashes: true,
            redirects_spellings: true,
            refuses_methods: true,
            cleans_paths: false,
            answers_options: false,
            checks_params: true,
            health: Some("/__health".to_owned()),
            return_error_msg: false,
            not_found: None,
            not_allowed: None,
        }
    }
}

pub(super) fn read(node: &Node<'_>, plugin: &Plugin, notices: &mut Notices) -> Result<Router> {
    notices.check_keys(node, migration::ROUTER)?;
    let health = node.text_at("health_path")?.filter(|path| !path.is_empty());
    let disabled = |key: &str| node.flag_at(key).map(|flag| !flag);
    let mut router = Router {
        redirects_slashes: disabled("disable_redirect_trailing_slash")?,
        redirects_spellings: disabled("disable_redirect_fixed_path")?,
        refuses_methods: disabled("disable_handle_method_not_allowed")?,
        cleans_paths: node.flag_at("remove_extra_slash")?,
        answers_options: node.flag_at("auto_options")?,
        checks_params: disabled("disable_path_decoding")?,
        health: if node.flag_at("disable_health")? { None } else { health.or(Router::default().health) },
        return_error_msg: node.flag_at("return_error_msg")?,
        not_found: None,
        not_allowed: None,
    };
    if let (Some(path), Some(at)) = (&router.health, node.get("health_path"))
        && !path.starts_with('/')
    {
        return Err(at.error(format!("{} must begin with \"/\"", quoted(path))));
    }
    if let Some(bodies) = node.get("error_body") {
        bodies.entries()?.for_each(drop); // fails if it is no object
        router.not_allowed = bodies.get("405").map(|body| go_json(body.value()));
        if let Some(body) = bodies.get("404") {
            router.not_found = Some(go_json(body.value()));
            if plugin.unmatched == Unmatched::Pass {
                notices.warn(
                    &body,
                    "is not served: what meets no endpoint goes on along Envoy's routes, unless \"unmatched\" is \"answer\" in envoy/lua-modifier"
                        .to_owned(),
                );
            }
        }
    }
    Ok(router)
}

// The value as Go's encoder writes it: keys in order, whole numbers without a fraction, and HTML's characters escaped.
fn go_json(value: &Value) -> String {
    let mut text = settled(value).to_string();
    for (letter, escape) in
        [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")]
    {
        text = text.replace(letter, escape);
    }
    text
}

fn settled(value: &Value) -> Value {
    match value {
        Value::Number(number) => whole(number.as_f64().unwrap_or_default()).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => items.iter().map(settled).collect(),
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Value::Object(entries.into_iter().map(|(key, item)| (key.clone(), settled(item))).collect())
        }
        other => other.clone(),
    }
}

fn whole(number: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)] // the line below checks the range
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_written_as_go_writes_them() {
        let table = [
            (json!({"b": 1.0, "a": [1e3, 1.5, null]}), r#"{"a":[1000,1.5,null],"b":1}"#),
            (json!("<b>&\u{2028}"), r#""\u003cb\u003e\u0026\u2028""#),
        ];
        for (value, text) in table {
            assert_eq!(go_json(&value), text);
        }
    }
}
