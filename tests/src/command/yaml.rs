//! Reads YAML as JSON, with another parser than the code that writes it.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

/// Every document of a text.
pub fn documents(text: &str) -> Vec<Value> {
    let read = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("not YAML: {error}\n{text}"));
    read.iter().map(json).collect()
}

/// The one document of a text.
pub fn document(text: &str) -> Value {
    let mut all = documents(text);
    assert_eq!(all.len(), 1, "one document");
    all.remove(0)
}

fn json(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(flag)) => Value::Bool(*flag),
        Yaml::Value(Scalar::Integer(number)) => Value::Number((*number).into()),
        Yaml::Value(Scalar::FloatingPoint(number)) => {
            Number::from_f64(number.into_inner()).map_or(Value::Null, Value::Number)
        }
        Yaml::Value(Scalar::String(text)) => Value::String(text.clone().into_owned()),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let Value::String(key) = json(key) else { panic!("{key:?} is no text") };
                assert!(map.insert(key.clone(), json(value)).is_none(), "{key} stands there twice");
            }
            Value::Object(map)
        }
        other => panic!("not expected in our files: {other:?}"),
    }
}
