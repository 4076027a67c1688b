//! Compares JSON bodies by value: key order, white space and the spelling of numbers do not count.

use serde_json::{Map, Value};

use super::message::{is_echo, without_usual};
use super::{Comparison, Scope, number};
use crate::cases::{HeaderLists, header_lists, header_pairs};

impl Comparison<'_> {
    /// Compares two documents, or the values at `scope.pointer` in them.
    pub(super) fn json(&mut self, place: &str, recorded: &Value, actual: &Value, scope: &Scope) {
        let here = format!("{place}{}", scope.pointer.as_deref().unwrap_or_default());
        match (recorded, actual) {
            (Value::Number(one), Value::Number(two)) if number::same(one.as_str(), two.as_str()) => {
                if one.as_str() != two.as_str() {
                    self.note("numtext", &here, one.as_str(), two.as_str());
                }
            }
            (Value::Object(one), Value::Object(two)) if is_echo(one) && is_echo(two) => {
                self.echo(&here, one, two, scope);
            }
            (Value::Object(one), Value::Object(two)) => self.objects(place, one, two, scope),
            (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
                for (i, (one, two)) in one.iter().zip(two).enumerate() {
                    self.json(place, one, two, &scope.at(&i.to_string()));
                }
            }
            (Value::String(one), Value::String(two)) => self.text(&here, one, two, scope),
            (one, two) if one == two => {}
            (one, two) => self.differ(&here, one.to_string(), two.to_string(), scope),
        }
    }

    fn objects(&mut self, place: &str, recorded: &Map<String, Value>, actual: &Map<String, Value>, scope: &Scope) {
        let shown = |value: Option<&Value>| value.map_or("(missing)".to_owned(), Value::to_string);
        let mut keys: Vec<&String> = recorded.keys().chain(actual.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let below = scope.at(key);
            match (recorded.get(key), actual.get(key)) {
                (Some(one), Some(two)) => self.json(place, one, two, &below),
                (one, two) => {
                    let here = format!("{place}{}", below.pointer.as_deref().unwrap_or_default());
                    self.differ(&here, shown(one), shown(two), &below);
                }
            }
        }
    }

    /// Compares two requests that the mock echoes: their headers are compared like those of upstream requests.
    pub(super) fn echo(
        &mut self,
        place: &str,
        recorded: &Map<String, Value>,
        actual: &Map<String, Value>,
        scope: &Scope,
    ) {
        let (one, two) = without_usual(&echoed_headers(recorded), &echoed_headers(actual));
        let rest = |echo: &Map<String, Value>| -> Vec<(String, Value)> {
            echo.iter().filter(|(key, _)| *key != "headers").map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        if one != two || rest(recorded) != rest(actual) {
            let shown = |headers, echo| format!("{:?} {}", headers, Value::Object(Map::from_iter(rest(echo))));
            self.differ(&format!("{place} (echoed request)"), shown(one, recorded), shown(two, actual), scope);
        }
    }
}

fn echoed_headers(echo: &Map<String, Value>) -> HeaderLists {
    header_lists(&header_pairs(&echo["headers"]))
}

impl Scope {
    /// The scope one level down in a JSON document.
    fn at(&self, key: &str) -> Self {
        let above = self.pointer.as_deref().unwrap_or_default();
        let pointer = Some(format!("{above}/{}", key.replace('~', "~0").replace('/', "~1")));
        Self { name: self.name.clone(), pointer }
    }
}
