//! A JSON object as the bytes of a `google.protobuf.Struct`, in which numbers are doubles.

use std::collections::BTreeMap;

use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct};
use serde_json::{Map, Value};

/// The bytes of the object; `None` if a number is too large for a double.
pub fn structure(object: &Map<String, Value>) -> Option<Vec<u8>> {
    of_object(object).map(|structure| structure.encode_to_vec())
}

/// The bytes of `Metadata { key: object }`: a message with one map from a text to structures, with one entry.
pub fn keyed(key: &str, object: &Map<String, Value>) -> Option<Vec<u8>> {
    // Such a map is encoded like a list of entries, each with a text and a message.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Metadata {
        #[prost(btree_map = "string, message", tag = "1")]
        structures: BTreeMap<String, Struct>,
    }
    let structures = BTreeMap::from([(key.to_owned(), of_object(object)?)]);
    Some(Metadata { structures }.encode_to_vec())
}

fn of_object(object: &Map<String, Value>) -> Option<Struct> {
    let fields = object.iter().map(|(key, value)| Some((key.clone(), of_value(value)?)));
    Some(Struct { fields: fields.collect::<Option<_>>()? })
}

fn of_value(value: &Value) -> Option<prost_types::Value> {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::Number(number) => Kind::NumberValue(number.as_f64().filter(|number| number.is_finite())?),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(list) => Kind::ListValue(ListValue { values: list.iter().map(of_value).collect::<Option<_>>()? }),
        Value::Object(object) => Kind::StructValue(of_object(object)?),
    };
    Some(prost_types::Value { kind: Some(kind) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_written_as_protobuf_has_it() {
        let json: Value = serde_json::from_str(r#"{"a": [1.5, null], "b": {"c": "d", "e": true}}"#).unwrap();
        let bytes = structure(json.as_object().unwrap()).unwrap();
        let read = Struct::decode(bytes.as_slice()).unwrap();
        let Some(Kind::ListValue(list)) = &read.fields["a"].kind else { panic!() };
        assert_eq!(list.values[0].kind, Some(Kind::NumberValue(1.5)));
        assert_eq!(list.values[1].kind, Some(Kind::NullValue(0)));
        let huge =
            Value::Object(Map::from_iter([("n".to_owned(), serde_json::from_str("1e400").unwrap_or(Value::Null))]));
        assert!(structure(huge.as_object().unwrap()).is_none() || huge["n"].is_null());
    }
}
