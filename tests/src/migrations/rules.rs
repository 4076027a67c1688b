//! Writes an upstream's rules as `lua-modifier run --upstream` reads them. TOML's strings are written like JSON's here.

use std::fmt::Write as _;

use serde_json::Value;

pub(super) fn toml(rules: &[Value]) -> String {
    let mut text = String::new();
    for rule in rules {
        text += "[[upstream]]\n";
        for (key, value) in rule.as_object().unwrap() {
            match value {
                Value::Object(headers) => {
                    let pairs: Vec<String> = headers
                        .iter()
                        .map(|(name, value)| format!("{} = {value}", Value::from(name.as_str())))
                        .collect();
                    writeln!(text, "{key} = {{ {} }}", pairs.join(", ")).unwrap();
                }
                value => writeln!(text, "{key} = {value}").unwrap(),
            }
        }
    }
    text
}
