//! The configuration from outside: documents in, values, warnings and errors out.

mod agents;
mod api_keys;
mod beside_lua;
mod bots;
mod broken;
mod front;
mod martian;
mod migration;
mod rates;
mod routing;
mod validator;
mod values;
mod warnings;

use serde_json::{Value, json};

use super::{Configuration, read};

/// A document with one endpoint, changed at some places (JSON pointers; a missing last key is added).
fn document(changes: &[(&str, Value)]) -> Value {
    let mut document = json!({
        "version": 3,
        "endpoints": [{"endpoint": "/t/{id}", "backend": [{"host": ["http://api"], "url_pattern": "/b/{id}"}]}]
    });
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let (parent, key) = (document.pointer_mut(parent).unwrap(), key.replace("~1", "/"));
        match parent {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[key] = value.clone(),
        }
    }
    document
}

fn read_changed(changes: &[(&str, Value)]) -> Configuration {
    read(document(changes).to_string().as_bytes()).unwrap()
}

fn complaint(changes: &[(&str, Value)]) -> String {
    read(document(changes).to_string().as_bytes()).map(|_| ()).unwrap_err().to_string()
}
